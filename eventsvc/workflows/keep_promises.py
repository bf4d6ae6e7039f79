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
from eventsvc.core.times import local_day
from eventsvc.domain import audit
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import ApprovalState
from eventsvc.domain.attendance import afterwards
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking, stepping
from eventsvc.domain.invitations.models import ASKED, Invitation, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox.deliver import Delivered, deliver_due
from eventsvc.domain.outbox.smtp import Transport
from eventsvc.domain.reminders import planning
from eventsvc.domain.reminders.models import Audience, Condition, Reminder, ReminderState
from eventsvc.workflows import tell, tell_rooms
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
    reminders = post_due_reminders(clock())
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
    firsts = (planning.next_due_at(), stepping.next_due_at(), afterwards.next_due_at(), db.session.scalar(ends))
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


def post_due_reminders(now: datetime) -> int:
    """Turn every reminder that is due into a letter, or note why not. Returns how many were looked at."""
    looked_at = 0
    while batch := planning.due(now, limit=BATCH):
        for reminder_id, event_id in batch:
            with transaction():
                claim_event(event_id)
                reminder = db.session.get_one(Reminder, reminder_id)
                if reminder.state is ReminderState.PLANNED:
                    reminder.state = _post(reminder, now)
        looked_at += len(batch)
    return looked_at


def _post(reminder: Reminder, now: datetime) -> ReminderState:
    event = reminder.event
    if event.starts_at <= now or planning.is_overtaken(reminder, now):
        return ReminderState.MISSED
    invitations = asking.of_event(event.id)
    silent = [one.expert.name for one in invitations if one.state in _SILENT and _is_named(event, one)]
    if reminder.rule.audience is Audience.OFFICE:
        unheard = [row for row in rooms.of_event(event.id) if row.state is ApprovalState.REQUESTED]
        if reminder.rule.condition is Condition.UNANSWERED and not silent and not unheard:
            return ReminderState.DROPPED
        tell_rooms.remind_host_of_silence(reminder, silent, unheard, now)
        return ReminderState.POSTED
    invitation = _expected(invitations, reminder)
    if invitation is None:
        return ReminderState.DROPPED
    if invitation.state in ASKED and stepping.was_chased_on(invitation.expert, local_day(now, invitation.expert.zone)):
        return ReminderState.DROPPED  # the same question, asked today
    tell.remind_person(reminder, invitation, now)
    return ReminderState.POSTED


_SILENT = frozenset({InvitationState.AWAITS_RELEASE, InvitationState.PASSED_OVER, *ASKED})


def _is_named(event: Event, invitation: Invitation) -> bool:
    return any(seat.expert_id == invitation.expert_id for seat in event.seats)


def _expected(invitations: list[Invitation], reminder: Reminder) -> Invitation | None:
    """The invitation of the person to remind: who was asked, and has not said that they will not come."""
    for invitation in invitations:
        if invitation.expert_id == reminder.expert_id and invitation.state in (*ASKED, InvitationState.ACCEPTED):
            return invitation
    return None
