"""Saved filters: any combination of what public feeds select by, under a short address that lasts.

One word of a dimension is enough, and every dimension that is named narrows. The same combination has the same
address, whoever asks for it and in whatever order; it belongs to nobody, names nobody, and is never deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db, is_postgresql
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.feeds import dimensions
from eventsvc.domain.feeds.dimensions import DIMENSIONS, Part
from eventsvc.domain.feeds.entries import Feed

OF = "saved"
MOST_WORDS = 20
# Enough that nobody finds a second combination for an address by chance; who makes one on purpose gets the next.
WORD_LENGTH = 12
_NAMED = 3  # names of one dimension in a feed's title

# Dimension → its words, each once and in order, as `DIMENSIONS` has them; none is empty.
Combination = Mapping[str, tuple[str, ...]]


class SavedFilter(Base):
    """A combination that somebody asked for."""

    __tablename__ = "saved_filters"

    word: Mapped[str] = mapped_column(String(WORD_LENGTH), primary_key=True, comment="its address, made of the digest")
    digest: Mapped[str] = mapped_column(String(64), unique=True, comment="of the combination")
    wanted: Mapped[dict[str, list[str]]] = mapped_column(JSON, comment="words by dimension, in order")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def combination(self) -> Combination:
        """What was asked for."""
        return {of: tuple(words) for of, words in self.wanted.items()}


def combination(said: Mapping[str, Sequence[str]]) -> Combination:
    """What was said, each word once, in order and as it is stored.

    Refuses: InvalidInput for nothing, for more than 20 words, and naming every word that nothing answers to.
    """
    told = {of: list(dict.fromkeys(said.get(of, ()))) for of in DIMENSIONS if said.get(of)}
    strangers = [of for of in said if of not in DIMENSIONS]
    if strangers:
        raise InvalidInput({of: say("is nothing that calendars select by") for of in strangers})
    if not told:
        raise InvalidInput({DIMENSIONS[0]: say("choose at least one")})
    total = 0
    for of, words in told.items():
        total += len(words)
        if total > MOST_WORDS:
            raise InvalidInput({of: say("at most %(most)s choices in all", most=MOST_WORDS)})
    errors: list[tuple[str, str]] = []
    made: dict[str, tuple[str, ...]] = {}
    for of, words in told.items():
        found = dimensions.found(of, words)
        errors += [
            (f"{of}.{number}", say("there is no %(word)r to select by", word=word))
            for number, word in enumerate(words)
            if word not in found
        ]
        made[of] = tuple(sorted({found[word].word for word in words if word in found}))
    if errors:
        raise InvalidInput(errors)
    return made


def only_word(asked: Combination) -> tuple[str, str] | None:
    """Dimension and word of a combination that is a feed of its own already, or None."""
    words = [(of, word) for of, some in asked.items() for word in some]
    return words[0] if len(words) == 1 else None


def save(asked: Combination, now: datetime) -> tuple[SavedFilter, bool]:
    """The saved filter of a combination, and whether it is new."""
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    turn = 0
    while True:
        word = _word(f"{digest} {turn}")
        known = db.session.get(SavedFilter, word)
        if known is None:
            row = {"word": word, "digest": digest, "wanted": {of: list(some) for of, some in asked.items()}}
            insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
            statement = insert(SavedFilter).values(**row, made_at=now).on_conflict_do_nothing()
            added = db.session.execute(statement.returning(SavedFilter.word)).first()
            known = db.session.get_one(SavedFilter, word)
            if known.digest == digest:
                return known, added is not None
        elif known.digest == digest:
            return known, False
        turn += 1


def get(word: str) -> SavedFilter:
    """The saved filter of that address; refuses NotFound."""
    found = db.session.get(SavedFilter, word) if is_slug(word) and len(word) == WORD_LENGTH else None
    if found is None:
        raise NotFound(say("There is no such calendar."))
    return found


def of_saved(word: str) -> Feed:
    """The feed of a saved filter: its version is the greatest over the keys of its parts; refuses NotFound."""
    asked = get(word).combination
    parts = parts_of(asked)
    keys = frozenset(f"{of}:{one}" for of, words in asked.items() for one in words)
    return Feed(f"{OF}:{word}", f"{OF}/{word}", _title(parts), dimensions.wanted(asked), keys)


def parts_of(asked: Combination) -> dict[str, list[Part]]:
    """What each word stands for, by dimension; one that nothing answers to any more is named as it is written."""
    known = {of: dimensions.found(of, words) for of, words in asked.items()}
    return {of: [known[of].get(word, Part(word, word)) for word in words] for of, words in asked.items()}


def _title(parts: Mapping[str, Sequence[Part]]) -> str:
    return " · ".join(_some([part.name for part in some]) for some in parts.values())


def _some(names: Sequence[str]) -> str:
    shown, rest = names[:_NAMED], len(names) - _NAMED
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _word(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    letters = []
    for _ in range(WORD_LENGTH):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("a") + letter))
    return "".join(letters)
