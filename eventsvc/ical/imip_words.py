"""What somebody wrote with their own hands: the new text of a mail, without the letter it answers.

Which lines begin the old letter ("On … wrote:" in thirteen languages, Outlook's block of headers) is known by
mail-parser-reply; the rules beside it are for the forms it misses. Its patterns take their time over long lines, so it
is shown the beginnings of lines, which is where all such marks stand, and says how many lines are new.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from mailparser_reply import EmailReplyParser

from eventsvc.ical.imip_parts import Found

MAX_WORDS = 4_000
_MOST_READ = 20_000
_MOST_PAGE = 200_000
_MOST_LINES = 300
_MOST_LINE = 160
_LANGUAGES = ["en", "es", "de", "fr", "it", "nl", "da", "sv", "pl", "cs", "ja", "ko", "zh"]
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060\ufeff]")
# Between Outlook's old letter and the new one; the library knows the English words only.
_DIVIDER = re.compile(r"\s*(?:_{20,}|-{3,}\s*[^\s-].{0,40}?[^\s-]\s*-{3,})\s*")
_WROTE = re.compile(
    r"(?:El|Em|Il giorno|On|Am|Le|Op|Den)\s.{5,200}?"
    r"\s(?:escribi[óo]|escreveu|ha scritto|wrote|schrieb.{0,80}|a écrit|schreef.{0,80})\s?:"
)


def new_words(found: Found) -> str:
    """The new text, at most 4,000 characters; nothing where there is none."""
    plain = "\n".join(text for text in found.plain if text.strip())
    text = plain if plain.strip() else "\n".join(_as_text(page) for page in found.html)
    return _new_text(_lines(text[:_MOST_READ]))[:MAX_WORDS].strip()


def _lines(text: str) -> list[str]:
    """The lines without what nobody sees; of several empty ones there is one."""
    plain = "\n".join(line.rstrip() for line in _INVISIBLE.sub("", text.replace("\r\n", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", plain).strip("\n").split("\n")[:_MOST_LINES]


def _new_text(lines: list[str]) -> str:
    """What stands above the old letter; where that is nothing, what stands below it or between its lines, if these
    are marked: of an old letter that is not, nobody can tell where it ends."""
    above = _unquoted(lines[: _first_old(lines)])
    is_all_old = _begins_old(lines) and not any(line.lstrip().startswith(">") for line in lines)
    return above or ("" if is_all_old else _unquoted(lines))


def _first_old(lines: list[str]) -> int:
    """The number of the first line that belongs to the letter that is answered; of all lines where none does."""
    most = next((number for number in range(len(lines)) if _begins_old(lines[number:])), len(lines))
    shown = [" ".join(line[:_MOST_LINE].split()) for line in lines[:most]]
    replies = EmailReplyParser(languages=list(_LANGUAGES)).read("\n".join(shown)).replies
    if replies[0].headers:
        return 0
    # The library cuts off what is blank before and after; so the lines that say something are counted.
    left = sum(1 for line in replies[0].content.split("\n") if line.strip()) if len(replies) > 1 else most
    for number, line in enumerate(shown):
        if left == 0:
            return number
        left -= bool(line)
    return most


def _begins_old(lines: list[str]) -> bool:
    return bool(_DIVIDER.fullmatch(lines[0][: 2 * _MOST_LINE].strip())) or _says_whose(lines) > 0


def _says_whose(lines: list[str]) -> int:
    """How many of the lines, at the beginning, say whose the old letter is: none, one or two."""
    two = [line[: 2 * _MOST_LINE].strip() for line in lines[:2]]
    if _WROTE.fullmatch(two[0]):
        return 1
    return 2 if _WROTE.fullmatch(" ".join(two)) and not _WROTE.fullmatch(two[-1]) else 0


def _unquoted(lines: list[str]) -> str:
    """Without the lines of an old letter that are marked, and without those that say whose it was."""
    kept, number = [], 0
    while number < len(lines):
        skipped = _says_whose(lines[number:])
        if not skipped and not lines[number].lstrip().startswith(">"):
            kept.append(lines[number])
        number += skipped or 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _as_text(page: str) -> str:
    """HTML as text. What it quotes is left out, unless that is all there is."""
    own = _Page.text_of(page, _Page.SILENT | {"blockquote"})
    return own if own.strip() else _Page.text_of(page, _Page.SILENT)


class _Page(HTMLParser):
    """The words of a page. nh3 would do, but takes seconds over thousands of elements within one another."""

    # Not "head": its end tag may be left out (HTML 13.1.2.4), and what it holds beside these has no words.
    SILENT = frozenset({"script", "style", "title"})
    BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "hr"})

    @classmethod
    def text_of(cls, page: str, unread: frozenset[str]) -> str:
        """The text of a page but for the elements that are `unread`, a line for each block."""
        reader = cls(unread)
        reader.feed(page[:_MOST_PAGE])
        return "\n".join(" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))

    def __init__(self, unread: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unread = unread
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        self._depth += tag in self._unread
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        """A block ends one."""
        self._depth -= tag in self._unread and self._depth > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Ends of lines in the source are spaces on a page."""
        if not self._depth:
            self.pieces.append(data.replace("\n", " ").replace("\r", " "))

    def _break(self, tag: str) -> None:
        if tag in self.BREAKS and not self._depth:
            self.pieces.append("\n")
