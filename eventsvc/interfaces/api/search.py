"""Search over JSON: events and rooms for everybody, people and pools for those who plan."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.events.models import Event
from eventsvc.domain.search.folding import LONGEST_QUESTION
from eventsvc.domain.search.models import Kind
from eventsvc.interfaces import found, paging, requests
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.entry_schemas import FullExpertSchema, PoolSchema, RoomSchema
from eventsvc.interfaces.found import Thing
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.schemas import EventSchema
from eventsvc.interfaces.shown import list_facts

blueprint = Blueprint("search", __name__, url_prefix="/api/v1/search", description="Finding by words")


class SearchQuery(PageSchema):
    """What to look for, and among what."""

    q = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_QUESTION),
        metadata={"description": "Words; each must begin a word of what is found", "example": "port careers"},
    )
    kind = fields.Enum(Kind, by_value=True, metadata={"description": "Only these; `expert` and `pool` need the token"})


class HitSchema(Schema):
    """Something found: one of `event`, `room`, `expert` and `pool` is there."""

    kind = fields.Enum(Kind, by_value=True)
    event = fields.Nested(EventSchema)
    room = fields.Nested(RoomSchema)
    expert = fields.Nested(FullExpertSchema)
    pool = fields.Nested(PoolSchema)


@blueprint.get("")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(SearchQuery, location="query")
@blueprint.response(200, listed(HitSchema))
def search(query: dict[str, Any]) -> Response:
    """Events, then rooms, people and pools in whose words each word of `q` begins one.

    First what has all of them in its title; then what is coming, the next first; then what is over, the latest first.
    """
    actor, limit = requests.actor(), query["limit"]
    if query.get("kind") in found.FOR_PLANNERS:
        ensure_may_plan(actor)
    kinds = [query["kind"]] if "kind" in query else found.kinds_for(actor)
    # Pages of one search all stand at the instant of the first, so that they join.
    now, skip = paging.event_key(query["cursor"]) or (clock.now(), 0)
    hits = found.things(query["q"], kinds=kinds, actor=actor, now=now, limit=limit + 1, skip=skip)
    after = [iso(now), skip + limit] if len(hits) > limit else None
    return paging.listing(_facts(hits[:limit], actor), after)


_ENTRIES: dict[Kind, Schema] = {Kind.ROOM: RoomSchema(), Kind.EXPERT: FullExpertSchema(), Kind.POOL: PoolSchema()}


def _facts(hits: list[tuple[Kind, Thing]], actor: Actor) -> list[dict[str, Any]]:
    events = [thing for _, thing in hits if isinstance(thing, Event)]
    of_events = dict(zip((event.id for event in events), list_facts(events, actor), strict=True))
    items = []
    for kind, thing in hits:
        facts = of_events[thing.id] if isinstance(thing, Event) else _ENTRIES[kind].dump(thing)
        items.append({"kind": str(kind), str(kind): facts})
    return items
