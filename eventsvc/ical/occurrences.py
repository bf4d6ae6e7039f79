"""What a foreign calendar says of its events: every occurrence by itself, ready to become an event of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

MAX_OCCURRENCES = 5_000
MAX_OF_ONE = 500
MAX_UID = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One occurrence of an entry that begins on `line` of the file.

    `recurrence` tells it from the others of its UID: the instant (UTC) or day at which its rule has it, and nothing
    for an entry that does not repeat. Timed ones have `starts_at` and `ends_at` in UTC; of whole days there are
    `starts_on` and `days`. `sequence` and `modified_at` say which of two states of it is the newer.
    """

    line: int
    uid: str
    recurrence: str = ""
    sequence: int = 0
    modified_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    starts_on: date | None = None
    days: int = 0
    title: str = ""
    description: str = ""
    location: str = ""
    position: tuple[float, float] | None = None
    url: str = ""
    online_url: str = ""
    categories: tuple[str, ...] = ()
    is_cancelled: bool = False
    is_tentative: bool = False
    is_private: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be read, and why; `uid` where it is known."""

    line: int
    reason: str
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a file holds within a window, in the order of time, and what became of the rest.

    `uids` are all that the file names, also where nothing of them lies within the window. `whole` are those of which
    every occurrence within the window is there, so that one that is missing is gone from the source.
    """

    occurrences: tuple[Occurrence, ...]
    refused: tuple[Refused, ...] = ()
    warnings: tuple[tuple[int, str], ...] = ()
    uids: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that cannot be read at all: why, and on which line."""

    reason: str
    line: int = 1


@dataclass(slots=True)
class Notes:
    """The warnings of one entry while it is read; each is said once."""

    said: dict[str, None] = field(default_factory=dict)

    def warn(self, words: str) -> None:
        """Note something that was dropped or bent."""
        self.said.setdefault(words)

    def all(self) -> tuple[str, ...]:
        """Every warning in its order."""
        return tuple(self.said)
