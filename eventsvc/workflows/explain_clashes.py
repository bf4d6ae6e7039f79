"""Say what stands against a booking, in facts and in words, as far as the asker may know.

Runs after the refusal has rolled back; it reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.times import Span, iso, to_wall
from eventsvc.domain.accounts import Actor, may_plan, sight_of
from eventsvc.domain.booking.asks import Thing
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event
from eventsvc.workflows.clash_sentences import sentence


def explain(clashes: Sequence[Clash], *, actor: Actor) -> list[dict[str, Any]]:
    """Each clash as JSON-ready facts: resource, kind, the wanted and the busy span, what it collides with, and why."""
    ids = {clash.event_id for clash in clashes if clash.event_id is not None}
    query = select(Event, permits.is_seen(sight_of(actor))).where(Event.id.in_(ids)).options(joinedload(Event.owner))
    holders = {event.id: (event, bool(is_seen)) for event, is_seen in db.session.execute(query)} if ids else {}
    told = clashes if may_plan(actor) else [_without_foreign_title(clash) for clash in clashes]
    return [_explained(clash, holders) for clash in told]


def _without_foreign_title(clash: Clash) -> Clash:
    """What an outside calendar calls its entries is for planners."""
    facts = dict(clash.facts)
    if facts.get("as_of") is None:
        return clash
    return replace(clash, facts=tuple((facts | {"title": ""}).items()))


def _explained(clash: Clash, holders: Mapping[int, tuple[Event, bool]]) -> dict[str, Any]:
    thing = clash.thing
    holder = holders.get(clash.event_id) if clash.event_id is not None else None
    place = db.session.get(Campus, clash.place_id) if clash.place_id is not None else None
    zone = _zone_of(thing, place)
    shown = _holder(*holder, place) if holder else None
    known = {name: _plain(value) for name, value in clash.facts}
    return {
        "resource": {
            "type": type(thing).__name__.lower(),
            "slug": thing.slug,
            "name": thing.name,
        },
        "part": {"slug": clash.part.slug, "name": clash.part.name} if clash.part else None,
        "kind": str(clash.kind),
        "wanted": _span(clash.wanted, zone),
        "busy": _span(clash.busy, zone) if clash.busy else None,
        "with": shown,
        **known,
        # Where somebody is says something about an event that the asker may not know.
        "detail": sentence(clash, zone, place if shown and shown["event"] else None),
    }


def _zone_of(thing: Thing, place: Campus | None) -> str:
    """Whose clock a clash is told by: a room's campus's, a person's own, and that of the place for what has none."""
    if isinstance(thing, Room | Pool):
        place = thing.campus or place
        return place.zone if place else "UTC"
    return thing.zone


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _span(span: Span, zone: str) -> dict[str, str]:
    return {
        "from": iso(span.start),
        "until": iso(span.end),
        "from_local": to_wall(span.start, zone).isoformat(timespec="minutes"),
        "until_local": to_wall(span.end, zone).isoformat(timespec="minutes"),
        "zone": zone,
    }


def _holder(event: Event, is_seen: bool, place: Campus | None) -> dict[str, Any]:
    """Who holds the resource; the title and the place only for those who may see the event."""
    return {
        "event": str(event.public_id) if is_seen else None,
        "title": event.title if is_seen else None,
        "status": str(event.status) if is_seen else None,
        "campus": place.slug if place and is_seen else None,
        "office": event.owner.name,
    }
