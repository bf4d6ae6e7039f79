"""When two spellings are one room, and which names a misspelt one may have meant.

The rule is conservative: it joins what can hardly be two rooms and leaves the rest to people and their aliases.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from eventsvc.domain.directory.names import folded

Key = tuple[str, ...]


def room_keys(spelling: str) -> frozenset[Key]:
    """Two spellings are one room when they share a key.

    1. The same letters and numbers in the same order: "TC2218" is "TC - 2218" ("Room 1 12" is not "Room 11 2").
    2. The same words in another order, when at most one of them tells rooms apart (holds a digit or is one letter):
       "Laurel Room - SCH" is "SCH Laurel Room", "DC Fish Bowl 1301" is "DC 1301 Fish Bowl";
       "Building 1 Room 2" is not "Building 2 Room 1".
    """
    words = folded(spelling).split()
    keys = {("in order", *re.findall(r"[a-z]+|[0-9]+", " ".join(words)))}
    if sum(_tells_apart(word) for word in words) <= 1:
        keys.add(("any order", *sorted(words)))
    return frozenset(keys)


def _tells_apart(word: str) -> bool:
    return len(word) == 1 or any(mark.isdigit() for mark in word)


def one_room_each(spellings: Sequence[str]) -> dict[str, str]:
    """Each spelling → the spelling its room goes by: the most frequent of those that are one room, else the first.

    Joining is transitive; the order of the spellings decides ties only.
    """
    frequent = Counter(spellings)  # in the order in which they come
    chosen: dict[str, str] = {}
    for group in _groups(frequent):
        in_order = [spelling for spelling in frequent if spelling in group]
        chosen |= dict.fromkeys(in_order, max(in_order, key=frequent.__getitem__))  # max keeps the first of equals
    return chosen


def _groups(spellings: Iterable[str]) -> list[set[str]]:
    """The spellings, those of one room together."""
    by_key: dict[Key, set[str]] = {}
    for spelling in spellings:
        joined = {spelling}.union(*(by_key.get(key, set()) for key in room_keys(spelling)))
        by_key |= dict.fromkeys((key for member in joined for key in room_keys(member)), joined)
    return list({id(group): group for group in by_key.values()}.values())


def nearly(words: str, names: Iterable[str]) -> list[str]:
    """Those of the names that hardly differ from the words: a letter or two, or the order."""
    keys, plain = room_keys(words), folded(words)
    return [name for name in names if keys & room_keys(name) or _is_close(plain, folded(name))]


def _is_close(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.92


def likely(words: str, names: Mapping[str, str]) -> list[str]:
    """Up to three of the names that the words may have meant, the likeliest first; `names` is folded → as written.

    Names that are one room by the rule come before names that merely look alike.
    """
    keys = room_keys(words)
    same = [name for name in names.values() if keys & room_keys(name)]
    close = [names[match] for match in difflib.get_close_matches(folded(words), list(names), n=3, cutoff=0.6)]
    return list(dict.fromkeys([*same, *close]))[:3]
