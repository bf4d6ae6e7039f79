"""Which leave of experts one sees, and from whom one may choose: experts of one's own offices, or oneself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.booking.blocks import Block, BlockKind, LeaveCover
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Expert
from eventsvc.workflows.keeping import may_keep


class Leave(NamedTuple):
    """One leave, whose it is, and whether the asker keeps it."""

    block: Block
    expert: Expert
    is_kept: bool


def experts_kept(*, actor: Actor) -> list[Expert]:
    """The experts in use whose leave one keeps, by name; one query. Refuses: SignInNeeded."""
    ensure_somebody(actor)
    query = select(Expert).where(Expert.retired_on.is_(None)).options(joinedload(Expert.organization))
    return [one for one in db.session.scalars(query.order_by(Expert.name, Expert.id)) if may_keep(actor, one)]


def colleagues_of(expert: Expert) -> Sequence[Expert]:
    """Whom one may name to be asked in an expert's place: the others of the organization, by name."""
    others = Expert.organization_id == expert.organization_id, Expert.id != expert.id, Expert.retired_on.is_(None)
    return db.session.scalars(select(Expert).where(*others).order_by(Expert.name, Expert.id)).all()


def coming_leave(experts: Collection[Expert], *, actor: Actor, now: datetime) -> list[Leave]:
    """When those experts are away, now and later, the nearest first, with whom one asks instead; one query.

    Whoever sees somebody's week sees this of it.
    """
    query = select(Block, Expert).join(Resource, Resource.id == Block.resource_id)
    query = query.join(Expert, Expert.id == Resource.expert_id).where(Expert.id.in_([one.id for one in experts]))
    query = query.where(Block.kind == BlockKind.LEAVE, Block.ends_at > now)
    query = query.options(joinedload(Block.named_cover).joinedload(LeaveCover.expert))
    found = db.session.execute(query.order_by(Block.starts_at, Block.id)).all()
    return [Leave(block, expert, may_keep(actor, expert)) for block, expert in found]
