"""Delivery: claim under a lease, render from the row, send with no transaction open, mark.

A crash between send and mark repeats the message with the same Message-ID and bytes; a crash elsewhere loses and
repeats nothing. Any number of processes may deliver at once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eventsvc.core.db import db, transaction
from eventsvc.core.links import Links
from eventsvc.domain.outbox import choices, letters, post
from eventsvc.domain.outbox.calendar_part import bounces_to
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import Lease
from eventsvc.domain.outbox.smtp import NoServer, PutOff, Refused, Transport

BATCH = 10
SERVER_WAIT = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


Prepare = Callable[[Links, Message], None]


def deliver_due(
    transport: Transport, links: Links, sender: str, clock: Callable[[], datetime], prepare: Prepare
) -> Delivered:
    """Send everything that is due, in batches; opens and closes its own transactions.

    `prepare` may complete the facts of a letter that is claimed, in a transaction of its own: while rows of letters are
    locked it must lock nothing, since whoever changes an event locks them last.

    A round may be long, so it is handed a clock and not an instant. It ends early when the mail server itself cannot
    be had: every letter is owed as before and is tried in a minute.
    """
    counted: Counter[MessageState] = Counter()
    with transport:
        while batch := _claimed(clock()):
            for index, message in enumerate(batch):
                prepare(links, message)
                try:
                    counted[_sent(message, transport, links, sender, clock)] += 1
                except NoServer as reason:
                    log.error("the mail server cannot be had: %s; letters wait", type(reason.__cause__).__name__)
                    counted[MessageState.QUEUED] += _hand_back(batch[index:], str(reason), clock())
                    return _told(counted)
    return _told(counted)


def _told(counted: Counter[MessageState]) -> Delivered:
    return Delivered(counted[MessageState.SENT], counted[MessageState.QUEUED], counted[MessageState.FAILED])


def _sent(
    message: Message, transport: Transport, links: Links, sender: str, clock: Callable[[], datetime]
) -> MessageState:
    """Send one message and note what became of it; raises NoServer."""
    lease = Lease(message.id, message.attempts)
    try:
        mail = letters.render(message, links, sender)
        transport.send(mail, bounces_to=bounces_to(message, links))
    except PutOff as reason:
        with transaction():
            post.mark_put_off(lease, str(reason), clock())
        return MessageState.QUEUED
    except (Refused, letters.Unreadable) as reason:
        log.error("message %s will never arrive: %s", message.public_id, type(reason).__name__)
        with transaction():
            post.mark_failed(lease, str(reason))
        return MessageState.FAILED
    with transaction():
        post.mark_sent(lease, clock())
    return MessageState.SENT


def _hand_back(messages: Sequence[Message], reason: str, now: datetime) -> int:
    with transaction():
        for message in messages:
            post.hand_back(Lease(message.id, message.attempts), reason, SERVER_WAIT, now)
    return len(messages)


def _claimed(now: datetime) -> list[Message]:
    with transaction():
        while claimed := post.claim(now, limit=BATCH):
            batch = choices.drop_stopped(claimed)
            db.session.flush()
            for message in batch:
                db.session.refresh(message)
                # Rendering happens outside the transaction, from facts that no later change may alter under us.
                db.session.expunge(message)
            if batch:
                return batch
    return []
