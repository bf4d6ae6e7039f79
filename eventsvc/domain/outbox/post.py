"""Posting a promise and the rows' way through the outbox: queued → leased → sent or failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

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
