"""What is blacked out of a record that goes to the public, and the reason code that stands in its place.

What is known (names, addresses, telephone numbers of the database) is found wherever it stands in words; mail
addresses and telephone numbers also by how they look. A name that nobody knows cannot be found in free words: words
that are not public already go whole, as private notes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why something is withheld; the codes stand in the manifest with the law's words."""

    NAME = "R1"
    ADDRESS = "R2"
    TELEPHONE = "R3"
    NOTE = "R4"
    STUDENT = "R5"
    KEY = "R6"


MEANINGS: dict[Reason, str] = {
    Reason.NAME: "a person's name: personal privacy (Gov. Code 7927.700)",
    Reason.ADDRESS: "a mail address: personal privacy (Gov. Code 7927.700)",
    Reason.TELEPHONE: "a telephone number: personal privacy (Gov. Code 7927.700)",
    Reason.NOTE: "a private note or a draft not yet public (Gov. Code 7927.500, 7927.700)",
    Reason.STUDENT: "student data: always exempt (Ed. Code 76243, 20 U.S.C. 1232g)",
    Reason.KEY: "a link that is a key: security of the service (Gov. Code 7929.210)",
}

_MAIL = r"[^\s@<>()\[\]\",;:]+@[^\s@<>()\[\]\",;:]+"
_TELEPHONE = r"(?<![\w-])\+?\(?\d[\d\s().\-/–]{5,}\d(?![\w-])"
_NORTH_AMERICAN = r"(?<!\d)(?:(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}|\d{3}-\d{4})(?!\d)"
MAIL_OR_TELEPHONE = re.compile(f"{_MAIL}|{_NORTH_AMERICAN}")
_MAILS, _TELEPHONES = re.compile(_MAIL), re.compile(_TELEPHONE)
# "Bo" stands in "about".
_SHORT = 3
_A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[\d\s.\-]*")


def mark(reason: Reason) -> str:
    """What stands in the place of what was blacked out."""
    return f"[redacted {reason}]"


@dataclass(slots=True)
class Redactor:
    """Blacks out, always the same in the same way, and counts by reason. Longer values first: one may hold another."""

    counts: Counter[Reason] = field(default_factory=Counter)
    _known: re.Pattern[str] | None = None
    _reasons: dict[str, Reason] = field(default_factory=dict)

    @classmethod
    def knowing(cls, names: Iterable[str], addresses: Iterable[str], telephones: Iterable[str]) -> Redactor:
        """One that knows these values; blanks are nothing."""
        made = cls()
        of_reason = {Reason.NAME: names, Reason.ADDRESS: addresses, Reason.TELEPHONE: telephones}
        for reason, values in of_reason.items():
            made._reasons |= {_as_key(value): reason for value in values if value.strip()}
        ordered = sorted(made._reasons, key=lambda value: (-len(value), value))
        if ordered:
            made._known = re.compile("|".join(_as_pattern(value) for value in ordered), re.IGNORECASE)
        return made

    def whole(self, value: str, reason: Reason) -> str:
        """The mark instead of the whole value; nothing stays nothing."""
        if not value:
            return value
        self.counts[reason] += 1
        return mark(reason)

    def words(self, value: str) -> str:
        """Words with every known value, mail address and telephone number blacked out."""
        found = self._known.sub(self._by_value, value) if self._known else value
        found = _MAILS.sub(lambda _: self._marked(Reason.ADDRESS), found)
        return _TELEPHONES.sub(self._telephone, found)

    def _by_value(self, found: re.Match[str]) -> str:
        return self._marked(self._reasons.get(_as_key(found[0]), Reason.NAME))

    def _telephone(self, found: re.Match[str]) -> str:
        digits = sum(mark.isdigit() for mark in found[0])
        return found[0] if digits < 7 or _A_DATE.fullmatch(found[0]) else self._marked(Reason.TELEPHONE)

    def _marked(self, reason: Reason) -> str:
        self.counts[reason] += 1
        return mark(reason)


def _as_key(value: str) -> str:
    return " ".join(value.split()).casefold()


def _as_pattern(value: str) -> str:
    """Also within longer words, for a value that was put in must not come out; short ones as whole words."""
    words = r"\s+".join(map(re.escape, value.split()))
    return words if len(value) > _SHORT else rf"(?<!\w){words}(?!\w)"
