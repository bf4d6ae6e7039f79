"""What was promised beforehand is said: every reminder that is due becomes a letter, or it is noted why not."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.db import db, transaction
from eventsvc.core.times import local_day
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import ApprovalState
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking, stepping
from eventsvc.domain.invitations.models import ASKED, Invitation, InvitationState
from eventsvc.domain.reminders import planning
from eventsvc.domain.reminders.models import Audience, Condition, Reminder, ReminderState
from eventsvc.workflows import tell, tell_rooms

BATCH = 200


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
