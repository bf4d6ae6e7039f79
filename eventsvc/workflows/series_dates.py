"""Going through the dates of a series: each is tried on its own, and what stands against each is noted.

A date that fails leaves nothing behind (a savepoint), so that the next one is looked at beside those that are had.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from eventsvc.core.db import db
from eventsvc.core.errors import DatesTaken, InvalidInput, SlotTaken, WrongState
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import When, when_of
from eventsvc.workflows.explain_clashes import explain

T = TypeVar("T")

# What is wrong with one date alone: its hour does not exist there, comes twice, or is past.
_OF_THE_TIME = frozenset({"starts_local", "starts_side", "starts_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDate:
    """One date and everything against it. `campus` is a slug; `event` the public id of one that exists already."""

    when: When
    campus: str | None
    event: str | None = None
    clashes: Sequence[Clash] = ()
    errors: Sequence[Mapping[str, str]] = ()

    def facts(self) -> dict[str, Any]:
        """JSON-ready, without the clashes, which are explained after the roll-back."""
        starts_local = self.when.starts_local
        starts_on = self.when.starts_on or (starts_local and starts_local.date())
        return {
            "starts_local": starts_local.isoformat(timespec="minutes") if starts_local else None,
            "starts_on": starts_on.isoformat() if starts_on else None,
            "campus": self.campus,
            "event": self.event,
            "errors": list(self.errors),
        }


def attempt(story: Callable[[], T], when: When, campus: str | None) -> T | RefusedDate:
    """Run the story of one date; what stands against this date undoes it and is returned.

    Refuses: what is wrong with every date alike, such as an unknown room.
    """

    def undone() -> T:
        with db.session.begin_nested():
            return story()

    return judged(undone, when, campus)


def judged(story: Callable[[], T], when: When, campus: str | None) -> T | RefusedDate:
    """The same for a story that writes nothing."""
    try:
        return story()
    except SlotTaken as refusal:
        return RefusedDate(when=when, campus=campus, clashes=refusal.clashes)
    except InvalidInput as refusal:
        errors = refusal.facts["errors"]
        has_start = when.starts_local is not None or when.starts_on is not None
        if has_start and {error["field"] for error in errors} <= _OF_THE_TIME:
            return RefusedDate(when=when, campus=campus, errors=errors)
        raise


def attempt_with(event: Event, story: Callable[[], T]) -> T | RefusedDate:
    """The same for an event that exists; a move that its state does not allow is one more reason."""
    when, campus = when_of(event), event.campus.slug if event.campus else None
    public_id = str(event.public_id)
    try:
        done = attempt(story, when, campus)
    except WrongState as refusal:
        error = {"field": "status", "reason": refusal.detail}
        return RefusedDate(when=when, campus=campus, event=public_id, errors=[error])
    return replace(done, event=public_id) if isinstance(done, RefusedDate) else done


def ensure_none_refused(done: Sequence[T | RefusedDate]) -> list[T]:
    """What was done; refuses DatesTaken naming every date that was refused."""
    refused = [one for one in done if isinstance(one, RefusedDate)]
    if refused:
        raise DatesTaken(refused)
    return [one for one in done if not isinstance(one, RefusedDate)]


def among_siblings(refused: RefusedDate, siblings: Mapping[int, Event]) -> RefusedDate:
    """Clashes with dates of the same series, which will be gone when the clashes are read: they are named by time."""

    def named(clash: Clash) -> Clash:
        sibling = siblings.get(clash.event_id) if clash.event_id is not None else None
        if sibling is None:
            return clash
        start = sibling.starts_local or datetime.combine(sibling.starts_on, datetime.min.time())
        known = (*clash.facts, ("sibling", start.isoformat(timespec="minutes")))
        return replace(clash, event_id=None, facts=known)

    return replace(refused, clashes=[named(clash) for clash in refused.clashes])


def reasons_of(refused: Collection[RefusedDate], actor: Actor) -> list[dict[str, Any]]:
    """What stands against each, as facts: clashes explained as for a single event, and errors."""
    explained = iter(explain([clash for one in refused for clash in one.clashes], actor=actor))
    return [one.facts() | {"clashes": [next(explained) for _ in one.clashes]} for one in refused]
