"""What an invited person says by the link: yes, perhaps, no; other times; a colleague; and, on the day, where they are.

Yes and no themselves are `confirm_event.answer_invitation`; here is what hangs on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import PUBLIC, Actor
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.invitations import arrivals, asking, colleagues, line_up, proposals
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.domain.invitations.reply_models import Arrival
from eventsvc.workflows import cascade, tell_of_replies
from eventsvc.workflows.confirm_event import answer_invitation, named


def reply(
    invitation_id: str, word: AnswerWord, *, turn: int, reason: str = "", actor: Actor = PUBLIC, now: datetime
) -> Invitation:
    """Record yes, perhaps or no; times that the person proposed before count no more, but with a perhaps.

    Locks:   as `answer_invitation`, which it refuses like.
    """
    invitation = answer_invitation(invitation_id, word, turn=turn, reason=reason, actor=actor, now=now)
    if word is not AnswerWord.TENTATIVE:
        proposals.withdraw_open(invitation, now)
    return invitation


def propose_times(
    invitation_id: str,
    times: Sequence[ProposedTime],
    *,
    note: str = "",
    turn: int,
    actor: Actor = PUBLIC,
    now: datetime,
) -> Invitation:
    """Send up to three other times to the host's office; until it answers the person may come at the present one.

    Locks:   the event.
    Refuses: NotFound, WrongState; InvalidInput for times that are past; SlotTaken with what is booked at one of them.
    """
    event = claim_event(asking.event_id_of(invitation_id))
    invitation = answer_invitation(invitation_id, AnswerWord.TENTATIVE, turn=turn, reason=note, actor=actor, now=now)
    made = proposals.propose(invitation, times, note=note, now=now)
    event.version += 1
    changes: dict[str, audit.Change] = {"times": (None, [one.starts_at.isoformat() for one in made])}
    by = named(actor, invitation)
    audit.record("propose_times", "invitation", invitation.public_id, actor=by, now=now, changes=changes)
    tell_of_replies.tell_of_proposals(invitation, made, now)
    return invitation


def name_colleague(
    invitation_id: str, colleague: str, *, reason: str = "", turn: int, actor: Actor = PUBLIC, now: datetime
) -> Invitation:
    """Say no, and who of the same partner could come instead: that person stands next in the line-up of the seat.

    The partner's office releases the colleague first, unless that partner's people are asked automatically.

    Locks:   the event, then its resources.
    Refuses: NotFound, WrongState; InvalidInput for somebody of another house, or who is asked already.
    """
    event = claim_event(asking.event_id_of(invitation_id))
    invitation = asking.get_invitation(invitation_id)
    found = lookup.get_in_use(Expert, colleague, field="colleague")
    if found not in colleagues.of(invitation):
        raise InvalidInput({"colleague": say("is none of your colleagues who could still be asked")})
    had_declined = invitation.state is InvitationState.DECLINED
    line_up.put_next(event, invitation.expert_id, found)
    changes: dict[str, audit.Change] = {"colleague": (None, str(found.id))}
    by = named(actor, invitation)
    audit.record("name_colleague", "invitation", invitation.public_id, actor=by, now=now, changes=changes)
    reply(invitation_id, AnswerWord.DECLINE, turn=turn, reason=reason, actor=actor, now=now)
    seat = line_up.seat_named(event, invitation.expert_id)
    if had_declined and seat is not None:
        cascade.move_on(event, seat, now)  # the no was said before, and nobody was next
    if found not in event.experts:
        tell_of_replies.tell_of_colleague(invitation, found, now)
    return invitation


def say_on_the_day(
    invitation_id: str, *, late_minutes: int | None, turn: int, actor: Actor = PUBLIC, now: datetime
) -> Arrival:
    """Note that the person is there (None), or will be late by so many minutes; the office sees it on the event's page.

    Locks:   the event.
    Refuses: NotFound, WrongState on another day or for an older time, InvalidInput.
    """
    claim_event(asking.event_id_of(invitation_id))
    invitation = asking.get_invitation(invitation_id)
    asking.ensure_present(invitation, turn, now)
    arrival = arrivals.note(invitation, late_minutes=late_minutes, now=now)
    verb = "here" if late_minutes is None else "late"
    audit.record(verb, "invitation", invitation.public_id, actor=named(actor, invitation), now=now)
    return arrival
