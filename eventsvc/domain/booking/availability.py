"""Who and what is free for a time, and when a set of rooms, people and things is; nothing is locked or decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from eventsvc.core.times import Span, to_wall
from eventsvc.domain.booking import alternatives, conflicts, diary, free_units, resources, soft, stand_ins, wishes
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.diary import Counts, Diary
from eventsvc.domain.booking.starts import STEP_MINUTES, Start
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool


class Answer(NamedTuple):
    """A room, a person or a pool with everything against having it; `free` is how many of a pool are.

    Who `is_understudy` would step in elsewhere then: that stands in nobody's way, and a booking takes it away.
    """

    thing: Room | Expert | Pool
    clashes: list[Clash]
    free: int | None = None
    is_understudy: bool = False


def at(wish: Wish, *, now: datetime) -> list[Answer]:
    """Each room, person and pool of the wish by itself, as if nothing else of it were wanted."""
    alone = [(one.thing, one.asks(wish.span, wish)) for one in stand_ins.each_of(wish.rooms, wish.experts)]
    units = resources.find(pool_ids=[pool.id for pool, _ in wish.equipment]).units
    pools = [PoolAsk(pool, most, tuple(units[pool.id]), wish.span, wish.campus_id) for pool, most in wish.equipment]
    everything: list[Wanted] = [*(ask for _, asks in alone for ask in asks), *pools]
    if not everything:
        return []
    known = _read(everything, wish, now)
    people = [ask.resource.id for _, asks in alone for ask in asks if ask.resource.expert_id is not None]
    softly = soft.within(people, conflicts.window_of(everything))
    found = [
        Answer(
            thing,
            conflicts.against(_seating(asks, wish), known),
            is_understudy=any(soft.given_way_by(ask, softly) for ask in asks),
        )
        for thing, asks in alone
    ]
    return found + [Answer(ask.pool, conflicts.against([ask], known), free_units.fewest(ask, known)) for ask in pools]


def against_whole(wish: Wish, *, now: datetime, counts: Counts = lambda row: True) -> list[Clash]:
    """What stands against having all of the wish together; `counts` says whose reservations stand in the way."""
    asks = wishes.read_asks(wish)
    return conflicts.against(asks, _read(asks, wish, now), counts) if asks else []


def _read(asks: Sequence[Wanted], wish: Wish, now: datetime) -> Diary:
    wanted = [one for ask in asks for one in (ask.units if isinstance(ask, PoolAsk) else (ask.resource,))]
    places = [wish.campus_id] if wish.campus_id is not None else []
    return diary.read(wanted, conflicts.window_of(asks), campus_ids=places, now=now)


def _seating(asks: Sequence[Ask], wish: Wish) -> list[Ask]:
    """The asks of a room; one of them asks whether it is large enough, where anybody has said how large it is."""
    first, *rest = asks
    is_sized = isinstance(first.thing, Room) and first.thing.capacity is not None
    return [replace(first, heads=wish.expected_heads if is_sized else None), *rest]


def through(pools: Sequence[Pool], window: Span, *, now: datetime) -> list[tuple[Pool, list[tuple[Span, int]]]]:
    """How many of each pool are free in the window, stretch by stretch."""
    units = resources.find(pool_ids=[pool.id for pool in pools]).units
    known = diary.read([unit for one in units.values() for unit in one], window, campus_ids=(), now=now)
    asks = [PoolAsk(pool, 1, tuple(units[pool.id]), window, pool.campus_id) for pool in pools]
    return [(ask.pool, list(free_units.through(ask, known, window))) for ask in asks]


def spans_of(wish: Wish, window: Span, *, zone: str, now: datetime) -> list[Span]:
    """When all of the wish can be had for as long as its own span lasts: every quarter of an hour within the window.

    A span that is returned holds every start of which the whole length lies within it. What has begun is left out.
    """
    length = wish.span.end - wish.span.start
    starts = [start for start in _starts(window, length, zone) if start.span.start > now]
    spans: list[Span] = []
    last: datetime | None = None
    for start in alternatives.free_starts(wish, starts, now=now):
        if last is not None and start.span.start - last == timedelta(minutes=STEP_MINUTES):
            spans[-1] = Span(spans[-1].start, start.span.end)
        else:
            spans.append(start.span)
        last = start.span.start
    return spans


def _starts(window: Span, length: timedelta, zone: str) -> list[Start]:
    step = timedelta(minutes=STEP_MINUTES)
    number = (window.end - window.start - length) // step + 1
    begins = [window.start + step * count for count in range(max(number, 0))]
    return [Start(Span(start, start + length), to_wall(start, zone), 0, 0, 0.0) for start in begins]
