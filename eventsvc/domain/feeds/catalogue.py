"""What there is to subscribe to: everything, and what each word of each dimension selects, to be looked through."""

from __future__ import annotations

from typing import NamedTuple

from eventsvc.domain.feeds import dimensions, public, saved
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.domain.feeds.entries import all_events
from eventsvc.domain.feeds.saved import Combination

# What all events are called where others have a dimension and a word.
ALL = "all"


class Listed(NamedTuple):
    """A feed by the two parts of its address, what it is called in English, and what it selects by."""

    of: str
    word: str
    name: str
    selects: Combination

    @property
    def path(self) -> str:
        """Its address under /feeds and under /calendars."""
        return f"{self.of}/{self.word}" if self.word else self.of


def everything() -> Listed:
    """The feed of all events."""
    return Listed(ALL, "", all_events().name, {})


def page(
    *, of: str | None = None, words: str = "", after: tuple[str, str] | None = None, limit: int
) -> tuple[list[Listed], tuple[str, str] | None]:
    """Feeds by dimension and word, those whose names hold the words; and the key to go on after, or None at the end.

    Events alone and saved filters are not listed: one finds them at the event and where they were made.
    """
    found = [everything()] if of in (None, ALL) and not words and after is None else []
    for dimension in DIMENSIONS if of is None else (one for one in DIMENSIONS if one == of):
        if after is not None and after[0] in DIMENSIONS and DIMENSIONS.index(dimension) < DIMENSIONS.index(after[0]):
            continue
        last = after[1] if after is not None and after[0] == dimension else ""
        parts = dimensions.listed(dimension, words=words, after=last, limit=limit + 1 - len(found))
        found += [Listed(dimension, part.word, part.name, {dimension: (part.word,)}) for part in parts]
        if len(found) > limit:
            return found[:limit], (found[limit - 1].of, found[limit - 1].word)
    return found, None


def one(of: str, word: str) -> Listed:
    """One feed, saved or not; refuses NotFound."""
    feed = public.find(of, word)
    selects: Combination = {of: (word,)} if of in DIMENSIONS else {}
    return Listed(of, word, feed.name, saved.get(word).combination if of == saved.OF else selects)
