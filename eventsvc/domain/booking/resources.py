"""Resources: every room and expert has one; the workflow that adds the thing registers it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.domain.booking.models import Resource


def register(*, room_id: int | None = None, expert_id: int | None = None) -> Resource:
    """Make a room or an expert bookable; doing it again changes nothing."""
    found = db.session.scalar(
        select(Resource).where(Resource.room_id == room_id if room_id is not None else Resource.expert_id == expert_id)
    )
    if found is None:
        db.session.add(found := Resource(room_id=room_id, expert_id=expert_id))
    return found


def lock(*, room_ids: Sequence[int] = (), expert_ids: Sequence[int] = ()) -> list[Resource]:
    """Lock the resources of those rooms and experts in id order and return them.

    Locks: FOR NO KEY UPDATE on PostgreSQL; SQLite's IMMEDIATE transaction already holds the whole database.
    """
    query = (
        select(Resource)
        .where(or_(Resource.room_id.in_(room_ids), Resource.expert_id.in_(expert_ids)))
        .order_by(Resource.id)
        .with_for_update(key_share=True, of=Resource)
    )
    return list(db.session.scalars(query))
