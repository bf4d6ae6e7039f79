"""Asking people, taking their answers, and the list of yeses that an event still needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, WrongState
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations.models import Answer, AnswerWord, Invitation, InvitationState


@dataclass(frozen=True, slots=True)
class MissingYes:
    """A yes the event still needs: the host's (`expert` is None) or an expert's, by slug and name."""

    who: str
    expert: str | None
    name: str | None
    state: str


def of_event(event_id: int) -> list[Invitation]:
    """The invitations of an event that were not withdrawn, in the order in which people were asked."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(Invitation.event_id == event_id, Invitation.state != InvitationState.WITHDRAWN)
            .order_by(Invitation.id)
        )
    )


def get_invitation(invitation_id: str | UUID) -> Invitation:
    """The invitation of that public id; refuses NotFound."""
    found = db.session.scalar(select(Invitation).where(Invitation.public_id == _uuid(invitation_id)))
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def event_id_of(invitation_id: str) -> UUID:
    """The public id of the event an invitation is for, so that the event can be locked first; refuses NotFound."""
    found = db.session.scalar(
        select(Event.public_id)
        .join(Invitation, Invitation.event_id == Event.id)
        .where(Invitation.public_id == _uuid(invitation_id))
    )
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def _uuid(text: str | UUID) -> UUID:
    try:
        return text if isinstance(text, UUID) else UUID(text)
    except ValueError:
        raise NotFound("There is no such invitation.") from None


def ask(event: Event, now: datetime, *, newcomers_only: bool = False) -> list[Invitation]:
    """Ask everybody who is to come, those too who said yes to another time; returns who was asked.

    With `newcomers_only`, people who hold an invitation in force are left in peace: for a change of people.
    """
    known = {
        invitation.expert_id: invitation
        for invitation in db.session.scalars(select(Invitation).where(Invitation.event_id == event.id))
    }
    asked = []
    for expert in event.experts:
        invitation = known.get(expert.id)
        if invitation is None:
            invitation = Invitation(event=event, expert=expert, turn=-1, state=InvitationState.WITHDRAWN)
            db.session.add(invitation)
        if newcomers_only and invitation.state is not InvitationState.WITHDRAWN:
            continue
        invitation.state = InvitationState.NEEDS_ACTION
        invitation.turn += 1
        invitation.asked_at = now
        asked.append(invitation)
    db.session.flush()
    return asked


def withdraw_absent(event: Event) -> list[Invitation]:
    """Withdraw the invitations of people who no longer belong to the event, and return them."""
    wanted = {expert.id for expert in event.experts}
    gone = [invitation for invitation in of_event(event.id) if invitation.expert_id not in wanted]
    for invitation in gone:
        invitation.state = InvitationState.WITHDRAWN
    db.session.flush()
    return gone


def answer(invitation: Invitation, word: AnswerWord, *, reason: str, now: datetime) -> bool:
    """Record what a person says about the time they are asked for; returns False when that was their answer already.

    Refuses: WrongState for an invitation or event that is off or has no new time yet, and for one that has ended.
    """
    event = invitation.event
    if invitation.state is InvitationState.WITHDRAWN:
        raise WrongState("You are no longer needed for this event; nothing has to be done.")
    if event.status not in ON and event.status is not Status.POSTPONED:
        raise WrongState(f"This event is {event.status}; nothing has to be done.")
    if event.is_without_time:
        raise WrongState("This event has been put off; you will be asked again when there is a new time.")
    if event.has_ended(now):
        raise WrongState("This event is over.")
    state = InvitationState.ACCEPTED if word is AnswerWord.ACCEPT else InvitationState.DECLINED
    if invitation.state is state:
        return False
    invitation.state = state
    invitation.answers.append(Answer(word=word, reason=reason, given_for=event.starts_at, at=now))
    db.session.flush()
    return True


def missing_yes(event: Event, invitations: Sequence[Invitation]) -> list[MissingYes]:
    """Every yes that the event still needs: the host's own and each expert's for the present time."""
    missing = []
    if event.host_confirmed_at is None:
        missing.append(MissingYes("host", None, None, "needs_action"))
    states = {invitation.expert_id: invitation.state for invitation in invitations}
    for expert in event.experts:
        state = states.get(expert.id, InvitationState.NEEDS_ACTION)
        if state is not InvitationState.ACCEPTED:
            missing.append(MissingYes("expert", expert.slug, expert.name, str(state)))
    return missing
