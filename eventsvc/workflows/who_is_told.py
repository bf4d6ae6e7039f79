"""Who would be told what by a change or a plan, found by making it and looking at the letters that are then owed.

There is no second set of rules: a dry run tells the story whole, and what it owes is read before it is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from eventsvc.core.db import at_the_end, db, transaction
from eventsvc.core.errors import NotFound
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.events.series import get_series
from eventsvc.domain.outbox import telling
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows.joint_letters import FOR_CALENDAR
from eventsvc.workflows.revise_shown import soon_showing

# A letter that is new, one that waits already and says what would be so, or one that would not be owed any more.
Becomes = Literal["new", "rewritten", "taken_back"]


@dataclass(frozen=True, slots=True)
class WouldTell:
    """One letter: to whom, when it would leave, and the letter itself as it would be; it stands in no session."""

    to_name: str
    letter: str
    leaves_at: datetime
    becomes: Becomes
    message: Message


@dataclass(slots=True)
class WhoIsTold:
    """What a story owes, once it has ended; empty where nobody is told."""

    letters: list[WouldTell] = field(default_factory=list)
    abouts: list[str] = field(default_factory=list)

    def plans(self, what: Event | Series) -> None:
        """The story has planned that: letters about it are its own."""
        self.abouts += _with_dates(what) if isinstance(what, Series) else _abouts_of(what)


@contextmanager
def trying(event_id: str) -> Iterator[WhoIsTold]:
    """Run the story of a change of that event within, keep nothing of it, and say who would be told.

    Refuses: what the story refuses.
    """
    with _trying(lambda: _abouts(event_id)) as found:
        yield found


@contextmanager
def trying_series(series_id: str) -> Iterator[WhoIsTold]:
    """The same for a story that changes a series."""
    with _trying(lambda: _abouts_of_series(series_id)) as found:
        yield found


@contextmanager
def trying_plan() -> Iterator[WhoIsTold]:
    """The same for a story that plans; what it has planned is named to the yielded one by `plans`."""
    with _trying(list) as found:
        yield found


@contextmanager
def trying_place(entry: Campus | Room | None, now: datetime) -> Iterator[WhoIsTold]:
    """The same for a story that changes a place (None: one that is new), of the events that are soon and show it."""
    with _trying(lambda: [] if entry is None else _abouts_of_place(entry, now)) as found:
        yield found


@contextmanager
def _trying(abouts: Callable[[], list[str]]) -> Iterator[WhoIsTold]:
    """`abouts`: what letters that wait may be about; what the story plans comes along."""
    with transaction(keep=False):
        found = WhoIsTold(abouts=abouts())
        newest, before = telling.newest_id(), _waiting(found.abouts)
        yield found
        at_the_end(lambda: lambda: found.letters.extend(_told(found.abouts, newest, before)))


def _abouts_of_place(entry: Campus | Room, now: datetime) -> list[str]:
    events = [_abouts(str(event.public_id)) for event in soon_showing(entry, now)]
    return list(dict.fromkeys(about for some in events for about in some))


def _abouts(event_id: str) -> list[str]:
    try:
        event = get_event(event_id)
    except NotFound:
        return []  # the story itself says so, to whom it may
    return _abouts_of(event)


def _abouts_of(event: Event) -> list[str]:
    return _with_dates(event.series) if event.series else [str(event.public_id)]


def _abouts_of_series(series_id: str) -> list[str]:
    try:
        return _with_dates(get_series(series_id))
    except NotFound:
        return []


def _with_dates(series: Series) -> list[str]:
    dates = db.session.scalars(select(Event.public_id).where(Event.series_id == series.id))
    return [str(series.public_id), *map(str, dates)]


def _waiting(abouts: list[str]) -> dict[int, dict[str, Any]]:
    """What those say that nobody has begun to send. They are not locked: the story locks what it is about first."""
    untried = Message.event.in_(abouts), Message.state == MessageState.QUEUED, Message.attempts == 0
    found = db.session.execute(select(Message.id, Message.facts).where(*untried))
    return {number: dict(facts) for number, facts in found}


def _told(abouts: list[str], newest: int, before: dict[int, dict[str, Any]]) -> list[WouldTell]:
    """To be read when all that a story owes is owed; mails for calendars alone go with a letter that is listed."""
    db.session.flush()
    query = select(Message).where(Message.event.in_(abouts), Message.letter != FOR_CALENDAR)
    touched = query.where(Message.id.in_(before) | (Message.id > newest)).order_by(Message.next_attempt_at, Message.id)
    found = []
    for message in db.session.scalars(touched):
        becomes = _becomes(message, before.get(message.id))
        if becomes is not None:
            leaves_at = message.next_attempt_at
            found.append(WouldTell(message.to_name, message.letter, leaves_at, becomes, _copy(message)))
    return found


def _becomes(message: Message, before: dict[str, Any] | None) -> Becomes | None:
    is_owed = message.state is MessageState.QUEUED
    if before is None:
        return "new" if is_owed else None
    if not is_owed:
        return "taken_back"
    return "rewritten" if message.facts != before else None


def _copy(message: Message) -> Message:
    names = ("public_id", "key", "letter", "to_address", "to_name", "language", "event", "created_at")
    return Message(**{name: getattr(message, name) for name in names}, facts=dict(message.facts))
