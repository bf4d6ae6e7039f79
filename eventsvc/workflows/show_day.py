"""The day of a plan in the making: how the chosen rooms, people and things are taken, what stands against the wish.

It reads a fixed few queries and writes and locks nothing: what it says may be over in the next moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.times import Span
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import conflicts, free_units, journeys, soft, stretches, wishes
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.conflicts import Clash, over_capacity
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.booking.stretches import Stretch
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.workflows.show_board import Holder, holders_of


@dataclass(frozen=True, slots=True)
class ThingDay:
    """A room or a person on that day; `softly` is what a booking at the wished time would take from others."""

    thing: Room | Expert
    stretches: list[Stretch]
    softly: list[Booked]


@dataclass(frozen=True, slots=True)
class PoolDay:
    """A pool on that day: how many are wanted, and how many are free, stretch by stretch."""

    thing: Pool
    quantity: int
    free: list[tuple[Span, int]]


@dataclass(frozen=True, slots=True)
class WishDay:
    """Everything that was chosen on that day, and what stands against having it at the wished time."""

    things: list[ThingDay]
    pools: list[PoolDay]
    clashes: list[Clash]
    holders: Mapping[int, Holder]


def of_wish(
    wish: Wish,
    day: Span,
    *,
    has_time: bool,
    hold: Hold | None,
    beside_event_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> WishDay:
    """The local day of a wish; what its own `hold` has never stands against it, nor what its event holds softly.

    Without a time only what holds at any time does: rooms that are too small.
    """
    asks = wishes.read_asks(wish)
    if not asks:
        return WishDay([], [], [], {})
    alone, of_pools = _told_apart(asks)
    around = conflicts.window_of(asks)
    window = Span(min(around.start, day.start), max(around.end, day.end))
    homes = {expert.home_campus_id for expert in wish.experts} | {wish.campus_id}
    known = [ask.resource for ask in alone]
    units = [unit for ask in of_pools for unit in ask.units]
    diary = diaries.read([*known, *units], window, campus_ids={id for id in homes if id is not None}, now=now)
    if hold is not None:
        diary.leave_out(hold.id)
    people = [one.id for one in known if one.expert_id is not None]
    softly = [row for row in soft.within(people, window) if row.event_id != beside_event_id]
    clashes = conflicts.against(asks, diary) if has_time else [one for ask in asks for one in over_capacity(ask)]
    pools = [PoolDay(ask.pool, ask.quantity, list(free_units.through(ask, diary, day))) for ask in of_pools]
    things = list(_things(alone, wish, day, diary, softly, has_time=has_time))
    return WishDay(things, pools, clashes, holders_of(diary, known, softly=softly, actor=actor))


def _told_apart(asks: Sequence[Wanted]) -> tuple[list[Ask], list[PoolAsk]]:
    """What is asked of rooms and people, and what of pools."""
    alone = [ask for ask in asks if isinstance(ask, Ask)]
    return alone, [ask for ask in asks if isinstance(ask, PoolAsk)]


def _things(
    asks: Sequence[Ask], wish: Wish, day: Span, diary: Diary, softly: Sequence[Booked], *, has_time: bool
) -> Iterator[ThingDay]:
    closed_at: Collection[int] = [wish.campus_id] if wish.campus_id is not None else []
    halls: dict[int, list[Ask]] = {}
    for ask in asks:
        thing = ask.resource.thing
        if ask.hall is not None:
            halls.setdefault(ask.hall.id, []).append(ask)
        elif isinstance(thing, Expert):
            rows = [row for row in diary.booked(ask.resource.id) if day.start <= row.starts_at < day.end]
            legs = journeys.of_day(thing, rows, diary.ways)
            drawn = stretches.of_resource(ask.resource, diary, day, legs=legs, softly=softly)
            yield ThingDay(thing, drawn, soft.given_way_by(ask, softly) if has_time else [])
        elif isinstance(thing, Room):
            yield ThingDay(thing, stretches.of_resource(ask.resource, diary, day, campus_ids=closed_at), [])
    for parts in halls.values():
        hall = parts[0].hall
        assert hall is not None
        asked_as = {hall.id, *(above.id for above in wishes.halls_of(hall))}
        drawn = stretches.of_hall(hall, [part.resource for part in parts], asked_as, diary, day)
        yield ThingDay(hall, drawn, [])
