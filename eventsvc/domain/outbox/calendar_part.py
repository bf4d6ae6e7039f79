"""The calendar part of a letter to an invited person, and where answers to that letter go; from the row alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from eventsvc.core.links import Links
from eventsvc.domain.outbox.models import Message
from eventsvc.ical import scheduling
from eventsvc.ical.scheduling import Method, Party, Scheduled


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """What the calendar of whoever gets a letter is told."""

    method: Method
    sequence: int
    body: bytes


def answers_to(message: Message, links: Links) -> str:
    """The address for replies: of the thread with the person, for the life of the UID; else empty.

    A letter about several dates belongs to no thread: replies reach the host's office.
    """
    told = message.facts.get("thread")
    if told is None:
        is_joint = message.letter.endswith("_series") and "person" in message.facts
        return _office(message) if is_joint else ""
    # Before a letter is claimed nothing is promised yet: it is shown as it would leave now.
    mailbox = told.get("mailbox", links.mail_in or _office(message))
    if not told.get("takes_answers", bool(links.mail_in)):
        return str(mailbox)
    return links.reply_address(mailbox, told["id"], told["turn"], told.get("known_by", ""))


def bounces_to(message: Message, links: Links) -> str:
    """The envelope's sender: where answers are read, what cannot be delivered comes back there too; else empty."""
    told = message.facts.get("thread", {})
    return answers_to(message, links) if told.get("takes_answers") else ""


def calendar_part(message: Message, links: Links, words: tuple[str, str]) -> CalendarPart | None:
    """What a calendar is told; `words` are the place and the description in the letter's language.

    None for a letter without one, and where nobody could take an answer: an entry has an ORGANIZER.
    """
    told, organizer = message.facts.get("calendar"), answers_to(message, links)
    if told is None or not organizer:
        return None
    facts = message.facts
    event, (location, description) = facts["event"], words
    starts, ends = _times(event)
    scheduled = Scheduled(
        method=Method(told["method"]),
        uid=event["id"],
        sequence=told["sequence"],
        stamped_at=datetime.fromisoformat(told["stamp"]),
        created_at=datetime.fromisoformat(told["created"]),
        starts=starts,
        ends=ends,
        summary=event["title"],
        organizer=Party(name=event["host"]["name"], address=organizer),
        attendee=Party(name=message.to_name, address=message.to_address),
        partstat=told["partstat"],
        location=location,
        description=description,
        url=own_page(facts, links) if told["method"] == Method.REQUEST else "",
        is_whole=told["whole"],
        comment=facts.get("reason", ""),
    )
    return CalendarPart(scheduled.method, scheduled.sequence, scheduling.write(scheduled))


def own_page(facts: dict[str, Any], links: Links) -> str:
    """The page with the briefing and the buttons. It is the reader's alone, and so is the calendar it goes into."""
    return links.answer(facts["invitation"], facts["turn"], datetime.fromisoformat(facts["expires_at"]))


def _office(message: Message) -> str:
    return str(message.facts["event"]["host"]["mailbox"])


def _times(event: dict[str, Any]) -> tuple[datetime | date, datetime | date]:
    if event["all_day"]:
        first = date.fromisoformat(event["starts_on"])
        return first, first + timedelta(days=event["days"])
    return datetime.fromisoformat(event["starts_at"]), datetime.fromisoformat(event["ends_at"])
