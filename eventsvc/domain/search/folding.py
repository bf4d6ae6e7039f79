"""The one form in which words are kept and asked for, on both databases.

Not `directory.names.folded`: that one decides whether two names are the same, and keeps Latin letters only.
"""

from __future__ import annotations

import re
import unicodedata

# Beyond these a word or a question holds nothing that narrows; PostgreSQL keeps no word of more than 2,046 bytes.
LONGEST_WORD = 64
MOST_ASKED = 12
LONGEST_QUESTION = 500

_WORD = re.compile(r"[^\W_]+")
_WITHIN = dict.fromkeys(map(ord, "'’‘ʼ`"))  # left out, so that "expert's" begins with "expert"


def words_in(text: str) -> list[str]:
    """The words of a text in order, without case, accents and marks: "Cafés & Careers" is `cafes`, `careers`.

    A word is a run of letters and digits of any script; each is at most 64 characters long.
    """
    return [word[:LONGEST_WORD] for word in _WORD.findall(_plain(text.translate(_WITHIN)))]


def words_asked(question: str) -> tuple[str, ...]:
    """The words of a question, each once: at most the first 12 of its first 500 characters."""
    return tuple(dict.fromkeys(words_in(question[:LONGEST_QUESTION])))[:MOST_ASKED]


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Accents, and what is invisible: soft hyphens, joiners, direction marks.
    return "".join(mark for mark in folded if unicodedata.category(mark) not in ("Mn", "Mc", "Me", "Cf"))
