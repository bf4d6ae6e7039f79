"""What a search found, as far as the asker may know it: the same for the page, JSON and the command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.domain.accounts import Actor, may_plan, sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events import lookup as events
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event
from eventsvc.domain.search import finding
from eventsvc.domain.search.models import Kind

Thing = Event | Room | Expert | Pool
# What nobody but planners finds.
FOR_PLANNERS = frozenset({Kind.EXPERT, Kind.POOL})
_Key = tuple[Kind, int]


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Things of a kind, coming or over: the first of them, and how many there are in all."""

    kind: Kind
    is_over: bool
    things: list[Thing]
    total: int


def kinds_for(actor: Actor) -> list[Kind]:
    """What the asker may look for; people and pools are for those who plan."""
    return [kind for kind in Kind if kind not in FOR_PLANNERS or may_plan(actor)]


def things(
    question: str, *, kinds: Collection[Kind], actor: Actor, now: datetime, limit: int, skip: int = 0
) -> list[tuple[Kind, Thing]]:
    """What the question leads to from the `skip`-th on, kind by kind, best first; a few queries."""
    is_planner = may_plan(actor)
    work = permits.ids_of_work(sight_of(actor))
    hits = finding.find(question, kinds=kinds, for_planners=is_planner, work=work, now=now, limit=limit, skip=skip)
    loaded = _load([(hit.kind, hit.ref_id) for hit in hits], actor)
    return [(hit.kind, loaded[hit.kind, hit.ref_id]) for hit in hits if (hit.kind, hit.ref_id) in loaded]


def groups(question: str, *, actor: Actor, now: datetime, most: int) -> list[FoundGroup]:
    """The first things of each kind, what is coming apart from what is over; a few queries."""
    kinds, work = kinds_for(actor), permits.ids_of_work(sight_of(actor))
    found = finding.overview(question, kinds=kinds, for_planners=may_plan(actor), work=work, now=now, most=most)
    loaded = _load([(group.kind, number) for group in found for number in group.ref_ids], actor)
    return [
        FoundGroup(group.kind, group.is_over, [loaded[key] for key in _keys(group) if key in loaded], group.total)
        for group in found
    ]


def _keys(group: finding.Group) -> list[_Key]:
    return [(group.kind, number) for number in group.ref_ids]


def _load(keys: Sequence[_Key], actor: Actor) -> dict[_Key, Thing]:
    """The things themselves; what the asker may not see is left out whatever the index says."""
    ids = {kind: [number for of_kind, number in keys if of_kind is kind] for kind in Kind}
    loaded: dict[_Key, Thing] = {}
    seen = events.by_ids(ids[Kind.EVENT], sight=sight_of(actor))
    loaded |= {(Kind.EVENT, number): event for number, event in seen.items()}
    loaded |= {(Kind.ROOM, number): room for number, room in directory.by_ids(Room, ids[Kind.ROOM]).items()}
    if may_plan(actor):
        people = directory.by_ids(Expert, ids[Kind.EXPERT])
        loaded |= {(Kind.EXPERT, number): expert for number, expert in people.items()}
        pools = directory.by_ids(Pool, ids[Kind.POOL])
        loaded |= {(Kind.POOL, number): pool for number, pool in pools.items()}
    return loaded
