"""Who is told what about the replies of invited people: other times, colleagues, answers written down by an office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.invitations.reply_models import OnBehalf, Proposal
from eventsvc.domain.mail.models import ReceivedMail, Thread
from eventsvc.domain.outbox import post
from eventsvc.workflows import calendars_told, joint_letters
from eventsvc.workflows.joint_letters import key_of
from eventsvc.workflows.letters_to_people import Owed, owe
from eventsvc.workflows.tell import to_office


def tell_of_proposals(invitation: Invitation, made: Sequence[Proposal], now: datetime) -> None:
    """The host's office: at which other times somebody could come. What was proposed before is told no more."""
    event, key = invitation.event, key_of(invitation, "times_proposed")
    post.drop_unsent(str(event.public_id), [key])
    facts = {"person": invitation.expert.name, "reason": made[0].note, "times": [_time(one) for one in made]}
    to_office(event.owner, event, "times_proposed", f"{key}{made[0].id}", now, **facts)


def tell_that_taken(invitation: Invitation, was: dict[str, Any], now: datetime) -> None:
    """Whoever proposed the time: it is taken. They need not answer again."""
    joint_letters.drop(invitation, ["asked_again", "invitation", "changed"])
    key = f"{key_of(invitation, 'proposal_taken')}{invitation.turn}"
    owe([Owed(invitation, "proposal_taken", key, {"was": was})], now)


def tell_that_declined(proposal: Proposal, reason: str, now: datetime) -> None:
    """Whoever proposed times: none of them is possible, and why."""
    invitation = proposal.invitation
    key = f"{key_of(invitation, 'proposal_declined')}{proposal.id}"
    facts = {"reason": reason, "countered": calendars_told.countered(proposal)}
    owe([Owed(invitation, "proposal_declined", key, facts)], now)


def tell_that_impossible(mail: ReceivedMail, thread: Thread, reasons: Sequence[Any], now: datetime) -> None:
    """Whoever proposed by a calendar program a time at which it cannot be; `reasons` are kept words."""
    invitation = thread.invitation
    key = f"{key_of(invitation, 'proposal_declined')}mail:{mail.id}"
    facts = {"reason": "", "reasons": list(reasons), "countered": calendars_told.countered_by(mail, thread)}
    owe([Owed(invitation, "proposal_declined", key, facts)], now)


def tell_of_colleague(invitation: Invitation, colleague: Expert, now: datetime) -> None:
    """The partner's office: who was named to come instead."""
    office, event = partner_office(invitation.expert), invitation.event
    if office is not None:
        key = f"{key_of(invitation, 'colleague_named')}{invitation.turn}:{colleague.id}"
        facts = {"person": invitation.expert.name, "colleague": colleague.name}
        to_office(office, event, "colleague_named", key, now, **facts)


def tell_person_of_answer(invitation: Invitation, noted: OnBehalf, word: AnswerWord, now: datetime) -> None:
    """Somebody for whom an office answered: what was written down, and how to change it."""
    office = noted.office.name if noted.office else ""
    key = f"{key_of(invitation, 'answered_for_you')}{noted.answer_id}"
    owe([Owed(invitation, "answered_for_you", key, {"word": str(word), "by_office": office})], now)


def _time(proposal: Proposal) -> dict[str, Any]:
    event = proposal.invitation.event
    return {
        "starts_at": iso(proposal.starts_at),
        "ends_at": iso(proposal.ends_at),
        "zone": proposal.zone,
        "all_day": event.all_day,
        "starts_on": proposal.starts_local.date().isoformat(),
        "days": event.days,
    }
