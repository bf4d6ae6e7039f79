"""A language for tests in which nothing that was translated holds a Latin letter.

Each message of the catalogue becomes a row of ξ of the same shape, dates and zones are Greek, and so are the names in
the world. What is Latin on a page then has gone past the translations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from babel.support import Translations
from bs4 import BeautifulSoup, Comment, Doctype, NavigableString, Tag

PLACEHOLDER = re.compile(r"(%\(\w+\)[a-z]|%%)")
# Attributes that are read out or shown.
SPOKEN = ("aria-label", "aria-description", "title", "alt", "placeholder", "label")
# Addresses, identifiers and versions are the same in every language; so is the name of this software.
SAME_EVERYWHERE = re.compile(
    r"\b(?:https?|webcal)://\S+|\S+@\S+|\b[0-9a-f]{16}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\beventsvc\b|\S*/api/v1\S*"
)
LATIN = re.compile(r"[A-Za-z]+")


class Pseudo(Translations):
    """Every message as a row of ξ, with its facts."""

    def gettext(self, message: str) -> str:
        """One message."""
        return disguised(message)

    def ngettext(self, msgid1: str, msgid2: str, num: int) -> str:
        """One of two."""
        return disguised(msgid1 if num == 1 else msgid2)

    ugettext, ungettext = gettext, ngettext


def disguised(message: str) -> str:
    """The message without its letters; what is filled in stays."""
    parts = PLACEHOLDER.split(message)
    return "".join(part if PLACEHOLDER.fullmatch(part) else LATIN.sub(_row, part) for part in parts)


def _row(word: re.Match[str]) -> str:
    return "ξ" * len(word[0])


def latin_in(page: BeautifulSoup, names: Iterable[str] = ()) -> list[str]:
    """Every Latin word that is seen or heard, with the text around it; `names` are what people have called things."""
    longest_first = sorted(names, key=len, reverse=True)
    of_people = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
    return [
        f"{word!r} in {text.strip()!r}"
        for text in _texts(page)
        for word in LATIN.findall(of_people.sub(" ", SAME_EVERYWHERE.sub(" ", text)))
    ]


def _texts(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all(True):
        if is_foreign(tag):
            continue
        yield from (tag[name] for name in SPOKEN if tag.get(name))
        if tag.name == "meta" and tag.get("name") == "description":
            yield tag["content"]
        if tag.name in ("script", "style", "textarea"):
            continue
        for child in tag.children:
            if isinstance(child, NavigableString) and not isinstance(child, Comment | Doctype):
                yield str(child)


def is_foreign(tag: Tag) -> bool:
    """True for what says that it is in another language, or that nobody should translate it."""
    return any(
        (one.has_attr("lang") and one.name != "html") or one.get("translate") == "no" for one in [tag, *tag.parents]
    )
