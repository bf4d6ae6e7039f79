"""Posting a promise and the rows' way through the outbox: queued → leased → sent or failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound
from eventsvc.domain.outbox.models import IS_OWED, Message, MessageState

LEASE = timedelta(minutes=5)
# After these waits a message that the other side keeps putting off is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480, 960))


def post(
    letter: str,
    *,
    key: str,
    to_address: str,
    to_name: str = "",
    language: str = "en",
    event: str = "",
    facts: Mapping[str, Any],
    now: datetime,
) -> Message | None:
    """Owe somebody a letter; the same key is owed once. Returns None when it is owed already or has no address.

    Locks: none; call inside the transaction of the change that the letter is about.
    """
    if not to_address or db.session.scalar(select(Message.id).where(Message.key == key)) is not None:
        return None
    message = Message(
        key=key,
        letter=letter,
        to_address=to_address,
        to_name=to_name,
        language=language,
        event=event,
        facts=dict(facts),
        created_at=now,
        next_attempt_at=now,
        state=MessageState.QUEUED,
    )
    db.session.add(message)
    return message


def rewrite_unsent(event: str, key_starts: Sequence[str], facts: Mapping[str, Any]) -> bool:
    """Put new facts into the letters of those keys that nobody has begun to send; False when there are none.

    So a change on the heels of another is told once, with what is true when the letter leaves.
    """
    unsent = _unsent(event, key_starts)
    for message in unsent:
        message.facts = {**message.facts, **facts}
    return bool(unsent)


def drop_unsent(event: str, key_starts: Sequence[str]) -> None:
    """Stop owing the letters of those keys that nobody has begun to send."""
    for message in _unsent(event, key_starts):
        message.state = MessageState.DROPPED
    db.session.flush()


def has_any_left(event: str, key_starts: Sequence[str]) -> bool:
    """True when a letter of those keys was sent, is being sent, or failed on its way."""
    is_out = Message.state.not_in((MessageState.QUEUED, MessageState.DROPPED))
    return db.session.scalar(select(Message.id).where(*_of(event, key_starts), is_out).limit(1)) is not None


def _unsent(event: str, key_starts: Sequence[str]) -> list[Message]:
    """Locks them: whoever is claiming one at this moment goes first, and then it is unsent no more."""
    query = select(Message).where(*_of(event, key_starts), Message.state == MessageState.QUEUED).order_by(Message.id)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _of(event: str, key_starts: Sequence[str]) -> list[ColumnElement[bool]]:
    starts = [Message.key.startswith(start, autoescape=True) for start in key_starts]
    return [Message.event == event, or_(*starts)]


def claim(now: datetime, *, limit: int) -> list[Message]:
    """Lease the messages that are due, oldest first; a lease that ran out is claimed again.

    Locks: the rows claimed, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL).
    """
    due = or_(
        and_(Message.state == MessageState.QUEUED, Message.next_attempt_at <= now),
        and_(Message.state == MessageState.LEASED, Message.lease_until <= now),
    )
    query = (
        select(Message)
        .where(IS_OWED, due)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    messages = list(db.session.scalars(query))
    for message in messages:
        message.state = MessageState.LEASED
        message.lease_until = now + LEASE
        message.attempts += 1
    return messages


def mark_sent(message_id: int, now: datetime) -> None:
    """Note that a message has left the house."""
    message = db.session.get_one(Message, message_id)
    message.state, message.sent_at, message.lease_until, message.error = MessageState.SENT, now, None, ""


def mark_put_off(message_id: int, reason: str, now: datetime) -> None:
    """Note that the other side cannot take a message now; it is tried again later, and given up at last."""
    message = db.session.get_one(Message, message_id)
    message.error, message.lease_until = reason[:500], None
    if message.attempts > len(BACK_OFF):
        message.state = MessageState.FAILED
        return
    message.state = MessageState.QUEUED
    message.next_attempt_at = now + BACK_OFF[message.attempts - 1]


def mark_failed(message_id: int, reason: str) -> None:
    """Note that the other side will never take a message."""
    message = db.session.get_one(Message, message_id)
    message.state, message.error, message.lease_until = MessageState.FAILED, reason[:500], None


def newest(limit: int, *, before: str = "", to: str = "") -> list[Message]:
    """The newest messages, for the inbox page: those before the one of that public id, whose address holds `to`.

    Refuses: NotFound when no message has that public id.
    """
    query = select(Message).order_by(Message.id.desc()).limit(limit)
    if before:
        query = query.where(Message.id < get_message(before).id)
    if to:
        query = query.where(Message.to_address.icontains(to, autoescape=True))
    return list(db.session.scalars(query))


def get_message(message_id: str) -> Message:
    """The message of that public id; refuses NotFound."""
    try:
        found = db.session.scalar(select(Message).where(Message.public_id == UUID(message_id)))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such letter.")
    return found


def next_due_at() -> datetime | None:
    """When the next queued message is to be sent, or None."""
    return db.session.scalar(select(func.min(Message.next_attempt_at)).where(Message.state == MessageState.QUEUED))


def counts() -> dict[str, int]:
    """How many messages stand in each state."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {str(state): number for state, number in rows}
