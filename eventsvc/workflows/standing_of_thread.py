"""Where the invitation of a thread stands, as far as an answer by mail has to be held against it."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventsvc.core.db import db
from eventsvc.domain.events.answering import Closed, closed_to_answers
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.domain.mail import incoming, threads
from eventsvc.domain.mail.instances import Date
from eventsvc.domain.mail.models import Thread
from eventsvc.domain.mail.reasons import Reason
from eventsvc.domain.mail.verdicts import Standing

_CLOSED = {
    Closed.CANCELLED: Reason.EVENT_OFF,
    Closed.POSTPONED: Reason.EVENT_PUT_OFF,
    Closed.OVER: Reason.EVENT_OVER,
}
_SAID = {
    InvitationState.ACCEPTED: AnswerWord.ACCEPT,
    InvitationState.UNDERSTUDY: AnswerWord.ACCEPT,
    InvitationState.TENTATIVE: AnswerWord.TENTATIVE,
    InvitationState.DECLINED: AnswerWord.DECLINE,
}


def standing_of(thread: Thread, is_by_address: bool, now: datetime) -> Standing:
    """Where the thread's invitation stands; the event is locked."""
    # Threads are locked before letters, as everywhere; and what was read before the event's lock may be old by now.
    db.session.refresh(thread, with_for_update=True)
    db.session.refresh(thread.invitation)
    invitation, event = thread.invitation, thread.invitation.event
    starts, ends = present_time(event)
    others = (one.expert.email.lower() for one in asking.of_event(event.id) if one.id != invitation.id)
    return Standing(
        uid=str(event.public_id),
        address=invitation.expert.email.lower(),
        is_by_address=is_by_address,
        others=frozenset(address for address in others if address),
        sequence=max(thread.sequence, 0),
        asked_sequence=thread.asked_sequence,
        newest=_newest(thread),
        said=_SAID.get(invitation.state),
        said_at=_said_otherwise_at(thread),
        dates=frozenset({starts, *(one.starts for one in threads.told(thread))}),
        starts=starts,
        ends=ends,
        closed=closed(invitation, now),
    )


def present_time(event: Event) -> tuple[Date, Date]:
    """When an event begins and ends as its calendar entry says it: instants, or the first day and the day after."""
    if event.all_day:
        return event.starts_on, event.starts_on + timedelta(days=event.days)
    return event.starts_at, event.ends_at


def _newest(thread: Thread) -> tuple[int, datetime] | None:
    if thread.answered_sequence is None or thread.answered_stamp is None:
        return None
    return thread.answered_sequence, thread.answered_stamp


def _said_otherwise_at(thread: Thread) -> datetime | None:
    """When the last answer was given on a page or through an office; None where it came by mail."""
    answers = thread.invitation.answers
    if not answers or answers[-1].at in incoming.read_at_of(thread):
        return None
    return answers[-1].at


def closed(invitation: Invitation, now: datetime) -> Reason | None:
    """Why there is nothing to answer any more, or None."""
    why = closed_to_answers(invitation.event, now)
    if why is not None:
        return _CLOSED[why]
    return Reason.NOT_NEEDED if invitation.state is InvitationState.WITHDRAWN else None
