"""Who is told about mails that came in: the office that has to look at one, and whoever sent what cannot be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventsvc.core import kept_words
from eventsvc.core.errors import InvalidInput, Refusal, SlotTaken
from eventsvc.core.times import day_start, local_day
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.events.lookup import find_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail.instances import Date
from eventsvc.domain.mail.models import ReceivedMail, Thread
from eventsvc.domain.mail.reasons import SENTENCES, Reason
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.joint_letters import key_of
from eventsvc.workflows.letters_to_people import Owed, owe
from eventsvc.workflows.tell import to_office

# Further mails wait without being named once a letter names so many.
_MOST_IN_A_LETTER = 20


def tell_of_review(row: ReceivedMail, event: Event, thread: Thread | None, now: datetime) -> None:
    """The office in charge: a mail waits for it, and why. Until the letter leaves, further mails join it."""
    key = f"mail-review:{event.public_id}:"
    unsent = [one for one in post.untried_about(str(event.public_id)) if one.key.startswith(key)]
    told = {one["id"]: one for message in unsent for one in message.facts["mails"]}
    told[str(row.public_id)] = _in_letter(row, thread)
    post.drop(unsent)
    to_office(event.owner, event, "mail_review", f"{key}{row.id}", now, mails=list(told.values())[:_MOST_IN_A_LETTER])


def _in_letter(row: ReceivedMail, thread: Thread | None) -> dict[str, Any]:
    reasons = [kept_words.keep(SENTENCES[Reason(row.reason)]), *row.facts.get("refusal", {}).get("reasons", [])]
    person = thread.invitation.expert.name if thread is not None else row.from_address
    words = row.facts.get("comment") or row.facts.get("words", "")
    return {"id": str(row.public_id), "person": person, "reasons": reasons, "words": words}


def tell_of_bounce(message: Message, diagnosis: str, now: datetime) -> None:
    """The office in charge of the event: a letter about it came back. About letters to itself nobody is told."""
    event = find_event(str(message.facts.get("event", {}).get("id", "")))
    if event is None or message.to_address.lower() == event.owner.mailbox.lower():
        return
    facts = {"person": message.to_name, "address": message.to_address, "diagnosis": diagnosis}
    to_office(event.owner, event, "undelivered", f"undelivered:{message.public_id}", now, **facts)


def tell_that_unreadable(invitation: Invitation, now: datetime) -> None:
    """Whoever sent it: we could not read it, and where to answer; at most once a day."""
    key = f"{key_of(invitation, 'unreadable_answer')}{local_day(now, invitation.expert.zone)}"
    owe([Owed(invitation, "unreadable_answer", key)], now)


def as_facts(refusal: Refusal) -> dict[str, Any]:
    """A refusal as it is kept at the mail: its kind, and each of its reasons in words."""
    return {"slug": refusal.slug, "reasons": [kept_words.keep(one) for one in _reasons(refusal)]}


def _reasons(refusal: Refusal) -> list[str]:
    if isinstance(refusal, SlotTaken):
        return [one["detail"] for one in explain(refusal.clashes, actor=PUBLIC)]
    if isinstance(refusal, InvalidInput):
        return [one["reason"] for one in refusal.facts["errors"]]
    return [refusal.detail]


def instant_of(when: Date, zone: str) -> datetime:
    """When a time, or a day in that zone, begins."""
    return when if isinstance(when, datetime) else day_start(when, zone)
