"""Whether new words for a place only mend the old ones, so that nobody need be told: the one home of that rule.

A typo is mended where the numbers stay (a room or a house of another number is another place) and the rest is nearly
the same. Everything else is a change of place for whoever counts on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.audit import Change
from eventsvc.domain.directory.models import Campus, Room

# "Colege Theatre" and "College Theater" are nearly the same, "Rose Room" and "Oak Room" are not.
NEARLY_THE_SAME = 0.8
Place = Campus | Room


def is_mended(before: str, after: str) -> bool:
    """True where the new words name what the old ones do."""
    if re.findall(r"\d+", before) != re.findall(r"\d+", after):
        return False
    return SequenceMatcher(None, before.casefold(), after.casefold(), autojunk=False).ratio() >= NEARLY_THE_SAME


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
