"""Back at what people know, before they were told of anything else: their answer to that counts again.

A change waits for some minutes before it is told. Who is asked anew within that time for what they were asked already
reads nothing; the question between, which nobody was sent, is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eventsvc.domain.invitations import asking, stepping
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.workflows import cascade, joint_letters, last_told, letters_to_people, tell
from eventsvc.workflows.last_told import LastTold

_WAITING = ("asked_again", "changed", "changed_soon", "called_off", "chase", "sent_again")


@dataclass(frozen=True, slots=True)
class Sorted:
    """Of people who are asked anew: those who have to be told so, and those who only learn of another place."""

    asked: list[Invitation] = field(default_factory=list)
    elsewhere: list[Invitation] = field(default_factory=list)


def stand_again(asked: Sequence[Invitation], now: datetime) -> Sorted:
    """Let the answers count of those who are asked for what they know, and say who is to be told what.

    Locks: as the cascade, where somebody's no counts again; letters that wait.
    """
    told, found = last_told.of(asked), Sorted()
    for one in asked:
        known = told.get(str(one.public_id))
        if known is None or not _is_back(one, known):
            found.asked.append(one)
            continue
        _take_question_back(one, known, now)
        coming = one.state is not InvitationState.DECLINED
        if coming and not known.says_the_same(letters_to_people.present(one)):
            found.elsewhere.append(one)
    return found


def let_rest_go(understudies: Collection[Invitation], now: datetime) -> None:
    """An event came back before understudies heard that it was off: it is on, and they are not needed."""
    tell.call_off([one for one in understudies if joint_letters.waiting_facts(one, ["called_off"])], "uninvited", now)


def _is_back(invitation: Invitation, known: LastTold) -> bool:
    """True for who is asked for what they were asked, with a letter waiting about what was between."""
    if known.is_off or invitation.state is not InvitationState.NEEDS_ACTION:
        return False
    if not known.asks_the_same(letters_to_people.present(invitation)):
        return False
    waiting = joint_letters.waiting_with(invitation, _WAITING)
    since = min((message.created_at for message in waiting), default=None)
    # Who has answered since has seen on a page what was between.
    return since is not None and not any(answer.at >= since for answer in invitation.answers)


def _take_question_back(invitation: Invitation, known: LastTold, now: datetime) -> None:
    joint_letters.drop(invitation, _WAITING)
    asking.stand_again(invitation, known.facts["turn"], known.asked_at)
    if known.asked_sequence is not None:
        threads.of_invitation(invitation).asked_sequence = known.asked_sequence
    if invitation.state is InvitationState.DECLINED:
        cascade.leave_seat(invitation.event, invitation, now)
    stepping.plan([invitation], now)
