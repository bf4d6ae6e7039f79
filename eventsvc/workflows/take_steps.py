"""The cascade's tick: chases, silence told, the next asked. Each invitation in a transaction of its own.

Any number of processes may do it: the event is locked first, and what another one did is seen. A crash between two
steps loses none and repeats none.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.times import local_day
from eventsvc.domain.booking import resources
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.invitations import chasing, settings, stepping
from eventsvc.domain.invitations.chasing import StepKind
from eventsvc.domain.invitations.models import Invitation, InvitationState, PartnerSettings
from eventsvc.domain.reminders.models import Reminder, ReminderState
from eventsvc.workflows import cascade, tell_cascade, wishes

BATCH = 200
# Letters must not wait for a backlog: what is left is looked at by the next tick.
MOST = 1000


def take_steps(now: datetime) -> int:
    """Look at invitations that are due, up to `MOST`; opens its own transactions. Returns how many were looked at."""
    looked_at = 0
    while looked_at < MOST and (batch := stepping.due_ids(now, limit=BATCH)):
        for invitation_id, event_id in batch:
            with transaction():
                claim_event(event_id)
                invitation = db.session.get_one(Invitation, invitation_id, populate_existing=True)
                if invitation.next_step_at is not None and invitation.next_step_at <= now:
                    _look_at(invitation, now)
        looked_at += len(batch)
    return looked_at


def _look_at(invitation: Invitation, now: datetime) -> None:
    """Do what is due, and say when to look next: later than now, or never."""
    if not stepping.is_open(invitation, now):
        invitation.next_step_at = None
        return
    own = settings.of_organization(invitation.expert.organization_id)
    lettered = _reminder_days(invitation)
    due = stepping.due(invitation, own, now, lettered=lettered)
    if StepKind.PASS_ON in due:
        cascade.pass_over(invitation, now)
        return
    if StepKind.TELL in due:
        tell_cascade.tell_of_silence(invitation, now)
    hours = settings.hours_of(invitation.expert, own)
    if StepKind.CHASE in due and not hours.works_at(now):
        invitation.next_step_at = hours.next_moment(now)
        return
    invitation.stepped_at = now
    if StepKind.CHASE in due and local_day(now, hours.zone) not in lettered:
        _chase(invitation, now)
    invitation.next_step_at = _next(invitation, own, lettered, now)


def _next(invitation: Invitation, own: PartnerSettings, lettered: set[date], now: datetime) -> datetime | None:
    return chasing.next_after(stepping.planned(invitation, own, lettered), now)


def _chase(invitation: Invitation, now: datetime) -> None:
    """One letter, unless the person had one today about another event: that named this one as well."""
    if invitation.state is InvitationState.AWAITS_RELEASE:
        wishes.wish_for([invitation], now, again=True)
        return
    expert = invitation.expert
    resources.lock(expert_ids=[expert.id])  # two processes must not write to one person about two events
    if stepping.was_chased_on(expert, local_day(now, expert.zone)):
        return
    invitation.chased_at = now
    tell_cascade.chase(invitation, stepping.open_of(expert, now), now)


def _reminder_days(invitation: Invitation) -> set[date]:
    """The local days on which the person is reminded of this event: not a day for a chase as well."""
    event = invitation.event
    query = select(Reminder.due_at).where(
        Reminder.event_id == event.id,
        Reminder.expert_id == invitation.expert_id,
        Reminder.starts_at == event.starts_at,
        Reminder.state.in_((ReminderState.PLANNED, ReminderState.POSTED)),
    )
    return {local_day(at, invitation.expert.zone) for at in db.session.scalars(query)}
