"""The one form in which words are kept and asked for, on both databases.

Not `directory.names.folded`: that one decides whether two names are the same, and keeps Latin letters only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

# Beyond these a word or a question holds nothing that narrows; PostgreSQL keeps no word of more than 2,046 bytes.
LONGEST_WORD = 64
MOST_ASKED = 12
LONGEST_QUESTION = 500

_WORD = re.compile(r"[^\W_]+")
# Accents, and what is invisible: soft hyphens, joiners, direction marks.
_UNSEEN = frozenset({"Mn", "Mc", "Me", "Cf"})
_WITHIN = dict.fromkeys(map(ord, "'’‘ʼ`"))  # left out, so that "expert's" begins with "expert"


def words_in(text: str) -> list[str]:
    """The words of a text in order, without case, accents and marks: "Cafés & Careers" is `cafes`, `careers`.

    A word is a run of letters and digits of any script; each is at most 64 characters long.
    """
    return [word[:LONGEST_WORD] for word in _WORD.findall(_plain(text.translate(_WITHIN)))]


def words_asked(question: str) -> tuple[str, ...]:
    """The words of a question, each once: at most the first 12 of its first 500 characters."""
    return tuple(dict.fromkeys(words_in(question[:LONGEST_QUESTION])))[:MOST_ASKED]


def begins_all(asked: Iterable[str], words: Sequence[str]) -> bool:
    """True when each word asked for begins one of the words: the rule that the databases' indexes follow."""
    return all(any(word.startswith(wanted) for word in words) for wanted in asked)


def pieces(text: str, asked: Sequence[str]) -> list[tuple[str, bool]]:
    """The text cut into pieces, each with whether it is a word that one of the words asked for begins.

    Joined they are the text again; neighbours that are no such word are one piece.
    """
    found: list[tuple[str, bool]] = []
    for is_word, marks in groupby(text, key=_belongs_to_a_word):
        piece = "".join(marks)
        is_match = is_word and any(word.startswith(wanted) for word in words_in(piece) for wanted in asked)
        if found and not is_match and not found[-1][1]:
            found[-1] = (found[-1][0] + piece, False)
        else:
            found.append((piece, is_match))
    return found


def _belongs_to_a_word(mark: str) -> bool:
    return mark.isalnum() or ord(mark) in _WITHIN or unicodedata.category(mark) in _UNSEEN


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(mark for mark in folded if unicodedata.category(mark) not in _UNSEEN)
