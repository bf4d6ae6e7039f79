"""What stands in the body of a webhook: an event as systems of others need it, and what has become of it.

As little of people as will do: experts by the slug that the API knows them by, never a name, an address, a telephone
number, the words of an answer, or a link by which somebody could act; and no meeting link.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.events.lifecycle import OFF, ON
from eventsvc.domain.events.models import Event, Status, Visibility
from eventsvc.domain.events.promises import location_of
from eventsvc.domain.webhooks.models import Happening

# Status, time and place of an event, JSON-ready: what `happened` compares, and what a body says under `was`.
Known = Mapping[str, Any]


def known_of(event: Event) -> Known:
    """Status, time and place as they are now; rooms are those that are sure."""
    return {
        "status": str(event.status),
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "all_day": event.all_day,
        "zone": event.zone,
        "campus": event.campus.slug if event.campus else None,
        "rooms": sorted(room.slug for room in event.sure_rooms),
        "is_online": bool(event.online_url),
    }


def facts_of(event: Event) -> dict[str, Any]:
    """An event as it stands in every body that is about one."""
    return {
        "id": str(event.public_id),
        "version": event.version,
        **known_of(event),
        "kind": str(event.kind),
        "title": event.title,
        "starts_local": event.starts_local.isoformat(timespec="minutes") if event.starts_local else None,
        "starts_on": event.starts_on.isoformat(),
        "days": event.days,
        "location": location_of(event),
        "office": event.owner.slug,
        "series": str(event.series.public_id) if event.series else None,
        "is_public": event.visibility is Visibility.PUBLIC and event.published_at is not None,
    }


def happened(was: Known, known: Known) -> list[Happening]:
    """What has become of an event between the two; drafts are nobody's affair.

    What comes back after it was called off is created anew; what was put off is moved and confirmed again.
    """
    before, after = Status(was["status"]), Status(known["status"])
    confirmed = [Happening.CONFIRMED] if after is Status.CONFIRMED and before is not after else []
    if after is Status.DRAFT:
        return []
    if after in OFF and after is not before:
        return [Happening.CANCELLED] if before is not Status.DRAFT else []
    if after in ON and (before is Status.DRAFT or (before in OFF and before is not Status.POSTPONED)):
        return [Happening.CREATED, *confirmed]
    is_moved = any(was[name] != known[name] for name in known if name != "status")
    return [*([Happening.MOVED] if is_moved else []), *confirmed]


def body_of(kind: str, at: datetime, **data: Any) -> str:
    """The body itself: JSON in ASCII without spaces, so that it is the same bytes wherever it is kept."""
    said = {"type": kind, "timestamp": iso(at), "data": data}
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"))
