"""Save a combination of what public feeds select by: it becomes a feed with an address that lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from eventsvc.domain.feeds import catalogue, saved
from eventsvc.domain.feeds.catalogue import Listed


def save_filter(said: Mapping[str, Sequence[str]], now: datetime) -> tuple[Listed, bool]:
    """The feed of a combination, and whether it is new. One word alone is a feed of its own already.

    Anybody may: it belongs to nobody and holds nothing but choices out of public lists.

    Refuses: InvalidInput for nothing, for more than 20 words, and naming every word that nothing answers to.
    """
    asked = saved.combination(said)
    single = saved.only_word(asked)
    if single is not None:
        return catalogue.one(*single), False
    made, is_new = saved.save(asked, now)
    return catalogue.one(saved.OF, made.word), is_new
