"""Resources: every room, expert and unit of a pool has one; the workflow that adds the thing registers it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource, State
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.pools import Pool, PoolUnit


class Found(NamedTuple):
    """Rooms with the room they were asked for as, experts, and the units in use of each pool."""

    rooms: list[tuple[Resource, int]]
    experts: list[Resource]
    units: dict[int, list[Resource]]


def register(*, room_id: int | None = None, expert_id: int | None = None, unit_id: int | None = None) -> Resource:
    """Make a room, an expert or a unit bookable; doing it again changes nothing."""
    thing = {"room_id": room_id, "expert_id": expert_id, "unit_id": unit_id}
    found = db.session.scalar(select(Resource).filter_by(**{name: id for name, id in thing.items() if id is not None}))
    if found is None:
        db.session.add(found := Resource(**thing))
    return found


_room, _resource, _unit = Room.__table__, Resource.__table__, PoolUnit.__table__
_PARTS = select(_room.c.parent_id, _room.c.id).where(
    _room.c.parent_id.in_(bindparam("room_ids", expanding=True)), _room.c.retired_on.is_(None)
)


def leaves_of(room_ids: Iterable[int]) -> dict[int, int]:
    """Each room to be reserved → the room asked for: a divisible hall is all its parts in use, others themselves."""
    leaves: dict[int, int] = {}
    asked_as = {room_id: room_id for room_id in room_ids}
    while asked_as:
        rows = db.session.connection().execute(_PARTS, {"room_ids": list(asked_as)}).all()
        halls = {row.parent_id for row in rows}
        leaves |= {room_id: asked for room_id, asked in asked_as.items() if room_id not in halls}
        asked_as = {row.id: asked_as[row.parent_id] for row in rows}
    return leaves


def lock(
    *,
    room_ids: Collection[int] = (),
    expert_ids: Collection[int] = (),
    pool_ids: Collection[int] = (),
    beside: Collection[int] = (),
) -> Found:
    """Lock the resources of those rooms (or their parts), experts and pools in id order and return them.

    Those whose own ids are named in `beside` are locked with them and not returned: what is to be given back.

    Locks: FOR NO KEY UPDATE on PostgreSQL; SQLite's IMMEDIATE transaction already holds the whole database. A hall is
           locked with its parts, so that nobody makes one of a room, or changes its parts, in the same moment.
    """
    statement = _CLAIM_WITH_UNITS if pool_ids else _CLAIM
    ids = {"room_ids": list(room_ids), "expert_ids": list(expert_ids), "pool_ids": list(pool_ids)}
    if beside:
        statement, ids["beside"] = _CLAIM_BESIDE, list(beside)
    while True:
        locked = db.session.scalars(statement, ids).all()
        # What a hall is made of is read under its lock; a part that came while we waited for it is locked, too.
        asked_as = leaves_of(room_ids) if room_ids else {}
        if asked_as.keys() <= {one.room_id for one in locked}:
            return _sorted(locked, asked_as, expert_ids, pool_ids)


def find(*, room_ids: Collection[int] = (), expert_ids: Collection[int] = (), pool_ids: Collection[int] = ()) -> Found:
    """The same without any lock, for those who only look."""
    asked_as = leaves_of(room_ids) if room_ids else {}
    ids = {"room_ids": list(asked_as), "expert_ids": list(expert_ids), "pool_ids": list(pool_ids)}
    return _sorted(db.session.scalars(_LOOK, ids).all(), asked_as, expert_ids, pool_ids)


def _sorted(
    rows: Iterable[Resource], asked_as: dict[int, int], expert_ids: Collection[int], pool_ids: Collection[int]
) -> Found:
    found = Found([], [], {pool_id: [] for pool_id in pool_ids})
    quantities = _quantities(pool_ids) if pool_ids else {}
    for one in rows:
        if one.room_id is not None and one.room_id in asked_as:
            found.rooms.append((one, asked_as[one.room_id]))
        elif one.expert_id is not None and one.expert_id in expert_ids:
            found.experts.append(one)
        elif one.unit is not None and one.unit.number <= quantities.get(one.unit.pool_id, 0):
            found.units[one.unit.pool_id].append(one)
    return found


_OF_ROOMS = Resource.room_id.in_(bindparam("room_ids", expanding=True))
_OF_EXPERTS = Resource.expert_id.in_(bindparam("expert_ids", expanding=True))
_OF_POOLS = Resource.unit_id.in_(select(_unit.c.id).where(_unit.c.pool_id.in_(bindparam("pool_ids", expanding=True))))


_BESIDE = Resource.id.in_(bindparam("beside", expanding=True))


def _looking(*of: ColumnElement[bool]) -> Select[Resource]:
    return select(Resource).where(or_(*of)).order_by(Resource.id)


_part, _part_of_part = _room.alias("part"), _room.alias("part_of_part")
# A hall, its parts, and theirs: keep_halls lets none lie deeper. Out of use or not: `leaves_of` has the last word.
_OF_HALLS = union_all(
    select(_resource.c.id).where(_resource.c.room_id.in_(bindparam("room_ids", expanding=True))),
    select(_resource.c.id)
    .join(_part, _part.c.id == _resource.c.room_id)
    .where(_part.c.parent_id.in_(bindparam("room_ids", expanding=True))),
    select(_resource.c.id)
    .join(_part_of_part, _part_of_part.c.id == _resource.c.room_id)
    .join(_part, _part.c.id == _part_of_part.c.parent_id)
    .where(_part.c.parent_id.in_(bindparam("room_ids", expanding=True))),
)


def _claiming(*of: ColumnElement[bool]) -> Select[Resource]:
    return _looking(Resource.id.in_(_OF_HALLS), *of).with_for_update(key_share=True, of=Resource)


_UNIT = joinedload(Resource.unit).joinedload(PoolUnit.pool)
_CLAIM = _claiming(_OF_EXPERTS)
_CLAIM_WITH_UNITS = _claiming(_OF_EXPERTS, _OF_POOLS).options(_UNIT)
_CLAIM_BESIDE = _claiming(_OF_EXPERTS, _OF_POOLS, _BESIDE).options(_UNIT)
_LOOK = _looking(_OF_ROOMS, _OF_EXPERTS, _OF_POOLS).options(
    _UNIT, joinedload(Resource.room).joinedload(Room.campus), joinedload(Resource.expert)
)


def _quantities(pool_ids: Collection[int]) -> dict[int, int]:
    """Read after the lock: what the session knows of a pool may be older than the unit that has gone since."""
    rows = db.session.execute(select(Pool.id, Pool.quantity).where(Pool.id.in_(pool_ids)))
    return {row.id: row.quantity for row in rows}


def rooms_taken_until(
    now: datetime, *, room_ids: Collection[int] = (), hall_ids: Collection[int] = ()
) -> datetime | None:
    """The end of the last live reservation of those rooms, or that was asked for as one of those halls; None if none.

    Locks: nothing; the caller has locked what it is about to change.
    """
    lapses = and_(Reservation.state == State.HELD, Reservation.hold_until <= now)
    return db.session.scalar(
        select(func.max(Reservation.busy_until))
        .join(Reservation.resource)
        .where(
            IS_BOOKED,
            Reservation.busy_until > now,
            ~func.coalesce(lapses, False),
            or_(Resource.room_id.in_(room_ids), Reservation.asked_room_id.in_(hall_ids)),
        )
    )
