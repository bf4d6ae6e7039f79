"""Delivery: claim under a lease, render from the row, send with no transaction open, mark.

A crash between send and mark repeats the message with the same Message-ID and bytes; a crash elsewhere loses and
repeats nothing. Any number of processes may deliver at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import db, transaction
from eventsvc.core.links import Links
from eventsvc.domain.outbox import letters, post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import PutOff, Refused, Transport

BATCH = 50
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


def deliver_due(transport: Transport, links: Links, sender: str, now: datetime) -> Delivered:
    """Send everything that is due, in batches; opens and closes its own transactions."""
    sent = put_off = failed = 0
    with transport:
        while batch := _claimed(now):
            for message in batch:
                outcome = _sent(message, transport, links, sender, now)
                sent += outcome is MessageState.SENT
                put_off += outcome is MessageState.QUEUED
                failed += outcome is MessageState.FAILED
    return Delivered(sent, put_off, failed)


def _sent(message: Message, transport: Transport, links: Links, sender: str, now: datetime) -> MessageState:
    """Send one message and note what became of it."""
    try:
        transport.send(letters.render(message, links, sender))
    except PutOff as reason:
        with transaction():
            post.mark_put_off(message.id, str(reason), now)
        return MessageState.QUEUED
    except (Refused, letters.Unreadable) as reason:
        log.error("message %s will never arrive: %s", message.public_id, type(reason).__name__)
        with transaction():
            post.mark_failed(message.id, str(reason))
        return MessageState.FAILED
    with transaction():
        post.mark_sent(message.id, now)
    return MessageState.SENT


def _claimed(now: datetime) -> list[Message]:
    with transaction():
        batch = post.claim(now, limit=BATCH)
        db.session.flush()
        for message in batch:
            db.session.refresh(message)
            # Rendering happens outside the transaction, from facts that no later change may alter under us.
            db.session.expunge(message)
    return batch
