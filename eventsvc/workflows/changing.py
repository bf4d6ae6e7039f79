"""The frame around every change of an event: what outside readers see of it follows in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.domain.feeds import versions
from eventsvc.workflows import announce, tell_in_time
from eventsvc.workflows.keep_search import index_events


@contextmanager
def changing(event: Event, now: datetime) -> Iterator[None]:
    """Run a change of an event; afterwards it is found by its new words, and the feeds it stood or stands in are new.

    Every change raises the event's version; where it is the same afterwards, nothing happened. What is soon is told to
    everybody concerned when the story ends: see `tell_in_time`; to systems of others: `announce`.

    Locks: the event's search entry, then the feeds' keys; the event itself before them.
    """
    with changing_all([event], now):
        yield


@contextmanager
def changing_all(events: Sequence[Event], now: datetime) -> Iterator[None]:
    """The same for several events that are all locked."""
    before = [event.version for event in events]
    tell_in_time.note(events, now)
    announce.note(events, now)
    with versions.following(events, now):
        yield
        changed = [event for event, version in zip(events, before, strict=True) if event.version != version]
        if changed:
            db.session.flush()
            index_events(changed)
