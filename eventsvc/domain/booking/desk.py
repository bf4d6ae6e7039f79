"""The booking desk: takes all or nothing, gives back, and never books twice.

Order of locks: events by id (the caller's), then resources by id. The database constraint is the judge behind it;
the lock comes first because the constraint alone answers racers with deadlocks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.domain.booking import conflicts
from eventsvc.domain.booking.conflicts import Ask
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, State


def take(
    asks: Sequence[Ask], *, event_id: int, state: State, hold_until: datetime | None, now: datetime
) -> list[Reservation]:
    """Reserve every resource for its busy span on behalf of an event, or none of them.

    What the event already has for the same presence is kept and put in `state`; whatever else it has is released.
    So the same call books, moves, takes again what lapsed, and confirms.

    Times:   presences are UTC and half-open; `hold_until` counts for held rows only.
    Locks:   the caller has locked the event and then the resources; call inside transaction().
    Refuses: SlotTaken with every clash of every ask.
    """
    kept = _keep_or_release(asks, event_id, now)
    missing = [ask for ask in asks if ask.resource.id not in kept]
    clashes = conflicts.find(missing, now=now, event_id=event_id)
    clashes += [clash for ask in asks if ask.resource.id in kept for clash in conflicts.over_capacity(ask)]
    if clashes:
        raise SlotTaken(clashes)
    rows = [_insert(ask, event_id, now) for ask in missing]
    for row in [*kept.values(), *rows]:
        row.state = state
        row.hold_until = hold_until if state is State.HELD else None
    db.session.add_all(rows)
    db.session.flush()
    return [*kept.values(), *rows]


def release(event_id: int, *, resource_ids: Collection[int] | None = None) -> None:
    """Give back what an event holds: everything, or only the resources named."""
    for row in _of_event(event_id):
        if resource_ids is None or row.resource_id in resource_ids:
            row.state = State.RELEASED
    db.session.flush()


def held_by(event_id: int, now: datetime) -> list[Reservation]:
    """The live reservations of an event."""
    return [row for row in _of_event(event_id) if row.is_live(now)]


def _of_event(event_id: int) -> list[Reservation]:
    return list(
        db.session.scalars(
            select(Reservation).where(Reservation.event_id == event_id, IS_BOOKED).order_by(Reservation.id)
        )
    )


def _keep_or_release(asks: Sequence[Ask], event_id: int, now: datetime) -> dict[int, Reservation]:
    wanted = {ask.resource.id: ask for ask in asks}
    kept: dict[int, Reservation] = {}
    for row in _of_event(event_id):
        ask = wanted.get(row.resource_id)
        same = ask is not None and (row.starts_at, row.ends_at, row.place_id) == (
            ask.presence.start,
            ask.presence.end,
            ask.place_id,
        )
        if same and row.is_live(now):
            kept[row.resource_id] = row
        else:
            row.state = State.RELEASED
    db.session.flush()
    return kept


def _insert(ask: Ask, event_id: int, now: datetime) -> Reservation:
    """A new row, after lapsed holds in its way have been marked expired."""
    for row in db.session.scalars(conflicts.overlapping(ask.resource.id, ask.busy)):
        if not row.is_live(now):
            row.state = State.EXPIRED
    db.session.flush()
    return Reservation(
        resource_id=ask.resource.id,
        event_id=event_id,
        state=State.HELD,
        busy_from=ask.busy.start,
        busy_until=ask.busy.end,
        starts_at=ask.presence.start,
        ends_at=ask.presence.end,
        place_id=ask.place_id,
    )
