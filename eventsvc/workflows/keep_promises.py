"""The heartbeat's story: what has become due is done, once, whoever ticks and however late.

The scheduler only wakes this up. The truth about what is due stands in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from eventsvc.core.blame import DATABASE_AWAY
from eventsvc.core.db import Free, db
from eventsvc.core.links import Links
from eventsvc.domain import audit
from eventsvc.domain.attendance import afterwards
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import stepping
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import leasing
from eventsvc.domain.outbox.deliver import Delivered, Delivery, deliver_due
from eventsvc.domain.outbox.smtp import Transport
from eventsvc.domain.reminders import planning, replanning, tries
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.workflows import remind, reminders_too_late
from eventsvc.workflows.after_event import do_what_is_due
from eventsvc.workflows.one_by_one import do_each, never
from eventsvc.workflows.seal_audit import seal_audit
from eventsvc.workflows.take_steps import give_up_understudies, take_steps

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one tick did."""

    completed: int
    reminders: int
    delivered: Delivered | None
    others: int = 0

    @property
    def did_something(self) -> bool:
        """False where nothing of what was due could be done now."""
        left = self.delivered or Delivered()
        return bool(self.completed + self.reminders + self.others + left.sent + left.put_off + left.failed)


def tick(
    *,
    transport: Transport | None,
    links: Links,
    sender: str,
    clock: Callable[[], datetime],
    delivery: Delivery | None = None,
) -> Kept:
    """Complete what has ended; post reminders, the cascade's letters and what is owed afterwards; deliver; seal.

    It opens its own transactions.

    Without a transport letters stay queued. Delivery may be long, so a clock is handed in and not an instant. A part of
    it that fails is logged and holds up no other; a database that is away ends the tick. `delivery` says whether the
    process is asked to end: then no further row is begun.
    """
    delivery = delivery or Delivery()
    completed, planned, reminders, *steps = (
        _part(part, clock(), delivery)
        for part in (
            complete_ended,
            remind.plan_waiting,
            remind.post_due_reminders,
            take_steps,
            give_up_understudies,
            do_what_is_due,
        )
    )
    delivered = None
    if transport is not None:
        note_late = reminders_too_late.note
        delivered = deliver_due(transport, links, sender, clock, threads.name_addresses, delivery, note_late)
    seal_audit(clock())
    return Kept(completed, reminders, delivered, planned + sum(steps))


def _part(part: Callable[[datetime, Callable[[], bool]], int], now: datetime, delivery: Delivery) -> int:
    try:
        return part(now, delivery.is_stopping)
    except DATABASE_AWAY:
        raise
    except Exception:  # letters leave whatever else fails
        log.exception("%s failed; the next tick tries again", part.__name__)
        db.session.rollback()
        return 0


def next_due_at() -> datetime | None:
    """When the next tick has something to do, letters that wait to leave apart; None where nothing is due, ever."""
    return min(filter(None, next_due_by_kind().values()), default=None)


def next_due_by_kind() -> dict[WorkKind, datetime | None]:
    """The same for each kind of work; what was set aside waits for a person and is not counted.

    Understudies who lost their time are not among them: they are found by what is booked, and are due at no instant.
    """
    free = tries.not_set_aside
    ended = select(Event.ends_at).where(Event.status == Status.CONFIRMED, free(WorkKind.COMPLETION)(Event.id))
    return {
        WorkKind.COMPLETION: db.session.scalar(ended.order_by(Event.ends_at).limit(1)),
        WorkKind.PLANNING: replanning.first_asked_at(free(WorkKind.PLANNING)),
        WorkKind.REMINDER: planning.next_due_at(free(WorkKind.REMINDER)),
        WorkKind.STEP: stepping.next_due_at(free(WorkKind.STEP)),
        WorkKind.AFTERWARDS: afterwards.next_due_at(free(WorkKind.AFTERWARDS)),
    }


def next_tick_at(now: datetime) -> datetime | None:
    """The same with letters: when they may be claimed next."""
    return min(filter(None, (next_due_at(), leasing.next_claim_at(now))), default=None)


def complete_ended(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Complete confirmed events that have ended; no byte of a calendar changes. Returns how many."""
    events: dict[int, UUID] = {}

    def find(limit: int, free: Free) -> list[int]:
        query = select(Event.id, Event.public_id).where(Event.status == Status.CONFIRMED, Event.ends_at <= now)
        rows = db.session.execute(query.where(free(Event.id)).order_by(Event.ends_at, Event.id).limit(limit))
        events.update(found := {row.id: row.public_id for row in rows})
        return list(found)

    def complete(number: int) -> None:
        event = claim_event(events[number])
        if event.status is Status.CONFIRMED and event.has_ended(now):
            lifecycle.make(event, Move.COMPLETE, now)
            afterwards.begin(event, now)
            audit.record("complete", "event", event.public_id, actor="scheduler", now=now)

    return do_each(WorkKind.COMPLETION, find, complete, now, is_stopping=is_stopping)
