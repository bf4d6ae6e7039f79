"""The cascade's tick: chases, silence told, the next asked. Each invitation in a transaction of its own.

Any number of processes may do it: the event is locked first, and what another one did is seen. A crash between two
steps loses none and repeats none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import bindparam, select

from eventsvc.core.db import Free, UtcDateTime, db
from eventsvc.core.times import local_day
from eventsvc.domain.booking import resources
from eventsvc.domain.events.lookup import lock_event
from eventsvc.domain.invitations import chasing, proposals, settings, stepping, understudies
from eventsvc.domain.invitations.chasing import StepKind
from eventsvc.domain.invitations.models import Invitation, InvitationState, PartnerSettings
from eventsvc.domain.reminders.models import Reminder, ReminderState
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.workflows import cascade, tell_cascade, wishes
from eventsvc.workflows.one_by_one import do_each, never

# Letters must not wait for a backlog: what is left is looked at by the next tick.
MOST = 1000


def take_steps(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Look at invitations that are due, up to `MOST`; opens its own transactions. Returns how many were looked at."""
    events: dict[int, int] = {}

    def find(limit: int, free: Free) -> list[int]:
        events.update(found := dict(stepping.due_ids(now, limit=limit, free=free)))
        return list(found)

    def look(invitation_id: int) -> None:
        if claimed := stepping.claim_due(invitation_id, events[invitation_id], now):
            invitation, _, own = claimed
            _look_at(invitation, own, now)

    return do_each(WorkKind.STEP, find, look, now, most=MOST, is_stopping=is_stopping)


def give_up_understudies(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Whose time went to a booking is an understudy no longer, and the office that counted on them knows; how many.

    The booking does not do it by itself: it would have to lock an event after resources.
    """
    events: dict[int, int] = {}

    def find(limit: int, free: Free) -> list[int]:
        events.update(found := dict(understudies.lost(now, limit=limit, free=free)))
        return list(found)

    def give_up(invitation_id: int) -> None:
        event = lock_event(events[invitation_id])
        invitation = db.session.get_one(Invitation, invitation_id, populate_existing=True)
        if understudies.lost(now, limit=1, among=[invitation_id]):
            cascade.lose_understudy(event, invitation, now)

    return do_each(WorkKind.UNDERSTUDY, find, give_up, now, is_stopping=is_stopping)


def _look_at(invitation: Invitation, own: PartnerSettings, now: datetime) -> None:
    """Do what is due, and say when to look next: later than now, or never."""
    if not stepping.is_open(invitation, now):
        invitation.next_step_at = None
        return
    lettered = _reminder_days(invitation)
    steps = stepping.planned(invitation, own, lettered)
    due = stepping.due(invitation, steps, now)
    if StepKind.PASS_ON in due:
        cascade.pass_over(invitation, now)
        return
    if StepKind.TELL in due:
        tell_cascade.tell_of_silence(invitation, now)
    if StepKind.CHASE in due and _waits_for_host(invitation, now):
        due = due - {StepKind.CHASE}
    hours = settings.hours_of(invitation.expert, own)
    if StepKind.CHASE in due and not hours.works_at(now):
        invitation.next_step_at = hours.next_moment(now)
        return
    invitation.stepped_at = now
    if StepKind.CHASE in due and local_day(now, hours.zone) not in lettered:
        _chase(invitation, now)
    invitation.next_step_at = chasing.next_after(steps, now)


def _waits_for_host(invitation: Invitation, now: datetime) -> bool:
    """True for who proposed other times that the host has not answered: the answer is not theirs to give now."""
    is_perhaps = invitation.state is InvitationState.TENTATIVE
    return is_perhaps and bool(proposals.waiting_for_host([invitation.id], now))


def _chase(invitation: Invitation, now: datetime) -> None:
    """One letter, unless the person had one today about another event: that named this one as well."""
    if invitation.state is InvitationState.AWAITS_RELEASE:
        wishes.wish_for([invitation], now, again=True)
        return
    expert = invitation.expert
    today = local_day(now, expert.zone)
    if stepping.was_chased_on(expert, today):
        return
    resources.lock(expert_ids=[expert.id])  # two processes must not write to one person about two events
    if stepping.was_chased_on(expert, today):
        return
    invitation.chased_at = now
    others = stepping.open_of(expert, now)
    waiting = proposals.waiting_for_host([one.id for one in others], now)
    tell_cascade.chase(invitation, [one for one in others if one.id not in waiting], now)


# Built once: a tick asks a thousand times.
_REMINDERS = select(Reminder.due_at).where(
    Reminder.event_id == bindparam("event"),
    Reminder.expert_id == bindparam("expert"),
    Reminder.starts_at == bindparam("starts_at", type_=UtcDateTime),
    Reminder.state.in_((ReminderState.PLANNED, ReminderState.POSTED)),
)


def _reminder_days(invitation: Invitation) -> set[date]:
    """The local days on which the person is reminded of this event: not a day for a chase as well."""
    event = invitation.event
    asked = {"event": event.id, "expert": invitation.expert_id, "starts_at": event.starts_at}
    return {local_day(at, invitation.expert.zone) for at in db.session.scalars(_REMINDERS, asked)}
