"""The words of a foreign entry as an event of ours says them: one line, Markdown, a link.

Foreign texts are bounded here, and lose what no page or letter may hold (control characters, HTML).
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

MAX_LINE = 200
MAX_TEXT = 8_000
MAX_LINK = 500
_MAX_PAGE = 100_000
_MAX_LINES = 400
_IS_HTML = re.compile(
    r"<(?:/?(?:p|br|div|span|a|b|i|u|ul|ol|li|strong|em|html|body|table|h[1-6])\b[^<>]*)>", re.IGNORECASE
)
_LINK = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_NOT_IN_AN_ADDRESS = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_MANY_LINES = re.compile(r"\n{3,}")


def one_line(text: str, most: int = MAX_LINE) -> str:
    """The words of a text on one line, cut to so many characters."""
    return " ".join(_visible(text).split())[:most].strip()


def is_html(text: str) -> bool:
    """True for what some programs write into a DESCRIPTION though RFC 5545 3.8.1.5 knows plain text only."""
    return _IS_HTML.search(text) is not None


def as_markdown(text: str) -> str:
    """A text, plain or HTML, as Markdown of at most 8,000 characters; lines stay lines, links stay links."""
    plain = _Page.text_of(text) if is_html(text) else unescape(text) if "&" in text else text
    lines = [line.rstrip() for line in _visible(plain.replace("\r\n", "\n")).split("\n")][:_MAX_LINES]
    joined = _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()
    # Two spaces keep a line a line (CommonMark 6.7).
    kept = re.sub(r"(?<=[^\n])\n(?=[^\n])", "  \n", joined)
    return unicodedata.normalize("NFC", kept)[:MAX_TEXT].rstrip()


def link_in(text: str) -> str:
    """The first web address in a text that an event can have as its link, or nothing."""
    for found in _LINK.finditer(text[:_MAX_PAGE]):
        link = found[0].rstrip(".,;:!?)]}>")
        if is_link(link):
            return link
    return ""


def is_link(text: str) -> bool:
    """True for a web address of at most 500 characters that holds nothing an address may not hold."""
    if len(text) > MAX_LINK or _NOT_IN_AN_ADDRESS.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _visible(text: str) -> str:
    """Without control characters, lone surrogates and marks that only change what is seen."""
    text = text.translate({0x2028: "\n", 0x2029: "\n\n"})
    # A joiner makes one picture of several, and words of some scripts.
    kept = "\n\t\u200c\u200d"
    return "".join(sign for sign in text if sign in kept or unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))


class _Page(HTMLParser):
    """The words of a page as Markdown: paragraphs, lines, list items and links; everything else is dropped."""

    _SILENT = frozenset({"script", "style", "title"})
    _BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
    _LINES = frozenset({"br", "tr", "li", "hr"})

    @classmethod
    def text_of(cls, page: str) -> str:
        """The text of a page, of its first 100,000 characters."""
        reader = cls()
        reader.feed(page[:_MAX_PAGE])
        reader.close()
        return "\n".join(" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._link = ""
        self._linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block or a line begins; a link is kept until it ends."""
        self._silent += tag in self._SILENT
        if tag == "a":
            self._end_link()
            target = dict(attrs).get("href") or ""
            self._link = target if is_link(target) else ""
        elif tag in self._BLOCKS:
            self._put("\n\n")
        elif tag in self._LINES:
            self._put("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """A block or a link ends."""
        self._silent -= tag in self._SILENT and self._silent > 0
        if tag == "a":
            self._end_link()
        elif tag in self._BLOCKS:
            self._put("\n\n")

    def handle_data(self, data: str) -> None:
        """Words; line breaks within them are none."""
        if not self._silent:
            self._put(re.sub(r"\s+", " ", data))

    def close(self) -> None:
        """The page is over, and a link that was left open."""
        super().close()
        self._end_link()

    def _put(self, words: str) -> None:
        (self._linked if self._link else self.pieces).append(words)

    def _end_link(self) -> None:
        words, target = " ".join("".join(self._linked).split()), self._link
        self._link, self._linked = "", []
        if target:
            label = re.sub(r"[\[\]\\]", "", words)
            self.pieces.append(f"[{label}](<{target}>)" if label and label != target else f"<{target}>")
