"""Who is told what: turns a change of an event into letters owed.

Every letter's key says what is owed to whom about which revision, so that telling twice is telling once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from eventsvc.core.times import iso
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Answer, Invitation
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
        if _rewritten(invitation):
            continue
        if not _was_asked(invitation):
            ask_people([invitation], now)
        else:
            key = f"asked-again:{invitation.public_id}:{invitation.turn}"
            _to_person(invitation, "asked_again", key, now, was=was)


def tell_of_new_place(invitations: Iterable[Invitation], now: datetime) -> None:
    """The place changed and the time did not; nobody is asked again."""
    for invitation in invitations:
        if not _rewritten(invitation):
            key = f"changed:{invitation.public_id}:{invitation.event.sequence}"
            _to_person(invitation, "changed", key, now)


def call_off(invitations: Iterable[Invitation], because: Because, now: datetime) -> None:
    """People who were asked need not come; who was never sent the question is not told of its end either."""
    for invitation in invitations:
        post.drop_unsent(str(invitation.event.public_id), _questions(invitation))
        if _was_asked(invitation):
            key = f"called-off:{invitation.public_id}:{invitation.event.sequence}"
            _to_person(invitation, "called_off", key, now, because=because)


def _questions(invitation: Invitation) -> list[str]:
    """How the keys of the letters begin that ask a person, or tell them where."""
    return [f"{letter}:{invitation.public_id}:" for letter in ("invitation", "asked-again", "changed")]


def _was_asked(invitation: Invitation) -> bool:
    return post.has_any_left(str(invitation.event.public_id), _questions(invitation))


def _rewritten(invitation: Invitation) -> bool:
    return post.rewrite_unsent(str(invitation.event.public_id), _questions(invitation), _present(invitation))


def tell_offices_of_decline(invitation: Invitation, answer: Answer, now: datetime) -> None:
    """Both offices learn that somebody will not come: the host's and the partner's."""
    event, expert = invitation.event, invitation.expert
    for office in {office.id: office for office in (event.owner, expert.office) if office}.values():
        _to_office(
            office,
            event,
            "answer_declined",
            f"declined:{invitation.public_id}:{answer.id}:{office.slug}",
            now,
            person=expert.name,
            reason=answer.reason,
        )


def tell_confirmed(event: Event, now: datetime) -> None:
    """The last yes is in: the host's office learns it."""
    key = f"confirmed:{event.public_id}:{event.sequence}:{event.owner.slug}"
    _to_office(event.owner, event, "confirmed", key, now)


def remind_person(reminder: Reminder, invitation: Invitation, now: datetime) -> None:
    """A reminder of one's duty."""
    _to_person(invitation, "reminder", f"reminder:{reminder.id}", now)


def remind_office_of_silence(reminder: Reminder, people: list[str], now: datetime) -> None:
    """The host's office learns whose answers are still missing."""
    event = reminder.event
    _to_office(event.owner, event, "unanswered", f"reminder:{reminder.id}", now, people=people)


def _to_person(invitation: Invitation, letter: str, key: str, now: datetime, **more: Any) -> None:
    """To the expert, or to the partner's office when the expert has no address."""
    event, expert = invitation.event, invitation.expert
    facts = {
        **_present(invitation),
        "person": expert.name,
        "invitation": str(invitation.public_id),
        **more,
    }
    post.post(
        letter,
        key=key,
        to_address=_address_of(expert),
        to_name=expert.name if expert.email or expert.office is None else expert.office.name,
        language=expert.language,
        event=str(event.public_id),
        facts=facts,
        now=now,
    )


def _present(invitation: Invitation) -> dict[str, Any]:
    """What is so now: the event, and how long its link is good for."""
    return {"event": facts_of(invitation.event), "expires_at": iso(invitation.event.ends_at)}


def _address_of(expert: Expert) -> str:
    return expert.email or (expert.office.mailbox if expert.office else "")


def _to_office(office: Office, event: Event, letter: str, key: str, now: datetime, **more: Any) -> None:
    post.post(
        letter,
        key=key,
        to_address=office.mailbox,
        to_name=office.name,
        event=str(event.public_id),
        facts={"event": facts_of(event), **more},
        now=now,
    )
