"""Until when an answer changes freely, and what is still taken afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventsvc.core.errors import WrongState, say
from eventsvc.core.times import iso
from eventsvc.domain.invitations import settings
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState

_SAME = {
    InvitationState.ACCEPTED: AnswerWord.ACCEPT,
    InvitationState.TENTATIVE: AnswerWord.TENTATIVE,
    InvitationState.DECLINED: AnswerWord.DECLINE,
}


def free_until(invitation: Invitation) -> datetime:
    """From when on the person's answer no longer changes freely: so many hours before the event, by their partner."""
    hours = settings.of_organization(invitation.expert.organization_id).changes_until_hours
    return invitation.event.starts_at - timedelta(hours=hours)


def is_late(invitation: Invitation, now: datetime) -> bool:
    """True once a decline alarms the office."""
    return now >= free_until(invitation)


def ensure_may_say(invitation: Invitation, word: AnswerWord, now: datetime) -> None:
    """Refuses WrongState for another answer than before after the cut-off.

    A first answer is always taken, and so is a decline, because it is a fact. Whoever might come may still say yes.
    """
    was = _SAME.get(invitation.state)
    is_change = was is not None and was is not word
    is_better = word is AnswerWord.ACCEPT and was is AnswerWord.TENTATIVE
    if not is_change or is_better or word is AnswerWord.DECLINE or not is_late(invitation, now):
        return
    words = say(
        "It is too late to change this answer here. Please call %(office)s: %(telephone)s.",
        office=invitation.event.owner.name,
        telephone=invitation.event.owner.telephone or invitation.event.owner.mailbox,
    )
    raise WrongState(words, free_until=iso(free_until(invitation)))
