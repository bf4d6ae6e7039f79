"""Soft holds: a time that somebody would give if needed. They are shown, stand in nobody's way, and give way to all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, insert, or_, select, text, update

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.booking import conflicts, diary
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.diary import Booked
from eventsvc.domain.booking.models import Reservation, State

# Written out: neither database matches a partial index against bound parameters.
_IS_SOFT = text("reservations.state = 'soft'")
_RELEASED = update(Reservation).values(state=State.RELEASED).execution_options(synchronize_session=False)


def hold(ask: Ask, *, event_id: int, now: datetime) -> None:
    """Note that a person would give that time to the event.

    Locks:   the caller has locked the event and the resource.
    Refuses: SlotTaken where the person could not come as things stand.
    """
    known = diary.read([ask.resource], conflicts.window_of([ask]), campus_ids=_places(ask), now=now, narrow=ask.busy)
    if clashes := conflicts.against([ask], known):
        raise SlotTaken(clashes)
    release(event_id, resource_ids=[ask.resource.id])
    row = {
        "public_id": uuid4(),
        "resource_id": ask.resource.id,
        "event_id": event_id,
        "state": State.SOFT,
        "busy_from": ask.busy.start,
        "busy_until": ask.busy.end,
        "starts_at": ask.presence.start,
        "ends_at": ask.presence.end,
        "place_id": ask.place_id,
    }
    db.session.execute(insert(Reservation).values(row))


def release(event_id: int, *, resource_ids: Collection[int] | None = None) -> None:
    """Give back what an event holds softly: everything, or only the resources named."""
    mine: list[ColumnElement[bool]] = [Reservation.event_id == event_id]
    if resource_ids is not None:
        mine.append(Reservation.resource_id.in_(resource_ids))
    db.session.execute(_RELEASED.where(_IS_SOFT, *mine))


def give_way(asks: Sequence[Wanted]) -> None:
    """Give back every soft hold that lies in the way of what is booked now, whoever's it is."""
    overlaps = [
        (Reservation.resource_id == ask.resource.id)
        & (Reservation.busy_from < ask.busy.end)
        & (Reservation.busy_until > ask.busy.start)
        for ask in asks
        if not isinstance(ask, PoolAsk) and ask.resource.expert_id is not None
    ]
    if overlaps:
        db.session.execute(_RELEASED.where(_IS_SOFT, or_(*overlaps)))


def within(resource_ids: Collection[int], window: Span) -> list[Booked]:
    """What is held softly of those resources within a window, by the start; nothing of it stands in anybody's way."""
    query = select(*diary.COLUMNS).where(
        _IS_SOFT,
        Reservation.resource_id.in_(resource_ids),
        Reservation.busy_from < window.end,
        Reservation.busy_until > window.start,
    )
    rows = db.session.execute(query.order_by(Reservation.busy_from, Reservation.id)) if resource_ids else ()
    return [Booked._make(row) for row in rows]


def given_way_by(ask: Ask, rows: Collection[Booked]) -> list[Booked]:
    """Those of the soft holds that a booking would take away."""
    return [row for row in rows if row.resource_id == ask.resource.id and ask.busy.overlaps(row.busy)]


def held_by(event_ids: Collection[int]) -> set[tuple[int, int]]:
    """Each event with each resource (ids) that it holds softly."""
    rows = select(Reservation.event_id, Reservation.resource_id).where(_IS_SOFT, Reservation.event_id.in_(event_ids))
    return {(row.event_id, row.resource_id) for row in db.session.execute(rows) if row.event_id is not None}


def _places(ask: Ask) -> set[int]:
    return {ask.place_id} if ask.place_id is not None else set()
