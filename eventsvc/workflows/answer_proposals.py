"""What the host's office says to the times that an invited person proposed: takes one, or says no in words."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import proposals
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.workflows import tell_of_replies
from eventsvc.workflows.confirm_event import answer_invitation
from eventsvc.workflows.move_event import Destination, move_claimed, tell_moved


def take_proposal(
    event_id: str, proposal_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Move the event to a time that somebody proposed; whoever proposed it has said yes to it, all others are asked.

    Locks:   the event, then its resources.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState, SlotTaken when the time is gone by now.
    """
    event = claim_to_change(event_id, actor, expected)
    proposal = proposals.get_open(event, proposal_id, now)
    invitation = proposal.invitation
    to = Destination(time=proposals.told(event, proposal.starts_local, proposal.starts_side))
    moved = move_claimed(event, to, actor=actor, now=now)
    proposals.note_answer(proposal, True, "", now)
    if moved is not None:
        tell_moved([moved], now)
        answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, actor=actor, now=now)
        tell_of_replies.tell_that_taken(invitation, moved.was, now)
    return event


def decline_proposal(
    event_id: str, proposal_id: str, reason: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Say no, in words, to all that the person proposed; they are asked for the present time as before.

    Locks:   the event.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState.
    """
    event = claim_to_change(event_id, actor, expected)
    proposal = proposals.get_open(event, proposal_id, now)
    proposals.note_answer(proposal, False, reason, now)
    event.version += 1
    changes: dict[str, audit.Change] = {"reason": (None, reason)} if reason else {}
    subject = proposal.invitation.public_id
    audit.record("decline_proposal", "invitation", subject, actor=actor.name, now=now, changes=changes)
    tell_of_replies.tell_that_declined(proposal, reason, now)
    return event
