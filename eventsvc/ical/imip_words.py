"""What somebody wrote with their own hands: the new text of a mail, without the letter it answers.

Which lines begin the old letter ("On … wrote:", in thirteen languages, and Outlook's block of headers) is known by
mail-parser-reply; marks of quotation and HTML are undone here.
"""

from __future__ import annotations

import html
import re

import nh3
from mailparser_reply import EmailReplyParser

from eventsvc.ical.imip_parts import Found

MAX_WORDS = 4_000
_MOST_READ = 20_000
_LANGUAGES = ["en", "es", "de", "fr", "it", "pt", "nl", "da", "sv", "pl", "cs", "ja", "ko", "zh"]
_BREAKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4"}
_SILENT = {"script", "style", "head", "title"}
_BREAK = re.compile(r"<br>|</(?:p|div|li|tr|h\d)>")
_TAG = re.compile(r"<[^<>]*>")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060\ufeff]")
# Between Outlook's old letter and the new one; the library knows the English words only.
_DIVIDER = re.compile(r"^\s*(?:_{20,}|-{3,}\s*\S.{0,40}?\S\s*-{3,})\s*$")
_WROTE = re.compile(
    r"^(?:El|Em|Il giorno|On|Am|Le|Op|Den)\s.{5,200}?"
    r"\s(?:escribi[óo]|escreveu|ha scritto|wrote|schrieb.{0,80}|a écrit|schreef.{0,80})\s?:$"
)


def new_words(found: Found) -> str:
    """The new text, at most 4,000 characters; nothing where there is none."""
    plain = "\n".join(text for text in found.plain if text.strip())
    text = plain if plain.strip() else "\n".join(_as_text(page) for page in found.html)
    return _new_text(_INVISIBLE.sub("", text[:_MOST_READ].replace("\r\n", "\n")))[:MAX_WORDS].strip()


def _as_text(page: str) -> str:
    """HTML as text. What it quotes is left out, unless that is all there is."""
    own = _stripped(page, _SILENT | {"blockquote"})
    return own if own.strip() else _stripped(page, _SILENT)


def _stripped(page: str, unread: set[str]) -> str:
    page = re.sub(r"\s+", " ", page[: _MOST_READ * 10])
    clean = nh3.clean(page, tags=_BREAKS, clean_content_tags=unread, attributes={}, strip_comments=True)
    lines = html.unescape(_TAG.sub("", _BREAK.sub("\n", clean))).replace("\xa0", " ").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines))


def _new_text(text: str) -> str:
    """Before the first line that begins the old letter; where that leaves nothing, what stands between or below."""
    if not text.strip():
        return ""
    above = EmailReplyParser(languages=list(_LANGUAGES)).read(_before_divider(text)).replies[0]
    own = _unquoted(above.content if not above.headers else above.content.removeprefix(above.headers))
    return own if own.strip() else _unquoted(text)


def _before_divider(text: str) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        joined = f"{line} {lines[number + 1]}".strip() if number + 1 < len(lines) else line
        if number and (_DIVIDER.match(line) or _WROTE.match(line.strip()) or _WROTE.match(joined)):
            return "\n".join(lines[:number])
    return text


def _unquoted(text: str) -> str:
    kept = [line.rstrip() for line in text.split("\n") if not line.lstrip().startswith(">")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in kept if not _WROTE.match(line.strip()))).strip()
