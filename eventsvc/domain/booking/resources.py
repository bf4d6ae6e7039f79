"""Resources: every room, expert and unit of a pool has one; the workflow that adds the thing registers it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.pools import PoolUnit


class Locked(NamedTuple):
    """What was locked: rooms with the room they were asked for as, experts, and units in use by their pool."""

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


def lock(*, room_ids: Collection[int] = (), expert_ids: Collection[int] = (), pool_ids: Collection[int] = ()) -> Locked:
    """Lock the resources of those rooms (or their parts), experts and pools in id order and return them.

    Locks: FOR NO KEY UPDATE on PostgreSQL; SQLite's IMMEDIATE transaction already holds the whole database.
    """
    asked_as = leaves_of(room_ids) if room_ids else {}
    found = _claim({"room_ids": list(asked_as), "expert_ids": list(expert_ids), "pool_ids": list(pool_ids)})
    units: dict[int, list[Resource]] = {pool_id: [] for pool_id in pool_ids}
    for one in found:
        if one.unit is not None and one.unit.number <= one.unit.pool.quantity:
            units[one.unit.pool_id].append(one)
    return Locked(
        rooms=[(one, asked_as[one.room_id]) for one in found if one.room_id is not None],
        experts=[one for one in found if one.expert_id is not None],
        units=units,
    )


_OF_ROOMS = Resource.room_id.in_(bindparam("room_ids", expanding=True))
_OF_EXPERTS = Resource.expert_id.in_(bindparam("expert_ids", expanding=True))
_OF_POOLS = Resource.unit_id.in_(select(_unit.c.id).where(_unit.c.pool_id.in_(bindparam("pool_ids", expanding=True))))


def _claiming(*of: ColumnElement[bool]) -> Select[Resource]:
    return select(Resource).where(or_(*of)).order_by(Resource.id).with_for_update(key_share=True, of=Resource)


_CLAIM = _claiming(_OF_ROOMS, _OF_EXPERTS)
_CLAIM_WITH_UNITS = _claiming(_OF_ROOMS, _OF_EXPERTS, _OF_POOLS).options(
    joinedload(Resource.unit).joinedload(PoolUnit.pool)
)


def _claim(wanted: dict[str, list[int]]) -> list[Resource]:
    return list(db.session.scalars(_CLAIM_WITH_UNITS if wanted["pool_ids"] else _CLAIM, wanted))
