"""Looking again at everything that is booked, with the rule that booked it: `conflicts.against`, over long diaries.

A few resources at a time, so that memory stays bounded however many reservations lie ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.booking import conflicts, diary
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.pools import Pool, PoolUnit

AT_ONCE = 20
# Limits count by the month: what began in this one counts, and what a reservation is near to may be over.
_BACK = timedelta(days=33)
_END = datetime(2101, 1, 1, tzinfo=UTC)

# How many resources were looked at, of how many.
Progress = Callable[[int, int], None]


class Observed(NamedTuple):
    """A reservation of an event and something that stands against it."""

    row: Booked
    clash: Clash


def examine(
    now: datetime, *, whole_days: Container[int | None], progress: Progress = lambda done, of: None
) -> Iterator[Observed]:
    """Every clash of every reservation that an event holds and that has not ended.

    Capacity and audiences are no affair of a single reservation: `workflows/doctor.py` asks after them. Notice is
    nobody's: it was due when the thing was asked for, and what was booked in time is in time for ever. Overlaps are
    looked for in the rows themselves too, whatever the databases promise. `whole_days` are the ids of all-day events.
    """
    ids = list(
        db.session.scalars(
            select(Reservation.resource_id)
            .where(IS_BOOKED, Reservation.busy_until > now)
            .distinct()
            .order_by("resource_id")
        )
    )
    for start in range(0, len(ids), AT_ONCE):
        progress(start, len(ids))
        yield from _examine_some(ids[start : start + AT_ONCE], whole_days, now)
    progress(len(ids), len(ids))


def _examine_some(ids: Sequence[int], whole_days: Container[int | None], now: datetime) -> Iterator[Observed]:
    resources = db.session.scalars(
        select(Resource)
        .where(Resource.id.in_(ids))
        .options(
            joinedload(Resource.room).joinedload(Room.campus),
            joinedload(Resource.expert),
            joinedload(Resource.unit).joinedload(PoolUnit.pool),
        )
    ).all()
    places = db.session.scalars(
        select(Reservation.place_id)
        .where(Reservation.resource_id.in_(ids), IS_BOOKED, Reservation.busy_until > now)
        .distinct()
    )
    known = diary.read(
        resources, Span(now - _BACK, _END), campus_ids={one for one in places if one is not None}, now=now
    )
    for resource in resources:
        rows = known.booked(resource.id)
        yield from _raw_overlaps(resource, rows, now)
        for row in rows:
            if row.ends_at > now and row.event_id is not None:
                yield from (
                    Observed(row, clash) for clash in _against(resource, row, known, row.event_id in whole_days)
                )


def _against(resource: Resource, row: Booked, known: Diary, all_day: bool) -> list[Clash]:
    if isinstance(resource.thing, Pool):  # its units change places as needed: the rows themselves say enough
        return []
    hall = db.session.get_one(Room, row.asked_room_id) if row.asked_room_id is not None else None
    ask = Ask(resource, row.presence, row.place_id, hall=hall, all_day=all_day)
    return conflicts.against([ask], known, lambda other: other.event_id != row.event_id)


def _raw_overlaps(resource: Resource, rows: Sequence[Booked], now: datetime) -> Iterator[Observed]:
    """Reservations of one resource that share an instant; rows come by the start of their busy spans."""
    last: Booked | None = None
    for row in rows:
        if last is not None and row.busy_from < last.busy_until and row.busy_until > now:
            clash = Clash(ClashKind.OVERLAP, resource.thing, row.busy, last.busy, last.event_id, last.hold_id)
            yield Observed(row, clash)
        last = row if last is None or row.busy_until > last.busy_until else last
