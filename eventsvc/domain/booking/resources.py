"""Resources: every room, expert and unit of a pool has one; the workflow that adds the thing registers it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

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


def leaves_of(room_ids: Collection[int]) -> list[tuple[int, int]]:
    """(room asked for, room to be reserved): a divisible hall is all its parts in use, any other room is itself."""
    asked = select(Room.id.label("asked_id"), Room.id.label("room_id")).where(Room.id.in_(room_ids)).cte(recursive=True)
    asked = asked.union(
        select(asked.c.asked_id, Room.id).where(Room.parent_id == asked.c.room_id, Room.retired_on.is_(None))
    )
    part = aliased(Room)
    is_divided = select(part.id).where(part.parent_id == asked.c.room_id, part.retired_on.is_(None)).exists()
    return [(row.asked_id, row.room_id) for row in db.session.execute(select(asked).where(~is_divided))]


def lock(*, room_ids: Collection[int] = (), expert_ids: Collection[int] = (), pool_ids: Collection[int] = ()) -> Locked:
    """Lock the resources of those rooms (or their parts), experts and pools in id order and return them.

    Locks: FOR NO KEY UPDATE on PostgreSQL; SQLite's IMMEDIATE transaction already holds the whole database.
    """
    asked_as = {leaf: asked for asked, leaf in leaves_of(room_ids)} if room_ids else {}
    found = _claim(list(asked_as), list(expert_ids), list(pool_ids))
    units: dict[int, list[Resource]] = {pool_id: [] for pool_id in pool_ids}
    for one in found:
        if one.unit is not None and one.unit.number <= one.unit.pool.quantity:
            units[one.unit.pool_id].append(one)
    return Locked(
        rooms=[(one, asked_as[one.room_id]) for one in found if one.room_id is not None],
        experts=[one for one in found if one.expert_id is not None],
        units=units,
    )


def _claim(room_ids: Sequence[int], expert_ids: Sequence[int], pool_ids: Sequence[int]) -> list[Resource]:
    units = select(PoolUnit.id).where(PoolUnit.pool_id.in_(pool_ids))
    wanted = [
        *([Resource.room_id.in_(room_ids)] if room_ids else []),
        *([Resource.expert_id.in_(expert_ids)] if expert_ids else []),
        *([Resource.unit_id.in_(units)] if pool_ids else []),
    ]
    if not wanted:
        return []
    query = (
        select(Resource)
        .where(or_(*wanted))
        .options(joinedload(Resource.room).joinedload(Room.campus), joinedload(Resource.expert))
        .order_by(Resource.id)
        .with_for_update(key_share=True, of=Resource)
    )
    return list(db.session.scalars(query))
