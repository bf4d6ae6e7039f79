"""Who is told what: turns a change of an event into letters owed.

Every letter's key says what is owed to whom about which revision, so that telling twice is telling once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import iso
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox import post
from eventsvc.domain.reminders.models import Reminder

Because = Literal["cancelled", "postponed", "declined", "withdrawn", "uninvited"]


def ask_people(invitations: Iterable[Invitation], now: datetime) -> None:
    """The first letter of an invitation."""
    for invitation in invitations:
        _to_person(invitation, "invitation", f"invitation:{invitation.public_id}:{invitation.turn}", now)


def ask_people_again(invitations: Iterable[Invitation], was: dict[str, Any] | None, now: datetime) -> None:
    """Ask for the new time; `was` holds the facts of the old one, None when the event came back at its time.

    Who has not been sent the old question yet gets the new one in its place.
    """
    for invitation in invitations:
        post.drop_unsent(_event_of(invitation), _keys(invitation, "changed"))
        if post.rewrite_unsent(_event_of(invitation), _keys(invitation, *_QUESTIONS), _present(invitation)):
            continue
        if not _was_asked(invitation):
            ask_people([invitation], now)
        else:
            key = f"asked-again:{invitation.public_id}:{invitation.turn}"
            _to_person(invitation, "asked_again", key, now, was=was)


def tell_of_new_place(invitations: Iterable[Invitation], now: datetime) -> None:
    """The place changed and the time did not; nobody is asked again."""
    for invitation in invitations:
        letters = _keys(invitation, *_QUESTIONS, "changed")
        if not post.rewrite_unsent(_event_of(invitation), letters, _present(invitation)):
            key = f"changed:{invitation.public_id}:{invitation.event.sequence}:{invitation.event.version}"
            _to_person(invitation, "changed", key, now)


def call_off(
    invitations: Iterable[Invitation], because: Because, now: datetime, *, was: dict[str, Any] | None = None
) -> None:
    """People who were asked need not come; who was never sent the question is not told of its end either.

    `was` holds the facts as they know them, where the event has changed in the same act.
    """
    for invitation in invitations:
        post.drop_unsent(_event_of(invitation), _keys(invitation, *_QUESTIONS, "changed"))
        if _was_asked(invitation) and invitation.state is not InvitationState.DECLINED:
            key = f"called-off:{invitation.public_id}:{invitation.event.sequence}"
            known = {"event": was} if was else {}
            _to_person(invitation, "called_off", key, now, because=because, **known)


def forget_unsent(event: Event) -> None:
    """Reminders and confirmations that have not left say what is no longer so: they are not owed any more."""
    post.drop_unsent_letters(str(event.public_id), ("reminder", "unanswered", "confirmed", "not_confirmed"))


_QUESTIONS = ("invitation", "asked-again")


def _keys(invitation: Invitation, *letters: str) -> list[str]:
    """How the keys of those letters to that person begin."""
    return [f"{letter}:{invitation.public_id}:" for letter in letters]


def _event_of(invitation: Invitation) -> str:
    return str(invitation.event.public_id)


def _was_asked(invitation: Invitation) -> bool:
    """True when the question has left the house, or was answered: a link can be handed on by other ways too."""
    has_left = post.has_any_left(_event_of(invitation), _keys(invitation, *_QUESTIONS))
    return has_left or bool(invitation.answers)


def tell_offices_of_decline(invitation: Invitation, now: datetime) -> None:
    """Both offices learn that somebody will not come: the host's and the partner's.

    Where the reason came after the no, one letter says both unless the first has left.
    """
    post.drop_unsent(_event_of(invitation), _keys(invitation, "declined"))
    answer = invitation.answers[-1]
    _to_both_offices(invitation, "answer_declined", f"declined:{invitation.public_id}:{answer.id}", now, answer.reason)


def tell_offices_of_change_of_mind(invitation: Invitation, now: datetime) -> None:
    """Somebody who had declined will come after all; where the decline was not sent yet, nobody need know."""
    declines = _keys(invitation, "declined")
    post.drop_unsent(_event_of(invitation), declines)
    if post.has_any_left(_event_of(invitation), declines):
        answer = invitation.answers[-1]
        _to_both_offices(invitation, "answer_accepted", f"accepted:{invitation.public_id}:{answer.id}", now, "")


def tell_not_confirmed(event: Event, names: list[str], now: datetime) -> None:
    """Every yes is in, and something that the event needs is gone: the host's office must act."""
    key = f"not-confirmed:{event.public_id}:{event.version}"
    _to_office(event.owner, event, "not_confirmed", key, now, names=names)


def _to_both_offices(invitation: Invitation, letter: str, key: str, now: datetime, reason: str) -> None:
    event, expert = invitation.event, invitation.expert
    offices = {office.id: office for office in (event.owner, partner_office(expert)) if office}
    for office in offices.values():
        _to_office(office, event, letter, f"{key}:{office.slug}", now, person=expert.name, reason=reason)


def partner_office(expert: Expert) -> Office | None:
    """The office that lends an expert: the one named, else the first of the expert's organization."""
    if expert.office is not None:
        return expert.office
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == expert.organization_id])
    return offices[0] if offices else None


def tell_confirmed(event: Event, now: datetime) -> None:
    """The last yes is in: the host's office learns it."""
    key = f"confirmed:{event.public_id}:{event.sequence}:{event.owner.slug}"
    _to_office(event.owner, event, "confirmed", key, now)


def remind_person(reminder: Reminder, invitation: Invitation, now: datetime) -> None:
    """A reminder of one's duty, or of the answer that is still open."""
    is_open = invitation.state is InvitationState.NEEDS_ACTION
    _to_person(invitation, "reminder", f"reminder:{reminder.id}", now, is_open=is_open)


def remind_office_of_silence(reminder: Reminder, people: list[str], now: datetime) -> None:
    """The host's office learns whose answers are still missing."""
    event = reminder.event
    _to_office(event.owner, event, "unanswered", f"reminder:{reminder.id}", now, people=people)


def address_of(expert: Expert) -> str:
    """Where letters to an expert go: to the expert, else to the partner's office; empty when neither has an address."""
    if expert.email:
        return expert.email
    office = partner_office(expert)
    return office.mailbox if office else ""


def _to_person(invitation: Invitation, letter: str, key: str, now: datetime, **more: Any) -> None:
    """To the expert, or to the partner's office when the expert has no address."""
    event, expert = invitation.event, invitation.expert
    facts = {
        **_present(invitation),
        "person": expert.name,
        "invitation": str(invitation.public_id),
        **more,
    }
    office = partner_office(expert)
    post.post(
        letter,
        key=key,
        to_address=address_of(expert),
        to_name=expert.name if expert.email or office is None else office.name,
        language=expert.language if expert.email or office is None else office.language,
        event=str(event.public_id),
        facts=facts,
        now=now,
    )


def _present(invitation: Invitation) -> dict[str, Any]:
    """What is so now: the event, which asking this is, how long its link is good for, how early to be there."""
    event = invitation.event
    is_in_person = event.campus is not None and not event.all_day
    return {
        "event": facts_of(event),
        "turn": invitation.turn,
        "expires_at": iso(event.ends_at),
        "lead_minutes": invitation.expert.lead_minutes if is_in_person else 0,
    }


def _to_office(office: Office, event: Event, letter: str, key: str, now: datetime, **more: Any) -> None:
    post.post(
        letter,
        key=key,
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        event=str(event.public_id),
        facts={"event": facts_of(event), **more},
        now=now,
    )
