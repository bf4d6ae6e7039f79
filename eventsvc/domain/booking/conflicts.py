"""The conflict rule: everything that stands against taking some resources at some time.

It looks at a diary and decides; it reads nothing itself. The desk asks it under the locks of `resources.lock`,
alternatives, grids and the doctor ask it about weeks. Travel is a gap required between in-person presences and is
never stored: what lies between two places changes when either neighbour does.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.booking import free_units, hours
from eventsvc.domain.booking.asks import Ask, PoolAsk, Thing, Wanted
from eventsvc.domain.booking.blocks import BlockKind
from eventsvc.domain.booking.diary import Blocked, Booked, Counts, Diary
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.directory.travel import MAX_TRAVEL_MINUTES

# No neighbour further away than this can be too near.
HORIZON = timedelta(minutes=MAX_TRAVEL_MINUTES)


class ClashKind(StrEnum):
    """Why something cannot be had."""

    OVERLAP = "overlap"
    TRAVEL = "travel"
    CLOSED = "closed"
    LEAVE = "leave"
    BUSY_ELSEWHERE = "busy_elsewhere"
    LIMIT = "limit"
    CAPACITY = "capacity"
    AUDIENCE = "audience"
    NOTICE = "notice"


# Rules that somebody may take on themselves to break, by name and with a reason; an overlap never.
SOFT = frozenset({ClashKind.CLOSED, ClashKind.LIMIT, ClashKind.AUDIENCE, ClashKind.NOTICE})


@dataclass(frozen=True, slots=True)
class Clash:
    """One reason against. `thing` is what was asked for, `part` the part of it that is in the way, if it is divided.

    `busy` is what is in the way, and `event_id` or `hold_id` who holds it, where there is such a thing.
    """

    kind: ClashKind
    thing: Thing
    wanted: Span
    busy: Span | None = None
    event_id: int | None = None
    hold_id: int | None = None
    place_id: int | None = None
    part: Room | None = None
    facts: tuple[tuple[str, Any], ...] = ()


def window_of(asks: Sequence[Wanted]) -> Span:
    """How far the diary must reach so that `against` sees all that matters to those asks."""
    spans = [span for ask in asks for span in _looked_at(ask)]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def against(asks: Sequence[Wanted], diary: Diary, counts: Counts = lambda row: True) -> list[Clash]:
    """Every clash of every ask, in the order of the asks.

    Times: presences are UTC and half-open; touching is no clash.
    Rules: overlap of busy spans; travel between in-person presences; opening and weekly hours, closures; leave and
           other calendars; limits per day, ISO week, month and of travel a day; capacity; notice.
    """
    closures = list(_closures([ask for ask in asks if isinstance(ask, Ask)], diary))
    found = [clash for ask in asks for clash in _against(ask, diary, counts)]
    return closures + found


def _looked_at(ask: Wanted) -> Iterator[Span]:
    yield ask.busy
    if isinstance(ask, PoolAsk) or not isinstance(ask.resource.thing, Expert):
        return
    if ask.place_id is not None:
        yield Span(ask.busy.start - HORIZON, ask.busy.end + HORIZON)
    for _, period, _ in limits_of(ask.resource.thing, ask.presence):
        # What starts in the period may be busy from the day before: no lead is longer.
        yield Span(period.start - timedelta(days=1), period.end)


def _against(ask: Wanted, diary: Diary, counts: Counts) -> Iterator[Clash]:
    if isinstance(ask, PoolAsk):
        yield from _shortage(ask, diary, counts)
        yield from _too_late(ask, diary.now)
        return
    yield from _overlaps(ask, diary, counts)
    yield from _blocks(ask, diary)
    yield from _out_of_hours(ask)
    thing = ask.resource.thing
    if isinstance(thing, Expert):
        if ask.place_id is not None:
            yield from _travel(ask, ask.place_id, diary, counts)
        yield from _over_limits(ask, thing, diary, counts)
    else:
        yield from over_capacity(ask)


def over_capacity(ask: Wanted) -> Iterator[Clash]:
    """A clash when a room is asked to seat more than it can; `heads` is None where that cannot be said."""
    if isinstance(ask, Ask) and isinstance(ask.thing, Room) and ask.heads is not None:
        yield from too_small(ask.thing, ask.heads, ask.busy)


def too_small(room: Room, heads: int, wanted: Span) -> Iterator[Clash]:
    """The same of a room that nobody asks the desk for now."""
    if (room.capacity or 0) < heads:
        yield Clash(ClashKind.CAPACITY, room, wanted, facts=(("capacity", room.capacity), ("expected_heads", heads)))


def _clash(kind: ClashKind, ask: Ask, **more: Any) -> Clash:
    thing = ask.resource.thing
    part = thing if ask.hall is not None and isinstance(thing, Room) else None
    return Clash(kind, ask.thing, ask.busy, part=part, **more)


def _held(kind: ClashKind, ask: Ask, row: Booked, facts: tuple[tuple[str, Any], ...] = ()) -> Clash:
    holder = {"event_id": row.event_id, "hold_id": row.hold_id, "place_id": row.place_id}
    if row.hold_id is not None:
        facts = (*facts, ("hold_until", row.hold_until))
    return _clash(kind, ask, busy=row.busy, facts=facts, **holder)


def _overlaps(ask: Ask, diary: Diary, counts: Counts) -> Iterator[Clash]:
    for row in diary.overlapping(ask.resource.id, ask.busy):
        if counts(row):
            yield _held(ClashKind.OVERLAP, ask, row)


_KINDS = {BlockKind.LEAVE: ClashKind.LEAVE, BlockKind.BUSY_ELSEWHERE: ClashKind.BUSY_ELSEWHERE}


def _blocks(ask: Ask, diary: Diary) -> Iterator[Clash]:
    for block in diary.blocks_of(ask.resource.id, ask.busy):
        yield _clash(_KINDS.get(block.kind, ClashKind.CLOSED), ask, busy=block.span, facts=_said(block))


def _said(block: Blocked) -> tuple[tuple[str, Any], ...]:
    return (("because", str(block.kind)), ("title", block.title), ("as_of", block.as_of))


def _closures(asks: Sequence[Ask], diary: Diary) -> Iterator[Clash]:
    """Each closed day of a place once: named for the first room there, else for the first person."""
    first: dict[int, Ask] = {}
    for ask in sorted(asks, key=lambda ask: isinstance(ask.resource.thing, Expert)):
        if ask.place_id is not None:
            first.setdefault(ask.place_id, ask)
    for place_id, ask in first.items():
        for block in diary.closures_at(place_id, ask.busy):
            yield _clash(ClashKind.CLOSED, ask, busy=block.span, place_id=place_id, facts=_said(block))


def weekly_hours(thing: Room | Expert, hall: Room | None = None) -> tuple[Sequence[hours.Window], str]:
    """The weekly hours that hold for a room or a person, none at all if always open, and their zone."""
    if isinstance(thing, Expert):
        return thing.hours or [], thing.zone
    return thing.hours or (hall and hall.hours) or thing.campus.hours or [], thing.campus.zone


def _out_of_hours(ask: Ask) -> Iterator[Clash]:
    thing = ask.resource.thing
    assert not isinstance(thing, Pool), "a unit of a pool is asked for by PoolAsk"
    weekly, zone = weekly_hours(thing, ask.hall)
    if not weekly or hours.covers(_open(ask, weekly, zone), ask.busy):
        return
    day = local_day(ask.presence.start, zone)
    facts = (("because", "hours"), ("hours", hours.of_day(weekly, day)), ("weekday", day.weekday()))
    yield _clash(ClashKind.CLOSED, ask, facts=facts)


def _open(ask: Ask, weekly: Sequence[hours.Window], zone: str) -> list[Span]:
    if not ask.all_day:
        return hours.open_spans(weekly, zone, ask.busy)
    # Whole days have no hours to be outside of: every one of them must be a day on which it opens at all.
    weekdays = {weekday for weekday, _, _ in weekly}
    first, last = local_day(ask.presence.start, zone), local_day(ask.presence.end - timedelta(seconds=1), zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [ask.busy] if all(day.weekday() in weekdays for day in days) else []


def _travel(ask: Ask, place_id: int, diary: Diary, counts: Counts) -> Iterator[Clash]:
    """The nearest in-person presence on each side must leave time for the way; online ones are read past."""
    earlier, later = diary.around(ask.resource.id, ask.busy)
    before, after = _nearest(earlier, counts), _nearest(later, counts)
    if before is not None:
        yield from _too_near(ask, before, diary, (before.place_id, place_id), ask.busy.start - before.ends_at)
    if after is not None:
        yield from _too_near(ask, after, diary, (place_id, after.place_id), after.busy_from - ask.presence.end)


def _nearest(rows: Sequence[Booked], counts: Counts) -> Booked | None:
    return next((row for row in rows if row.place_id is not None and counts(row)), None)


def _too_near(
    ask: Ask, row: Booked, diary: Diary, way: tuple[int | None, int | None], gap: timedelta
) -> Iterator[Clash]:
    origin, destination = way
    assert origin is not None
    assert destination is not None
    if gap >= HORIZON or (known := diary.ways.between(origin, destination)) is None:
        return
    if gap < timedelta(minutes=known.minutes):
        facts = [("travel_minutes", known.minutes), ("gap_minutes", int(gap.total_seconds() // 60))]
        if known.is_estimate:
            facts.append(("is_estimate", True))
        yield _held(ClashKind.TRAVEL, ask, row, tuple(facts))


def limits_of(expert: Expert, presence: Span) -> Iterator[tuple[str, Span, int]]:
    """Each limit that somebody has, with the period in their zone in which the presence starts."""
    most = {
        "day": expert.max_per_day,
        "week": expert.max_per_week,
        "month": expert.max_per_month,
        "travel": expert.max_travel_minutes,
    }
    agreed = {per: number for per, number in most.items() if number is not None}
    if agreed:
        day = local_day(presence.start, expert.zone)
        yield from ((per, days_span(*_period(per, day), expert.zone), number) for per, number in agreed.items())


def _period(per: str, day: date) -> tuple[date, int]:
    """The first day of the period in which a day lies, and how many days it has."""
    if per == "week":
        return day - timedelta(days=day.weekday()), 7
    if per == "month":
        return day.replace(day=1), monthrange(day.year, day.month)[1]
    return day, 1


def _over_limits(ask: Ask, expert: Expert, diary: Diary, counts: Counts) -> Iterator[Clash]:
    """Presences count by the local day, ISO week and month in which they start, in the expert's zone."""
    for per, period, most in limits_of(expert, ask.presence):
        rows = [row for row in _starting_in(period, ask, diary) if counts(row)]
        if per == "travel":
            yield from _too_much_travel(ask, expert, rows, diary, most)
        elif len(rows) >= most:
            yield _clash(ClashKind.LIMIT, ask, facts=(("limit", most), ("per", per), ("booked", len(rows))))


def _starting_in(period: Span, ask: Ask, diary: Diary) -> list[Booked]:
    near = diary.overlapping(ask.resource.id, period)
    return [row for row in near if period.start <= row.starts_at < period.end]


def _too_much_travel(ask: Ask, expert: Expert, rows: Sequence[Booked], diary: Diary, most: int) -> Iterator[Clash]:
    """A day's ways from home, from place to place and home again; one that nobody knows counts nothing."""
    if ask.place_id is None:
        return
    stops = [(row.starts_at, row.place_id) for row in rows if row.place_id is not None]
    stops.append((ask.presence.start, ask.place_id))
    minutes = travel_of_day(expert, [place for _, place in sorted(stops)], diary)
    if minutes > most:
        facts = (("limit", most), ("per", "travel"), ("travel_minutes", minutes))
        yield _clash(ClashKind.LIMIT, ask, facts=facts)


def travel_of_day(expert: Expert, places: Sequence[int | None], diary: Diary) -> int:
    """Minutes on the way of somebody who is at those places in that order, home legs included where a home is known."""
    home = [expert.home_campus_id] if expert.home_campus_id is not None else []
    stops = [place for place in (*home, *places, *home) if place is not None]
    ways = [diary.ways.between(origin, destination) for origin, destination in pairwise(stops)]
    return sum(way.minutes for way in ways if way is not None)


def _shortage(ask: PoolAsk, diary: Diary, counts: Counts) -> Iterator[Clash]:
    """A clash when fewer than asked for are free at some moment; which unit is taken when does not matter."""
    free = free_units.fewest(ask, diary, counts)
    if free < ask.quantity:
        rows = free_units.booked(ask, diary, ask.busy, counts)
        facts = (("quantity", len(ask.units)), ("asked", ask.quantity), ("free", free))
        busy = Span(min(row.busy_from for row in rows), max(row.busy_until for row in rows)) if rows else None
        yield Clash(ClashKind.OVERLAP, ask.pool, ask.busy, busy=busy, place_id=ask.place_id, facts=facts)


def _too_late(ask: PoolAsk, now: datetime) -> Iterator[Clash]:
    if ask.pool.notice_days and ask.presence.start - now < ask.notice:
        facts = (("notice_days", ask.pool.notice_days), ("days_left", max((ask.presence.start - now).days, 0)))
        yield Clash(ClashKind.NOTICE, ask.pool, ask.busy, place_id=ask.place_id, facts=facts)
