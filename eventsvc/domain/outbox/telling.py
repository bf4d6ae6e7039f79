"""Which letters tell of something already, so that nobody is told twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import and_, func, or_, select

from eventsvc.core.db import db
from eventsvc.domain.outbox.models import Message, MessageState


def newest_id() -> int:
    """The id of the newest letter; what is owed from now on has a greater one."""
    return db.session.scalar(select(func.max(Message.id))) or 0


def new_or_waiting(abouts: Collection[str], letters: Collection[str], *, after_id: int) -> Sequence[Message]:
    """The letters of those names about any of these that came after that id, or that nobody has begun to send."""
    waits = and_(Message.state == MessageState.QUEUED, Message.attempts == 0)
    is_owed = and_(Message.id > after_id, Message.state != MessageState.DROPPED)
    query = select(Message).where(Message.event.in_(abouts), Message.letter.in_(letters), or_(waits, is_owed))
    return db.session.scalars(query.order_by(Message.id)).all()
