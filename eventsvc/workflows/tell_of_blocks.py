"""A time that turns out to be taken on top of what is booked: nothing is refused, the office in charge is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource, State
from eventsvc.domain.booking.outside import Busy
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.events.models import Event, Status
from eventsvc.workflows import tell


class _Taken(NamedTuple):
    event_id: int | None
    starts_at: datetime
    ends_at: datetime


def tell_of_new_blocks(new: Sequence[Busy], now: datetime, *, cover: Expert | None = None) -> int:
    """Owe the office of every event on which a new block lies a letter, one for an event and an entry of a calendar.

    `cover` is whom the partner named to be asked in place of who is on leave.

    Returns how many are owed. What has ended is nobody's worry any more.

    Locks: none; call inside the transaction that adds the blocks, after locking their resources.
    """
    coming = [busy for busy in new if busy.ends_at > now]
    found = {(taken.event_id, busy.uid): (taken.event_id, busy) for taken, busy in _under(coming, now)}
    return sum(
        tell.tell_of_block(
            db.session.get_one(Event, event_id), _name(busy), busy, now, cover=cover.name if cover else ""
        )
        for event_id, busy in found.values()
    )


def events_under(blocks: Sequence[Busy], now: datetime) -> set[int | None]:
    """The ids of the events that are booked, or held, under those blocks and have not ended."""
    return {taken.event_id for taken, _ in _under(blocks, now)}


def _under(blocks: Sequence[Busy], now: datetime) -> Iterator[tuple[_Taken, Busy]]:
    """What is booked under each block; later blocks of one entry come first, so that a first one is the one told of."""
    by_owner: defaultdict[tuple[int | None, int | None], list[Busy]] = defaultdict(list)
    for busy in sorted(blocks, key=lambda busy: busy.starts_at, reverse=True):
        by_owner[busy.resource_id, busy.campus_id].append(busy)
    for (resource_id, campus_id), busy_times in by_owner.items():
        booked = _at_campus(campus_id, now) if resource_id is None else _of_resource(resource_id, now)
        for busy in busy_times:
            yield from (
                (taken, busy) for taken in booked if taken.starts_at < busy.ends_at and busy.starts_at < taken.ends_at
            )


def _of_resource(resource_id: int, now: datetime) -> list[_Taken]:
    """Its live reservations from now on, with what they need around them; a hold without an event tells nobody."""
    held = or_(Reservation.hold_until.is_(None), Reservation.hold_until > now)
    query = select(Reservation.event_id, Reservation.busy_from, Reservation.busy_until).where(
        Reservation.resource_id == resource_id,
        IS_BOOKED,
        Reservation.event_id.is_not(None),
        Reservation.busy_until > now,
        or_(Reservation.state == State.CONFIRMED, held),
    )
    return [_Taken(*row) for row in db.session.execute(query)]


def _at_campus(campus_id: int | None, now: datetime) -> list[_Taken]:
    query = select(Event.id, Event.starts_at, Event.ends_at).where(
        Event.campus_id == campus_id, Event.ends_at > now, Event.status.in_((Status.REQUESTED, Status.CONFIRMED))
    )
    return [_Taken(*row) for row in db.session.execute(query)]


def _name(busy: Busy) -> str:
    """Who or what is taken."""
    if busy.resource_id is None:
        return db.session.get_one(Campus, busy.campus_id).name
    return db.session.get_one(Resource, busy.resource_id).thing.name
