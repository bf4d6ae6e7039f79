"""Which letters tell of something already, so that nobody is told twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

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


def begun(abouts: Collection[str]) -> Sequence[Message]:
    """The letters about any of these that may have arrived, in that order: those on their way, or failed, too."""
    has_begun = or_(Message.state.not_in((MessageState.QUEUED, MessageState.DROPPED)), Message.attempts > 0)
    query = select(Message).where(Message.event.in_(abouts), has_begun, Message.state != MessageState.DROPPED)
    when = func.coalesce(Message.sent_at, Message.lease_until, Message.next_attempt_at)
    return db.session.scalars(query.order_by(when, Message.id)).all()


def hasten(messages: Iterable[Message], at: datetime | None) -> None:
    """Let letters that wait leave at that moment at the latest; None leaves them alone."""
    for message in messages:
        if at is not None and message.next_attempt_at > at:
            message.next_attempt_at = at
