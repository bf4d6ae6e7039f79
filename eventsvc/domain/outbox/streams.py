"""Which letters a reader may stop, and in which stream they leave: the one home of that table.

Transactional letters carry what somebody has to know or to answer (asked, moved, called off, sign in). Subscribed ones
are news that nobody waits for; those carry the headers by which mail programs offer to unsubscribe (RFC 8058). A topic
is what a reader switches: reminders are transactional, and still may be switched off. What stands in no topic always
arrives.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Stream(StrEnum):
    """How a letter leaves."""

    TRANSACTIONAL = "transactional"
    SUBSCRIBED = "subscribed"


class Topic(StrEnum):
    """What a reader may switch off."""

    REMINDERS = "reminders"
    OPEN_ANSWERS = "open_answers"
    COUNTS = "counts"
    OPEN_SEATS = "open_seats"
    THANKS = "thanks"
    FINDINGS = "findings"
    MONDAY = "monday"
    DIGEST = "digest"  # switched off, its letters come one by one


class Sort(NamedTuple):
    """Stream and topic of a letter."""

    stream: Stream
    topic: Topic | None


_SORTS = {
    "reminder": Sort(Stream.TRANSACTIONAL, Topic.REMINDERS),
    "partner_reminder": Sort(Stream.TRANSACTIONAL, Topic.REMINDERS),
    "unanswered": Sort(Stream.TRANSACTIONAL, Topic.OPEN_ANSWERS),
    "count_wanted": Sort(Stream.TRANSACTIONAL, Topic.COUNTS),
    "seat_open": Sort(Stream.SUBSCRIBED, Topic.OPEN_SEATS),
    "thanks": Sort(Stream.SUBSCRIBED, Topic.THANKS),
    "thanks_office": Sort(Stream.SUBSCRIBED, Topic.THANKS),
    "digest": Sort(Stream.SUBSCRIBED, Topic.DIGEST),
    "monday": Sort(Stream.SUBSCRIBED, Topic.MONDAY),
    "doctor": Sort(Stream.SUBSCRIBED, Topic.FINDINGS),
}
_ALWAYS = Sort(Stream.TRANSACTIONAL, None)


def sort_of(letter: str) -> Sort:
    """Stream and topic of the letter of that name; one that the table does not name always arrives."""
    return _SORTS.get(letter, _ALWAYS)


def letters_of(topic: Topic) -> list[str]:
    """The letters that stop when a reader switches a topic off."""
    return [name for name, sort in _SORTS.items() if sort.topic is topic]
