"""When the cascade looks at an invitation next, as it stands in the row; the rule itself is `chasing`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager

from eventsvc.core.db import Free, UtcDateTime, anything, db
from eventsvc.core.times import Span, days_span
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.lookup import WHOLE, lock_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import chasing, settings
from eventsvc.domain.invitations.chasing import Step, StepKind
from eventsvc.domain.invitations.models import ASKED, Invitation, InvitationState, PartnerSettings

STEPPING = frozenset({InvitationState.AWAITS_RELEASE, *ASKED})


def plan(invitations: Collection[Invitation], now: datetime) -> None:
    """Say when each is looked at next; None for those that wait for nothing."""
    told = settings.of_organizations({one.expert.organization_id for one in invitations})
    for one in invitations:
        own = told[one.expert.organization_id]
        one.next_step_at = chasing.next_after(planned(one, own), _done_until(one)) if is_open(one, now) else None


def is_open(invitation: Invitation, now: datetime) -> bool:
    """True while the event is on and ahead, and somebody is expected to say something."""
    event = invitation.event
    return invitation.state in STEPPING and event.holds_resources and event.starts_at > now


def planned(invitation: Invitation, own: PartnerSettings, lettered: Collection[date] = ()) -> list[Step]:
    """All steps of an invitation.

    While the partner's office is waited for, it is chased, the host's office told, and nobody passed over.
    """
    expert = invitation.expert
    found = chasing.steps(
        invitation.asked_at,
        invitation.event.starts_at,
        settings.habits_of(own),
        settings.hours_of(expert, own),
        is_tentative=invitation.state is InvitationState.TENTATIVE,
        lettered=lettered,
    )
    if invitation.state is InvitationState.AWAITS_RELEASE:
        return [step for step in found if step.kind is not StepKind.PASS_ON]
    return found


def due(invitation: Invitation, steps: Collection[Step], now: datetime) -> set[StepKind]:
    """What of the planned steps has come due since the last look."""
    return chasing.due(list(steps), _done_until(invitation), now)


def _done_until(invitation: Invitation) -> datetime:
    return invitation.stepped_at or invitation.asked_at


def due_ids(now: datetime, *, limit: int, free: Free = anything) -> Sequence[tuple[int, int]]:
    """Ids of invitations that are to be looked at, the longest due first, each with the id of its event."""
    query = select(Invitation.id, Invitation.event_id).where(Invitation.next_step_at <= now, free(Invitation.id))
    found = db.session.execute(query.order_by(Invitation.next_step_at, Invitation.id).limit(limit))
    return [(number, event_id) for number, event_id in found]


# Built once: a tick asks a thousand times.
_CLAIMED = (
    select(Invitation, PartnerSettings)
    .join(Invitation.expert)
    .outerjoin(PartnerSettings, PartnerSettings.organization_id == Expert.organization_id)
    .where(Invitation.id == bindparam("invitation"))
    .options(contains_eager(Invitation.expert))
    .execution_options(populate_existing=True)
)
_CHASED = (
    select(Invitation.id)
    .where(
        Invitation.expert_id == bindparam("expert"),
        Invitation.chased_at >= bindparam("start", type_=UtcDateTime),
        Invitation.chased_at < bindparam("end", type_=UtcDateTime),
    )
    .limit(1)
)


def claim_due(invitation_id: int, event_id: int, now: datetime) -> tuple[Invitation, Event, PartnerSettings] | None:
    """An invitation that is due, its event locked and bare, and how its person is asked; None where it no longer is.

    Whoever calls keeps the event: the session does not.
    """
    event = lock_event(event_id)
    invitation, own = db.session.execute(_CLAIMED, {"invitation": invitation_id}).one()
    if invitation.next_step_at is None or invitation.next_step_at > now:
        return None
    return invitation, event, own or settings.unsaved(invitation.expert.organization_id)


def next_due_at(free: Free = anything) -> datetime | None:
    """When the first invitation is to be looked at, or None; of those that are free."""
    waiting = select(Invitation.next_step_at).where(Invitation.next_step_at.is_not(None), free(Invitation.id))
    return db.session.scalar(waiting.order_by(Invitation.next_step_at).limit(1))


def was_chased_on(expert: Expert, day: date) -> bool:
    """True where somebody was chased on that local day, for whatever event: one letter a day is enough."""
    of_day: Span = days_span(day, 1, expert.zone)
    asked = {"expert": expert.id, "start": of_day.start, "end": of_day.end}
    return db.session.scalar(_CHASED, asked) is not None


def open_of(expert: Expert, now: datetime, *, limit: int = 20) -> Sequence[Invitation]:
    """What somebody was asked and has not answered, the next first; with all that a letter says of the events."""
    query = select(Invitation).join(Invitation.event)
    mine = Invitation.expert_id == expert.id, Invitation.state.in_(ASKED), Event.starts_at > now
    query = query.where(*mine).options(contains_eager(Invitation.event).options(*WHOLE))
    found = db.session.scalars(query.order_by(Event.starts_at, Invitation.id).limit(limit)).unique()
    return [one for one in found if one.event.holds_resources]
