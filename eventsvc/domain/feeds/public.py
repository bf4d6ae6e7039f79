"""The feeds that anybody may subscribe to: everything, what one word of one dimension selects, and one event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import Filter, get_event
from eventsvc.domain.feeds import dimensions, saved
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.domain.feeds.entries import Feed

_NONE = say("There is no such calendar.")


def narrowed(of: str, word: str) -> Feed:
    """The events that one word of a dimension selects; refuses NotFound for a word that leads nowhere."""
    part = dimensions.found(of, [word]).get(word)
    if part is None:
        raise NotFound(_NONE)
    name = f"Events in {part.name}" if of == "language" else part.name
    return _feed(of, part.word, name, dimensions.wanted({of: [part.word]}))


def one_event(event_id: str) -> Feed:
    """One event alone; refuses NotFound, also for what the public does not see."""
    event = get_event(event_id)
    if not permits.may_see_event(PUBLIC, event):
        raise NotFound(say("There is no such event."))
    return _feed("event", str(event.public_id), event.title, Filter(event_id=event.id))


def _feed(of: str, word: str, name: str, wanted: Filter) -> Feed:
    return Feed(f"{of}:{word}", f"{of}/{word}", name, wanted, frozenset({f"{of}:{word}"}))


# The first part of a calendar address → the feed of a word there.
FIND: Mapping[str, Callable[[str], Feed]] = {
    **{of: partial(narrowed, of) for of in DIMENSIONS},
    "event": one_event,
    saved.OF: saved.of_saved,
}


def find(of: str, word: str) -> Feed:
    """The feed at that address; refuses NotFound, also for another way of writing its word."""
    made = FIND.get(of)
    feed = made(word) if made is not None else None
    if feed is None or feed.path != f"{of}/{word}":
        raise NotFound(_NONE)
    return feed
