"""Say what stands against a booking, in facts and in words, as far as the asker may know.

Runs after the refusal has rolled back; it reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.core.times import Span, iso, to_wall
from eventsvc.domain.accounts import Actor, may_see
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.models import Event, Visibility


def explain(clashes: Sequence[Clash], *, actor: Actor) -> list[dict[str, Any]]:
    """Each clash as JSON-ready facts: resource, kind, the wanted and the busy span, what it collides with, and why."""
    ids = {clash.event_id for clash in clashes if clash.event_id is not None}
    events = {event.id: event for event in db.session.scalars(select(Event).where(Event.id.in_(ids)))}
    return [_explained(clash, events, actor) for clash in clashes]


def _explained(clash: Clash, events: dict[int, Event], actor: Actor) -> dict[str, Any]:
    resource = db.session.get_one(Resource, clash.resource.id)
    thing = resource.thing
    zone = thing.campus.zone if isinstance(thing, Room) else thing.zone
    holder = events.get(clash.event_id) if clash.event_id is not None else None
    place = db.session.get(Campus, clash.place_id) if clash.place_id is not None else None
    shown = _holder(holder, place, actor) if holder else None
    known = dict(clash.facts)
    return {
        "resource": {
            "type": "room" if isinstance(thing, Room) else "expert",
            "slug": thing.slug,
            "name": thing.name,
        },
        "kind": str(clash.kind),
        "wanted": _span(clash.wanted, zone),
        "busy": _span(clash.busy, zone) if clash.busy else None,
        "with": shown,
        **known,
        # Where somebody is says something about an event that the asker may not know.
        "detail": _sentence(clash, thing.name, zone, place if shown and shown["event"] else None, known),
    }


def _span(span: Span, zone: str) -> dict[str, str]:
    return {
        "from": iso(span.start),
        "until": iso(span.end),
        "from_local": to_wall(span.start, zone).isoformat(timespec="minutes"),
        "until_local": to_wall(span.end, zone).isoformat(timespec="minutes"),
        "zone": zone,
    }


def _holder(event: Event, place: Campus | None, actor: Actor) -> dict[str, Any]:
    """Who holds the resource; the title and the place only for those who may see the event."""
    is_seen = may_see(
        actor,
        is_public=event.visibility == Visibility.PUBLIC,
        is_published=event.published_at is not None,
    )
    return {
        "event": str(event.public_id) if is_seen else None,
        "title": event.title if is_seen else None,
        "status": str(event.status) if is_seen else None,
        "campus": place.slug if place and is_seen else None,
        "office": event.owner.name,
    }


_LIMITS = {
    "day": say("%(name)s comes at most %(limit)s times a day and is booked %(booked)s."),
    "week": say("%(name)s comes at most %(limit)s times a week and is booked %(booked)s."),
}
_WEEKDAYS = [say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun")]
_MONTHS = [
    *(say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun")),
    *(say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec")),
]


def _hours(span: Span, zone: str) -> str:
    """ "Mon Feb 8, 2027, 12:30–14:00", so that another language can put it in its own order."""
    begins, ends = to_wall(span.start, zone), to_wall(span.end, zone)
    return say(
        "%(weekday)s %(month)s %(day)s, %(year)s, %(begins)s–%(ends)s",
        weekday=_WEEKDAYS[begins.weekday()],
        month=_MONTHS[begins.month - 1],
        day=begins.day,
        year=begins.year,
        begins=f"{begins:%H:%M}",
        ends=f"{ends:%H:%M}",
    )


def _sentence(clash: Clash, name: str, zone: str, place: Campus | None, known: dict[str, Any]) -> str:
    if clash.kind is ClashKind.CAPACITY:
        return say("%(name)s seats %(capacity)s; %(expected_heads)s are expected.", name=name, **known)
    if clash.kind is ClashKind.LIMIT:
        message = _LIMITS[known["per"]]
        return say(message, name=name, limit=known["limit"], booked=known["booked"])
    assert clash.busy is not None
    busy = _hours(clash.busy, zone)
    if clash.kind is ClashKind.TRAVEL:
        where = place.name if place else say("another place")
        return say(
            "%(name)s is at %(place)s %(busy)s; the way takes %(travel_minutes)s minutes and %(gap_minutes)s are left.",
            **{"name": name, "place": where, "busy": busy, **known},
        )
    return say("%(name)s is taken %(busy)s.", name=name, busy=busy)
