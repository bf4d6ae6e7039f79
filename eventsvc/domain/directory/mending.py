"""Whether new words for a place only mend the old ones, so that nobody need be told: the one home of that rule.

Who still holds the old words must end at the right door. So a typo is a letter too many or missing, two letters
swapped, or other capitals, accents, spaces and signs. A letter that stands for another ("Rose Room", "Nose Room"),
another word or number, and a single letter ("Room A", "Room B") may name another place: whoever counts on it is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.audit import Change
from eventsvc.domain.directory.models import Campus, Room

# In words of fewer letters one slip leads to another word: "Hall" and "Hal", but also "West" and "Wet".
FEWEST_LETTERS = 5
_ROMAN_NUMBER = re.compile("[ivxlc]+")
Place = Campus | Room


def is_mended(before: str, after: str) -> bool:
    """True where the new words name what the old ones do."""
    if re.findall(r"\d+", before) != re.findall(r"\d+", after):
        return False
    old, new = _words(before), _words(after)
    if "".join(old) == "".join(new):
        return True
    return len(old) == len(new) and all(a == b or _is_a_slip(a, b) for a, b in zip(old, new, strict=True))


def _words(text: str) -> list[str]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", plain.casefold())


def _is_a_slip(before: str, after: str) -> bool:
    """True for one letter doubled, too many or missing, or two neighbours swapped; never the first one of a word."""
    short, long = sorted((before, after), key=len)
    if not (short + long).isalpha() or short[0] != long[0] or any(map(_ROMAN_NUMBER.fullmatch, (short, long))):
        return False
    if len(long) < FEWEST_LETTERS:
        return False
    if len(short) == len(long):
        return any(_swapped(short, at) == long for at in range(1, len(short) - 1))
    at_fewest = len(short) >= FEWEST_LETTERS or _undoubled(short) == _undoubled(long)
    return at_fewest and any(long[:at] + long[at + 1 :] == short for at in range(1, len(long)))


def _swapped(word: str, at: int) -> str:
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def ensure_mended(place: Place | None, known: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuses InvalidInput where the place is new, or where those of its words come to name another."""
    wrong = [name for name in names if place is None or not is_mended(getattr(place, name), _new(place, known, name))]
    if wrong:
        why = say("says more than a mended word: save it so that those who count on the place are told")
        raise InvalidInput(dict.fromkeys(wrong, why))


def unsaid(place: Place | None, known: Mapping[str, Any], names: Iterable[str]) -> dict[str, Change]:
    """For the audit log, before the change: that somebody has chosen to tell nobody of new words."""
    is_new = place is not None and any(_new(place, known, name) != getattr(place, name) for name in names)
    return {"tells": (None, "nobody")} if is_new else {}


def _new(place: Place, known: Mapping[str, Any], name: str) -> str:
    return str(known.get(name, getattr(place, name)))
