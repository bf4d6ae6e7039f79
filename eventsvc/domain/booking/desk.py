"""The booking desk: takes all or nothing, gives back, and never books twice.

Order of locks: events by id (the caller's), then resources by id. The database constraint is the judge behind it;
the lock comes first because the constraint alone answers racers with deadlocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.booking import conflicts, diary, resources, seating, soft
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.conflicts import SOFT, Clash, ClashKind
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, State

NONE: frozenset[ClashKind] = frozenset()


def take(
    asks: Sequence[Wanted],
    *,
    event_id: int | None = None,
    hold_id: int | None = None,
    state: State,
    hold_until: datetime | None,
    now: datetime,
    waived: Collection[ClashKind] = NONE,
) -> list[Clash]:
    """Reserve everything for its busy span on behalf of an event or a hold, or nothing; returns what was waived.

    What the holder already has for the same presence is kept and put in `state`; whatever else it has is released.
    So the same call books, moves, takes again what lapsed, and confirms. Where a pool has enough free but no unit is
    free throughout, reservations that have not begun change places.

    Times:   presences are UTC and half-open; `hold_until` counts for held rows only.
    Locks:   the caller has locked the event and then the resources, those too that it gives back; call inside
             transaction().
    Refuses: SlotTaken with every clash of every ask but those of the soft kinds in `waived`.
    """
    holder = {"event_id": event_id, "hold_id": hold_id}
    until = hold_until if state is State.HELD else None
    missing = _keep_or_release(asks, _of_holder(event_id, hold_id), now, {"state": state, "hold_until": until})
    known = _known_of(missing, now) if missing else None
    clashes = conflicts.against(missing, known) if known else []
    clashes += [clash for ask in asks if ask not in missing for clash in conflicts.over_capacity(ask)]
    if stands := [clash for clash in clashes if clash.kind not in SOFT.intersection(waived)]:
        raise SlotTaken(stands)
    if known is not None:
        if event_id is not None:  # what is only set aside for a while takes nobody's understudy
            soft.give_way(missing)
        _insert(missing, known, {**holder, "state": state, "hold_until": until}, now)
    return clashes


def release(event_id: int, *, resource_ids: Collection[int] | None = None) -> None:
    """Give back what an event holds: everything, or only the resources named.

    Locks: what it holds, so that no unit of a pool is just being changed for another; the event comes before.
    """

    def is_meant(one: int) -> bool:
        return resource_ids is None or one in resource_ids

    resources.lock(beside=[one for one in resources_of(event_id) if is_meant(one)])
    _end((row.id for row in _of_holder(event_id, None) if is_meant(row.resource_id)), State.RELEASED)
    soft.release(event_id, resource_ids=resource_ids)


def resources_of(event_id: int) -> list[int]:
    """The resources that an event holds, or held when it lapsed: to be locked before any of them is given back.

    A unit of a pool may be changed for another until it is locked, but not while it is.
    """
    return [row.resource_id for row in _of_holder(event_id, None)]


def release_hold(hold_id: int) -> None:
    """Give back what a hold holds; the caller has locked it."""
    _end((row.id for row in _of_holder(None, hold_id)), State.RELEASED)


def held_by(event_id: int, now: datetime) -> list[Booked]:
    """The live reservations of an event."""
    return [row for row in _of_holder(event_id, None) if row.is_live(now)]


def what_is_held(asks: Sequence[Wanted], *, event_id: int, now: datetime) -> list[Wanted]:
    """The asks cut down to what the event holds at that very time; what it lost or never had is left out."""
    live = held_by(event_id, now)
    had = [(ask, sum(_is_asked(row, ask) for row in live)) for ask in asks]
    return [replace(ask, quantity=number) if isinstance(ask, PoolAsk) else ask for ask, number in had if number]


def vacate(units: Collection[int], staying: Collection[int], now: datetime) -> datetime | None:
    """Let what is reserved on units of a pool change places so that only those that stay are used.

    Returns until when a unit that goes is taken where they cannot, and changes nothing then; None when it is done.

    Locks: the caller has locked the units.
    """
    ahead = select(*diary.COLUMNS).where(Reservation.resource_id.in_(units), IS_BOOKED, Reservation.busy_until > now)
    rows = [Booked._make(row) for row in db.session.execute(ahead.order_by(Reservation.busy_from))]
    live = [row for row in rows if row.is_live(now)]
    going = [row.busy_until for row in live if row.resource_id not in staying]
    seats = seating.move_together(staying, live, now) if going else seating.Seating([], [])
    if seats is None:
        return max(going)
    _end((row.id for row in rows if not row.is_live(now)), State.EXPIRED)
    _change_places(seats.moves)
    return None


_rows = Reservation.__table__
_OF_EVENT = select(*diary.COLUMNS).where(_rows.c.event_id == bindparam("holder"), IS_BOOKED).order_by(_rows.c.id)
_OF_HOLD = select(*diary.COLUMNS).where(_rows.c.hold_id == bindparam("holder"), IS_BOOKED).order_by(_rows.c.id)
_INSERT = insert(Reservation)


def _of_holder(event_id: int | None, hold_id: int | None) -> list[Booked]:
    of_holder = _OF_EVENT if event_id is not None else _OF_HOLD
    rows = db.session.connection().execute(of_holder, {"holder": event_id if event_id is not None else hold_id})
    return [Booked._make(row) for row in rows]


def _keep_or_release(
    asks: Sequence[Wanted], rows: Sequence[Booked], now: datetime, put: dict[str, Any]
) -> list[Wanted]:
    """Keep what is asked for and had already; returns what is missing, a pool's with the number that is."""
    kept: list[int] = []
    missing: list[Wanted] = []
    live = [row for row in rows if row.is_live(now)]
    for ask in asks:
        had = [row.id for row in live if _is_asked(row, ask)][: ask.quantity if isinstance(ask, PoolAsk) else 1]
        kept += had
        if isinstance(ask, PoolAsk) and len(had) < ask.quantity:
            missing.append(replace(ask, quantity=ask.quantity - len(had)))
        elif not had:
            missing.append(ask)
    _end((row.id for row in rows if row.id not in kept), State.RELEASED)
    if kept:
        db.session.execute(update(Reservation).where(Reservation.id.in_(kept)).values(**put))
    return missing


def _is_asked(row: Booked, ask: Wanted) -> bool:
    if (row.presence, row.place_id) != (ask.presence, ask.place_id):
        return False
    if isinstance(ask, PoolAsk):
        return row.resource_id in [unit.id for unit in ask.units]
    # A part that was reserved by itself is not the hall yet: the hall has its own set-up, and guards its parts.
    return (row.resource_id, row.asked_room_id) == (ask.resource.id, ask.hall.id if ask.hall else None)


def _end(ids: Iterable[int], state: State) -> None:
    if ended := list(ids):
        db.session.execute(update(Reservation).where(Reservation.id.in_(ended)).values(state=state))


def _known_of(asks: Sequence[Wanted], now: datetime) -> Diary:
    wanted = [one for ask in asks for one in (ask.units if isinstance(ask, PoolAsk) else (ask.resource,))]
    places = {ask.place_id for ask in asks if ask.place_id is not None}
    busy = Span(min(ask.busy.start for ask in asks), max(ask.busy.end for ask in asks))
    return diary.read(wanted, conflicts.window_of(asks), campus_ids=places, now=now, narrow=busy)


def _insert(asks: Sequence[Wanted], known: Diary, holder: dict[str, Any], now: datetime) -> None:
    """New rows, after lapsed holds in their way have been marked expired."""
    taken: list[dict[str, Any]] = []
    for ask in asks:
        if isinstance(ask, PoolAsk):
            taken += [{**_row(ask, unit), **holder} for unit in _seats(ask, now)]
        else:
            taken.append({**_row(ask, ask.resource.id), **holder})
    wanted = [(row["resource_id"], Span(row["busy_from"], row["busy_until"])) for row in taken]
    in_the_way = (
        row.id
        for row in known.lapsed
        if any(row.resource_id == one and row.busy.overlaps(span) for one, span in wanted)
    )
    _end(in_the_way, State.EXPIRED)
    db.session.connection().execute(_INSERT, taken)


def _row(ask: Wanted, resource_id: int) -> dict[str, Any]:
    return {
        "public_id": uuid4(),
        "resource_id": resource_id,
        "busy_from": ask.busy.start,
        "busy_until": ask.busy.end,
        "starts_at": ask.presence.start,
        "ends_at": ask.presence.end,
        "place_id": ask.place_id,
        "asked_room_id": ask.hall.id if isinstance(ask, Ask) and ask.hall else None,
    }


def _seats(ask: PoolAsk, now: datetime) -> list[int]:
    """The units that the ask gets; whoever must change places for it has done so."""
    units = [unit.id for unit in ask.units]
    rows, together = _hanging_together(ask, now)
    _end((row.id for row in together.lapsed), State.EXPIRED)
    seats = seating.seat(units, rows, ask.busy, ask.quantity, now)
    if seats is None:
        raise SlotTaken(
            [
                Clash(
                    ClashKind.OVERLAP,
                    ask.pool,
                    ask.busy,
                    facts=(("quantity", len(units)), ("asked", ask.quantity), ("free", 0)),
                )
            ]
        )
    _change_places(seats.moves)
    return seats.units


def _hanging_together(ask: PoolAsk, now: datetime) -> tuple[list[Booked], Diary]:
    """All live reservations of the pool that overlap the span, or overlap one that does, and so on."""
    span, rows = ask.busy, []
    while True:
        known = diary.read(ask.units, span, campus_ids=(), now=now)
        rows = [row for unit in ask.units for row in known.overlapping(unit.id, span)]
        whole = Span(
            min([span.start, *(row.busy_from for row in rows)]), max([span.end, *(row.busy_until for row in rows)])
        )
        if whole == span:
            return rows, known
        span = whole


def _change_places(moves: Sequence[tuple[Booked, int]]) -> None:
    """A span is never updated: the constraint would refuse two that swap. All are released, then written anew."""
    if not moves:
        return
    _end((row.id for row, _ in moves), State.RELEASED)
    db.session.connection().execute(_INSERT, list(_moved(moves)))


def _moved(moves: Sequence[tuple[Booked, int]]) -> Iterator[dict[str, Any]]:
    for row, unit in moves:
        kept = {name: value for name, value in row._asdict().items() if name != "id"}
        yield {**kept, "public_id": uuid4(), "resource_id": unit}
