"""A letter's way through delivery: queued → leased → sent, put off, failed or set aside.

Who claims a letter holds a lease on it; whoever lost the lease marks nothing. A process that dies leaves its leases
behind: they run out, and the letter is claimed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from eventsvc.core.db import db
from eventsvc.core.times import AHEAD_OF_US
from eventsvc.domain.outbox import pacing, pause, post
from eventsvc.domain.outbox.models import IS_OWED, Message, MessageState
from eventsvc.domain.outbox.pacing import UNPACED, Paces

# Longer than one letter may take; who holds several renews them (MAIL_LEASE_SECONDS).
LEASE = timedelta(minutes=4)
# After these waits a message that the other side keeps putting off is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480, 960))
# So often may our own program fail at a letter, or die over it, before the letter is set aside for a person to see.
MOST_SETBACKS = 5
# One transaction gives turns to so many batches of letters that have to wait for them; the next goes on.
_MOST_LOOKS = 50
_SETBACK_WAIT = timedelta(minutes=1)
_BESIDE_THE_SESSION: Any = {"synchronize_session": False}
DIED = "The program ended while it had this letter in hand."


class Lease(NamedTuple):
    """Who may mark a message: the attempt it was claimed for."""

    message_id: int
    attempt: int


def claim(now: datetime, *, limit: int, lease: timedelta = LEASE, paces: Paces = UNPACED) -> list[Message]:
    """Lease the messages that are due, oldest first; a lease that ran out is claimed again.

    None while delivery is paused. A letter over which a process has died is claimed alone, so that it takes no other
    down with it; the fifth time it is set aside. One whose domain has had its share of this minute waits for its turn.

    Locks: the rows claimed, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL); then the paces.
    """
    if pause.is_paused():
        return []
    for _ in range(_MOST_LOOKS):
        if not (found := _due(now, limit, lease)):
            break
        for message in found:
            _note_death(message)
        chosen = pacing.whose_turn_it_is(_alone_or_unharmed(found), paces, now)
        for message in chosen:
            message.state, message.lease_until = MessageState.LEASED, now + lease
            message.attempts += 1
        db.session.flush()
        if chosen:
            return chosen
    return []


def is_any_due(now: datetime, *, lease: timedelta = LEASE) -> bool:
    """True where `claim` has something to look at; locks nothing."""
    due = select(Message.id).where(IS_OWED, _is_due(now, lease)).limit(1)
    return not pause.is_paused() and db.session.scalar(due) is not None


def _is_due(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    # A lease that would last longer than any was given before the clock was set back.
    has_run_out = or_(Message.lease_until <= now, Message.lease_until > now + lease + AHEAD_OF_US)
    return or_(
        and_(Message.state == MessageState.QUEUED, Message.next_attempt_at <= now),
        and_(Message.state == MessageState.LEASED, has_run_out),
    )


def _due(now: datetime, limit: int, lease: timedelta) -> list[Message]:
    query = (
        select(Message)
        .where(IS_OWED, _is_due(now, lease))
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _note_death(message: Message) -> None:
    if message.state is MessageState.LEASED:
        message.state, message.lease_until = MessageState.QUEUED, None
        _set_back(message, DIED)


def _alone_or_unharmed(found: Sequence[Message]) -> list[Message]:
    """The first alone where something happened over it, else those before the first such."""
    waiting = [message for message in found if message.state is MessageState.QUEUED]
    harmed = next((place for place, message in enumerate(waiting) if message.setbacks), len(waiting))
    return waiting[: harmed or 1]


def renew(leases: Sequence[Lease], now: datetime, *, lease: timedelta = LEASE) -> set[int]:
    """Hold leases for their full length again; returns the ids of the messages that are still ours."""
    held = {message.id: message for one in leases if (message := _leased(one)) is not None}
    for message in held.values():
        message.lease_until = now + lease
    return set(held)


def mark_sent(lease: Lease, now: datetime) -> None:
    """Note that a message has left the house."""
    # One statement: every letter that leaves pays for it.
    done = {"state": MessageState.SENT, "sent_at": now, "lease_until": None, "error": ""}
    db.session.execute(update(Message).where(*_holds(lease)).values(done).execution_options(**_BESIDE_THE_SESSION))


def mark_put_off(lease: Lease, reason: str, now: datetime) -> None:
    """Note that the other side cannot take a message now; it is tried again later, and given up at last."""
    message = _leased(lease)
    if message is None:
        return
    message.error, message.lease_until = reason[:500], None
    message.put_offs += 1
    if message.put_offs > len(BACK_OFF):
        message.state = MessageState.FAILED
        return
    message.state = MessageState.QUEUED
    message.next_attempt_at = now + BACK_OFF[message.put_offs - 1]


def mark_failed(lease: Lease, reason: str) -> None:
    """Note that the other side will never take a message."""
    if message := _leased(lease):
        message.state, message.error, message.lease_until = MessageState.FAILED, reason[:500], None


def mark_set_aside(lease: Lease, reason: str) -> None:
    """Note that no letter can be made of a row until somebody mends the program."""
    if message := _leased(lease):
        message.state, message.error, message.lease_until = MessageState.SET_ASIDE, reason[:500], None


def mark_stumbled(lease: Lease, reason: str, now: datetime) -> None:
    """Note that our own program failed at a message; it is tried again soon, and set aside at last."""
    if message := _leased(lease):
        message.state, message.lease_until = MessageState.QUEUED, None
        message.next_attempt_at = now + _SETBACK_WAIT * (message.setbacks + 1)
        _set_back(message, reason)


def _set_back(message: Message, reason: str) -> None:
    message.error = reason[:500]
    message.setbacks += 1
    if message.setbacks >= MOST_SETBACKS:
        message.state = MessageState.SET_ASIDE


def hand_back(lease: Lease, reason: str = "") -> None:
    """Note that no attempt was made after all: the mail server was not to be had, or the process is asked to end.

    It stays due since when it was, so that all go in due order once they can, and `/healthz/scheduler` sees its age.
    """
    message = _leased(lease)
    if message is None:
        return
    message.state, message.lease_until = MessageState.QUEUED, None
    message.attempts -= 1
    message.error = reason[:500] or message.error


def _leased(lease: Lease) -> Message | None:
    """The message, if the lease still holds; somebody else may have taken it after ours ran out."""
    query = select(Message).where(*_holds(lease))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _holds(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Message.id == lease.message_id, Message.attempts == lease.attempt, Message.state == MessageState.LEASED


def next_claim_at(now: datetime) -> datetime | None:
    """When the next letter can be claimed: one that waits comes due, or a lease runs out.

    None where none is owed, or delivery is paused.
    """
    if pause.is_paused():
        return None
    queued = post.next_due_at()
    if queued is not None and queued <= now:
        return queued
    # What is leased was due: the index leads to these few alone.
    leased = select(func.min(Message.lease_until)).where(IS_OWED, Message.next_attempt_at <= now)
    return min(filter(None, (queued, db.session.scalar(leased))), default=None)


def oldest_due_at(now: datetime) -> datetime | None:
    """Since when the oldest letter that is due has waited, in whosever hands it is; None where none is due."""
    due = select(Message.next_attempt_at).where(IS_OWED, Message.next_attempt_at <= now)
    return db.session.scalar(due.order_by(Message.next_attempt_at).limit(1))


def try_again(message: Message, now: datetime) -> None:
    """Owe a locked letter again that had ended, as it is: what counts against it begins anew, its attempts stay."""
    message.state, message.next_attempt_at, message.lease_until = MessageState.QUEUED, now, None
    message.put_offs = message.setbacks = 0
