"""The text layer of a calendar (RFC 5545 3.1, 3.3): content lines, folded and escaped, and components of them.

A feed of a state holds ten thousand entries and all are written anew now and then; the library's writer takes several
times as long for one. What is read, and the single object of a letter, are the library's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

_MOST_OCTETS = 75
# What no calendar may hold (RFC 5545 3.1: CONTROL), but for line breaks, which are escaped, and the tabulator.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# The backslash means nothing here, but readers take it for an escape of the sign after a value without quotes.
_TO_QUOTE = re.compile(r"[:;,\\]")


def component(name: str, lines: Iterable[bytes]) -> bytes:
    """The lines between BEGIN and END."""
    return b"".join((f"BEGIN:{name}\r\n".encode(), *lines, f"END:{name}\r\n".encode()))


def line(name: str, value: str, **parameters: str) -> bytes:
    """One property, folded at 75 octets; `value` stands as it is, so text goes through `text` first.

    A parameter's name is written with hyphens for underscores and its value quoted where it must be.
    """
    if parameters:
        name = ";".join((name, *(f"{key.replace('_', '-')}={_quoted(words)}" for key, words in parameters.items())))
    return _folded(f"{name}:{value}".encode())


def text(words: str) -> str:
    """A TEXT value (RFC 5545 3.3.11)."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    words = _CONTROLS.sub("", words)
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def moment(when: datetime | date) -> tuple[str, dict[str, str]]:
    """A value and its parameters: an aware instant in UTC, whole seconds, or a day."""
    if isinstance(when, datetime):
        return instant(when), {}
    return f"{when.year:04}{when.month:02}{when.day:02}", {"VALUE": "DATE"}


def instant(when: datetime) -> str:
    """A DATE-TIME in UTC, whole seconds (RFC 5545 3.3.5, form 2)."""
    utc = when.astimezone(UTC)
    return f"{utc.year:04}{utc.month:02}{utc.day:02}T{utc.hour:02}{utc.minute:02}{utc.second:02}Z"


def _quoted(words: str) -> str:
    """A parameter's value. RFC 6868's writing of quotes and line breaks is undone by few programs; there are none."""
    plain = _CONTROLS.sub("", " ".join(words.replace('"', "'").split())).replace("^", "^^")
    return f'"{plain}"' if _TO_QUOTE.search(plain) else plain


def _folded(octets: bytes) -> bytes:
    """The line in pieces of at most 75 octets; none ends within a character or after the backslash of an escape."""
    if len(octets) <= _MOST_OCTETS:
        return octets + b"\r\n"
    pieces, begin, room = [], 0, _MOST_OCTETS
    while len(octets) - begin > room:
        end = begin + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        backslashes = end - len(octets[:end].rstrip(b"\\")) if octets[end - 1] == 0x5C else 0
        end -= backslashes % 2
        pieces.append(octets[begin:end])
        begin, room = end, _MOST_OCTETS - 1
    pieces.append(octets[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"
