"""How often a partner's people have been at colleges: counted from events, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, distinct, func, select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus, Expert, Office
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.requests.fairness import Share

# What lies further back weighs no more.
COUNTED = timedelta(days=365)


def _held(partner_id: int, now: datetime) -> Select[int]:
    """Events, planned or past, of colleges' offices in which somebody of the partner has a part."""
    query = select(Office.organization_id).select_from(Event).join(Office, Office.id == Event.owner_id)
    query = query.join(Seat, Seat.event_id == Event.id).join(Expert, Expert.id == Seat.expert_id)
    return query.where(
        Expert.organization_id == partner_id,
        Event.starts_at > now - COUNTED,
        Event.status.not_in([*OFF, Status.DRAFT]),
    )


def shares_of(partner_id: int, college_ids: Collection[int], now: datetime) -> dict[int, Share]:
    """What each college has had of the partner, and its students; two queries, and no entry is missing."""
    counts = _held(partner_id, now).add_columns(func.count(distinct(Event.id)).label("number"))
    counts = counts.where(Office.organization_id.in_(college_ids)).group_by(Office.organization_id)
    held = {row.organization_id: row.number for row in db.session.execute(counts)}
    heads = select(Campus.organization_id, func.sum(Campus.students).label("students"))
    heads = heads.where(Campus.organization_id.in_(college_ids), Campus.retired_on.is_(None))
    students = {row.organization_id: row.students for row in db.session.execute(heads.group_by(Campus.organization_id))}
    return {one: Share(held.get(one, 0), students.get(one)) for one in college_ids}


def visits(partner_id: int, college_ids: Collection[int], now: datetime) -> dict[tuple[int, int], int]:
    """How often each of the partner's people was, or will be, at each college: by expert and college."""
    counts = _held(partner_id, now).add_columns(Seat.expert_id, func.count(distinct(Event.id)).label("number"))
    counts = counts.where(Office.organization_id.in_(college_ids)).group_by(Office.organization_id, Seat.expert_id)
    return {(row.expert_id, row.organization_id): row.number for row in db.session.execute(counts)}
