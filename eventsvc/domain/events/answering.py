"""Whether an event still takes the answers of those who were asked: people, and the offices of rooms."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from eventsvc.core.errors import WrongState, say
from eventsvc.domain.events.lifecycle import ON, STATUS_WORDS
from eventsvc.domain.events.models import Event, Status


class Closed(StrEnum):
    """Why there is nothing to answer any more, or not yet again."""

    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    OVER = "over"


def closed_to_answers(event: Event, now: datetime) -> Closed | None:
    """Why the event takes no answer, or None while it does; one put off takes them once it has a new time."""
    if event.status not in ON and event.status is not Status.POSTPONED:
        return Closed.CANCELLED
    if event.awaits_time:
        return Closed.POSTPONED
    return Closed.OVER if event.has_ended(now) else None


def ensure_takes_answers(event: Event, now: datetime) -> None:
    """Refuses WrongState for an event that is off, is over or has no new time yet."""
    closed = closed_to_answers(event, now)
    if closed is Closed.CANCELLED:
        raise WrongState(say("This event is %(status)s; nothing has to be done.", status=STATUS_WORDS[event.status]))
    if closed is Closed.POSTPONED:
        raise WrongState(say("This event has been put off; you will be asked again when there is a new time."))
    if closed is Closed.OVER:
        raise WrongState(say("This event is over."))
