"""Letters after an event: to the host's office for one number, and thanks to those who spoke and who lent them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.attendance.afterwards import ASKED_AFTER_WORKING_DAYS, taken_until
from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import post
from eventsvc.workflows.tell import to_office

COUNT_WANTED = "count_wanted"
Asked = Sequence[tuple[Expert, Feedback]]


def ask_host(event: Event, time: int, at_door: int | None, now: datetime) -> None:
    """Ask the office in charge how many came, for the first or second `time`; `at_door`: what was counted there."""
    key = f"count:{event.public_id}:{time}:{event.owner.slug}"
    _ask_host(event, key, at_door, now, is_last=time == len(ASKED_AFTER_WORKING_DAYS))


def remind_host(event: Event, reminder_id: int, at_door: int | None, now: datetime) -> None:
    """Ask the same because a rule of reminders says so."""
    _ask_host(event, f"reminder:{reminder_id}", at_door, now, is_last=False)


def _ask_host(event: Event, key: str, at_door: int | None, now: datetime, *, is_last: bool) -> None:
    more = {"expires_at": iso(taken_until(event)), "at_door": at_door, "is_last": is_last}
    to_office(event.owner, event, COUNT_WANTED, key, now, **more)


def thank(event: Event, people: Asked, heads: int | None, now: datetime) -> None:
    """Thank everybody who spoke, and the office that lends them; `heads` None where the number is not known.

    Who has no address is thanked in the letter to the office, which gets the link for them.
    """
    by_office: dict[int, tuple[Office, list[tuple[Expert, Feedback]]]] = {}
    for expert, asked in people:
        if expert.email:
            _thank_person(event, expert, asked, heads, now)
        if (office := partner_office(expert)) is not None:
            by_office.setdefault(office.id, (office, []))[1].append((expert, asked))
    for office, theirs in by_office.values():
        key = f"thanks:{event.public_id}:office:{office.slug}"
        named = [
            {"person": expert.name, "feedback": "" if expert.email else str(asked.public_id)}
            for expert, asked in theirs
        ]
        to_office(office, event, "thanks_office", key, now, **_facts(event, heads), lent=named)


def _thank_person(event: Event, expert: Expert, asked: Feedback, heads: int | None, now: datetime) -> None:
    invitation = asking.find_of(event, expert)
    thread = {"thread": threads.facts_of(threads.of_invitation(invitation))} if invitation else {}
    post.post(
        "thanks",
        key=f"thanks:{event.public_id}:{asked.public_id}",
        to_address=expert.email,
        to_name=expert.name,
        language=expert.language,
        event=str(event.public_id),
        facts={
            "event": facts_of(event),
            "person": expert.name,
            "feedback": str(asked.public_id),
            **_facts(event, heads),
            **thread,
        },
        now=now,
    )


def _facts(event: Event, heads: int | None) -> dict[str, Any]:
    return {"expires_at": iso(taken_until(event)), "heads": heads}
