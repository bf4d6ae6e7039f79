"""Rules for the words of an event: lengths, control characters, links, and Markdown made safe."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt

from eventsvc.core.errors import InvalidInput, say

MAX_TITLE = 200
MAX_DESCRIPTION = 20_000
MAX_ADVICE = 1000
MAX_LINK = 500

# RFC 3986 2: unreserved, reserved, and a percent sign that begins an octet.
_NOT_IN_AN_ADDRESS = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")

_BREAKS = {0x2028: "\n", 0x2029: "\n\n"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False})
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr"}


def ensure_plain(text: str, *, field: str, limit: int, lines: bool = False) -> str:
    """The text, trimmed and in Unicode's composed form; refuses control characters and what is too long.

    With `lines`, line breaks and tabs are allowed.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if lines:
        # What word processors write between lines of a paragraph; headers of mails would break there.
        composed = composed.translate(_BREAKS)
    if len(composed) > limit:
        counts = {"length": f"{len(composed):,}", "limit": f"{limit:,}"}
        raise InvalidInput({field: say("is %(length)s characters long; at most %(limit)s are possible", **counts)})
    allowed = "\n\t" if lines else ""
    if any(unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp") and mark not in allowed for mark in composed):
        raise InvalidInput({field: say("holds control characters")})
    return composed


def ensure_title(text: str, *, field: str = "title") -> str:
    """A title: one line, 1 to 200 characters."""
    title = ensure_plain(text, field=field, limit=MAX_TITLE)
    if not title:
        raise InvalidInput({field: say("is empty")})
    return title


def ensure_description(text: str) -> str:
    """A description in Markdown, at most 20,000 characters."""
    return ensure_plain(text, field="description", limit=MAX_DESCRIPTION, lines=True)


def ensure_advice(text: str, *, field: str) -> str:
    """A few plain lines for those who come, at most 1,000 characters."""
    return ensure_plain(text, field=field, limit=MAX_ADVICE, lines=True)


def ensure_due_on(day: date | None, starts_on: date) -> date | None:
    """The last day to ask for accommodations; refuses one after the day of the event."""
    if day is not None and day > starts_on:
        raise InvalidInput({"accommodations_due_on": say("is after the day of the event")})
    return day


def moved_due_on(day: date, by: timedelta) -> date:
    """The last day to ask for accommodations of an event that moves by so much; refuses one that no calendar has."""
    try:
        return day + by
    except OverflowError:
        raise InvalidInput({"accommodations_due_on": say("is too far from the day of the event")}) from None


def ensure_link(text: str, *, field: str = "online_url") -> str:
    """An https: or http: address, or nothing.

    Refuses: InvalidInput, naming the first character that no address may hold (letters and calendars would cut it).
    """
    link = ensure_plain(text, field=field, limit=MAX_LINK)
    if link and not _is_web_address(link):
        raise InvalidInput({field: say("must be an address that starts with https://")})
    strange = _NOT_IN_AN_ADDRESS.search(link)
    if strange:
        mark = say("a space") if strange[0].isspace() else repr(strange[0])
        raise InvalidInput(
            {field: say("holds %(mark)s, which no web address may; copy it from a browser’s address line", mark=mark)}
        )
    return link


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:  # such as https://[::1
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def as_html(markdown: str) -> str:
    """Markdown as HTML that holds nothing but words and links; raw HTML in it is shown, not run."""
    return nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
    )


def as_text(markdown: str) -> str:
    """The same words without marks, for calendars and letters."""
    plain = nh3.clean(_MARKDOWN.render(markdown).replace("<li>", "<li>- "), tags=set())
    return unescape(plain).strip()
