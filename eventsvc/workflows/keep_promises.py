"""The heartbeat's story: what has become due is done, once, whoever ticks and however late.

The scheduler only wakes this up. The truth about what is due stands in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.links import Links
from eventsvc.domain import audit
from eventsvc.domain.attendance import afterwards
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import stepping
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox.deliver import Delivered, deliver_due
from eventsvc.domain.outbox.smtp import Transport
from eventsvc.workflows import remind
from eventsvc.workflows.after_event import do_what_is_due
from eventsvc.workflows.seal_audit import seal_audit
from eventsvc.workflows.take_steps import give_up_understudies, take_steps

BATCH = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What one tick did."""

    completed: int
    reminders: int
    delivered: Delivered | None


def tick(*, transport: Transport | None, links: Links, sender: str, clock: Callable[[], datetime]) -> Kept:
    """Complete what has ended; post reminders, the cascade's letters and what is owed afterwards; deliver; seal.

    It opens its own transactions.

    Without a transport letters stay queued. Delivery may be long, so a clock is handed in and not an instant.
    """
    completed = complete_ended(clock())
    remind.plan_waiting(clock())
    reminders = remind.post_due_reminders(clock())
    take_steps(clock())
    give_up_understudies(clock())
    do_what_is_due(clock())
    delivered = None
    if transport is not None:
        delivered = deliver_due(transport, links, sender, clock, threads.name_address)
    seal_audit(clock())
    return Kept(completed, reminders, delivered)


def next_due_at() -> datetime | None:
    """When the next tick has something to do, letters that wait to leave apart; None where nothing is due, ever."""
    ends = select(Event.ends_at).where(Event.status == Status.CONFIRMED).order_by(Event.ends_at).limit(1)
    firsts = (remind.next_due_at(), stepping.next_due_at(), afterwards.next_due_at(), db.session.scalar(ends))
    return min(filter(None, firsts), default=None)


def complete_ended(now: datetime) -> int:
    """Complete confirmed events that have ended; no byte of a calendar changes. Returns how many."""
    ended = db.session.scalars(
        select(Event.public_id).where(Event.status == Status.CONFIRMED, Event.ends_at <= now).limit(BATCH)
    ).all()
    for event_id in ended:
        with transaction():
            event = claim_event(event_id)
            if event.status is Status.CONFIRMED and event.has_ended(now):
                lifecycle.make(event, Move.COMPLETE, now)
                afterwards.begin(event, now)
                audit.record("complete", "event", event_id, actor="scheduler", now=now)
    return len(ended)
