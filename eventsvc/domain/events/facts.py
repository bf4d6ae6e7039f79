"""An event as plain facts: what a letter needs to be rendered later from its own row alone."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.events.models import Event


def when_and_where(event: Event) -> dict[str, Any]:
    """The part of the facts by which people find it; instants are RFC 3339 in UTC beside the zone of the promise."""
    campus = event.campus
    return {
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "zone": event.zone,
        "all_day": event.all_day,
        "starts_on": event.starts_on.isoformat(),
        "days": event.days,
        "campus": None
        if campus is None
        else {
            "name": campus.name,
            "address": campus.address,
            "city": " ".join(part for part in (campus.city, campus.postal_code) if part),
        },
        "rooms": [room.name for room in event.sure_rooms],
        "closed_rooms": [room.name for room in event.sure_rooms if room.retired_on is not None],
        "awaits_room": bool(event.requested_rooms),
        "online_url": event.online_url,
    }


def facts_of(event: Event) -> dict[str, Any]:
    """JSON-ready facts of an event as it is now."""
    found_by = when_and_where(event)
    if event.campus is not None:
        found_by["campus"]["parking"] = event.campus.parking
    return {
        "id": str(event.public_id),
        "kind": str(event.kind),
        "title": event.title,
        **found_by,
        "equipment": [{"name": one.pool.name, "quantity": one.quantity} for one in event.equipment],
        "host": {
            "name": event.owner.name,
            "organization": event.owner.organization.name,
            "mailbox": event.owner.mailbox,
            "telephone": event.owner.telephone,
        },
        "audience": event.audience,
        "topics": [topic.name for topic in event.topics],
        "expected_heads": event.expected_heads,
    }
