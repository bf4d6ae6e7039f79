"""The conflict rule: everything that stands against taking some resources at some time.

The reservations of one resource never overlap, so a check reads the nearest neighbours only and its cost does not
grow with history. Travel is a gap required between in-person presences and is never stored: what lies between two
places changes when either neighbour does. Call under the locks of `resources.lock`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from eventsvc.core.db import db
from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource, State
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.travel import TravelTable


class ClashKind(StrEnum):
    """Why something cannot be had."""

    OVERLAP = "overlap"
    TRAVEL = "travel"
    LIMIT = "limit"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Ask:
    """One resource, wanted for a presence; `place_id` is the campus, None when the presence is online."""

    resource: Resource
    presence: Span
    place_id: int | None
    heads: int | None = None

    @property
    def busy(self) -> Span:
        """The presence and what the resource needs around it: set-up and take-down, or arrival lead."""
        thing = self.resource.thing
        if isinstance(thing, Room):
            return self.presence.widened(before_minutes=thing.setup_minutes, after_minutes=thing.takedown_minutes)
        return self.presence.widened(before_minutes=thing.lead_minutes if self.place_id is not None else 0)


@dataclass(frozen=True, slots=True)
class Clash:
    """One reason against. `busy` is what is in the way and `event_id` who holds it, where there is such a thing."""

    kind: ClashKind
    resource: Resource
    wanted: Span
    busy: Span | None = None
    event_id: int | None = None
    place_id: int | None = None
    facts: tuple[tuple[str, Any], ...] = ()


def find(asks: Sequence[Ask], *, now: datetime, event_id: int | None = None) -> list[Clash]:
    """Every clash of every ask, in the order of the asks; `event_id` is the holder, whose own rows do not count.

    Times: presences are UTC and half-open; touching is no clash.
    Rules: overlap of busy spans; travel between in-person presences; limits per day and ISO week; capacity.
    """
    return [clash for ask in asks for clash in _against(ask, now=now, event_id=event_id)]


def _against(ask: Ask, *, now: datetime, event_id: int | None) -> Iterator[Clash]:
    live = _live_rows(ask.resource.id, now, event_id)
    yield from _overlaps(ask, live)
    thing = ask.resource.thing
    if isinstance(thing, Expert):
        if ask.place_id is not None:
            yield from _travel(ask, ask.place_id, live)
        yield from _limits(ask, thing, live)
    else:
        yield from over_capacity(ask)


def over_capacity(ask: Ask) -> Iterator[Clash]:
    """A clash when a room is asked to seat more than it can; `heads` is None where that cannot be said."""
    thing = ask.resource.thing
    if isinstance(thing, Room) and ask.heads is not None and (thing.capacity or 0) < ask.heads:
        facts = (("capacity", thing.capacity), ("expected_heads", ask.heads))
        yield Clash(ClashKind.CAPACITY, ask.resource, ask.busy, facts=facts)


def _live_rows(resource_id: int, now: datetime, event_id: int | None) -> ColumnElement[bool]:
    """Rows that stand in somebody's way at `now`: a lapsed hold is free for everyone."""
    held = or_(Reservation.hold_until.is_(None), Reservation.hold_until > now)
    live = and_(
        Reservation.resource_id == resource_id,
        IS_BOOKED,
        or_(Reservation.state == State.CONFIRMED, held),
    )
    return live if event_id is None else and_(live, Reservation.event_id != event_id)


def overlapping(resource_id: int, span: Span) -> Select[Reservation]:
    """Held and confirmed rows of a resource, lapsed or not, whose busy span overlaps; reads neighbours only."""
    mine = and_(Reservation.resource_id == resource_id, IS_BOOKED)
    last_before = (
        select(func.max(Reservation.busy_from)).where(mine, Reservation.busy_from <= span.start).scalar_subquery()
    )
    return (
        select(Reservation)
        .where(
            mine,
            Reservation.busy_from < span.end,
            Reservation.busy_from >= func.coalesce(last_before, span.start),
            Reservation.busy_until > span.start,
        )
        .order_by(Reservation.busy_from)
    )


def _overlaps(ask: Ask, live: ColumnElement[bool]) -> Iterator[Clash]:
    for row in db.session.scalars(overlapping(ask.resource.id, ask.busy).where(live)):
        yield Clash(ClashKind.OVERLAP, ask.resource, ask.busy, row.busy, row.event_id, row.place_id)


def _travel(ask: Ask, place_id: int, live: ColumnElement[bool]) -> Iterator[Clash]:
    """The nearest in-person presence on each side must leave time for the way; online ones are read past."""
    in_person = select(Reservation).where(live, Reservation.place_id.is_not(None))
    before = db.session.scalar(
        in_person.where(Reservation.busy_from < ask.busy.start, Reservation.busy_until <= ask.busy.start)
        .order_by(Reservation.busy_from.desc())
        .limit(1)
    )
    after = db.session.scalar(
        in_person.where(Reservation.busy_from >= ask.busy.end).order_by(Reservation.busy_from).limit(1)
    )
    if before is None and after is None:
        return
    table = TravelTable([place_id])
    for row in filter(None, (before, after)):
        assert row.place_id is not None
        if row is before:
            minutes = table.minutes(row.place_id, place_id)
            gap = ask.busy.start - row.ends_at
        else:
            minutes = table.minutes(place_id, row.place_id)
            gap = row.busy_from - ask.presence.end
        if minutes is not None and gap < timedelta(minutes=minutes):
            facts = (("travel_minutes", minutes), ("gap_minutes", int(gap.total_seconds() // 60)))
            yield Clash(ClashKind.TRAVEL, ask.resource, ask.busy, row.busy, row.event_id, row.place_id, facts)


def _limits(ask: Ask, expert: Expert, live: ColumnElement[bool]) -> Iterator[Clash]:
    """Presences are counted by the local day and ISO week in which they start, in the expert's zone."""
    day = local_day(ask.presence.start, expert.zone)
    monday = day - timedelta(days=day.weekday())
    for period, first, days, most in (
        ("day", day, 1, expert.max_per_day),
        ("week", monday, 7, expert.max_per_week),
    ):
        if most is not None and (booked := _starting_within(first, days, expert.zone, live)) >= most:
            facts = (("limit", most), ("per", period), ("booked", booked))
            yield Clash(ClashKind.LIMIT, ask.resource, ask.busy, facts=facts)


def _starting_within(first: date, days: int, zone: str, live: ColumnElement[bool]) -> int:
    span = days_span(first, days, zone)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Reservation)
            .where(
                live,
                Reservation.starts_at >= span.start,
                Reservation.starts_at < span.end,
                # The index knows busy_from only; no lead is longer than a day.
                Reservation.busy_from >= span.start - timedelta(days=1),
                Reservation.busy_from < span.end,
            )
        )
        or 0
    )
