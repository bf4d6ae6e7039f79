"""The parts of a foreign calendar and where they stand: which lines make an entry, and on which line it begins.

icalendar reads a calendar as a whole, so one bad line spoils every entry, and nobody learns which line it was. Here
the text is cut at BEGIN and END (RFC 5545 3.6), so that each entry can be read by itself and named by its line.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from eventsvc.core.errors import say
from eventsvc.ical.reader import UnreadableCalendar

MAX_DEPTH = 8
_MAX_LINES = 200_000
_MAX_CONTENT_LINE = 200_000
# How many signs of how many strange lines are shown to people.
_SHOWN = 40
_MARK = re.compile(r"(BEGIN|END)\s*:\s*([A-Za-z0-9-]+)\s*", re.IGNORECASE)
_NAME = re.compile(r"([A-Za-z0-9-]+)\s*[;:]")


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One unfolded line and the number, from 1, of the line it begins on."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """The property's name in capitals; nothing where it is no content line."""
        found = _NAME.match(self.text)
        return found[1].upper() if found else ""

    @property
    def shown(self) -> str:
        """Its beginning, for a sentence."""
        return self.name or self.text[:_SHOWN]


@dataclass(slots=True)
class Part:
    """A component: its own lines (not those of what lies within it), and where it begins."""

    name: str
    number: int
    lines: list[ContentLine] = field(default_factory=list)
    within: list[Part] = field(default_factory=list)
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """The lines of a file. `is_guessed` when not all of them are UTF-8."""

    lines: list[ContentLine]
    is_guessed: bool


def unfolded(raw: bytes) -> Decoded:
    """The content lines of a file, unfolded before they are decoded (RFC 5545 3.1 lets a fold lie within a letter).

    Refuses: UnreadableCalendar: over 200,000 lines, or a line of over 200,000 bytes.
    """
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raw = raw.decode("utf-16", errors="replace").encode()
    raw = raw.removeprefix(codecs.BOM_UTF8)
    lines: list[tuple[int, bytearray]] = []
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", raw), start=1):
        if number > _MAX_LINES:
            raise UnreadableCalendar(say("It has more than %(most)d lines.", most=_MAX_LINES), line=number)
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1][1].extend(line[1:])
        elif line.strip():
            lines.append((number, bytearray(line)))
        if lines and len(lines[-1][1]) > _MAX_CONTENT_LINE:
            at = lines[-1][0]
            raise UnreadableCalendar(say("Line %(line)d is too long to be of a calendar.", line=at), line=at)
    try:
        return Decoded([ContentLine(number, bytes(line).decode()) for number, line in lines], is_guessed=False)
    except UnicodeDecodeError:
        return Decoded([ContentLine(number, _guessed(bytes(line))) for number, line in lines], is_guessed=True)


def _guessed(line: bytes) -> str:
    """A line that is no UTF-8, or one of such a file: broken UTF-8 keeps what is whole, else it is Windows-1252."""
    text = line.decode(errors="replace")
    is_utf8 = any(ord(sign) > 0x7F and sign != "\ufffd" for sign in text) or "\ufffd" not in text
    return text if is_utf8 else line.decode("cp1252", errors="replace")


def parts_of(lines: list[ContentLine]) -> list[Part]:
    """The calendars of a file. What is not closed says so; what stands outside of every calendar is left out.

    Refuses: UnreadableCalendar: nothing begins with BEGIN:VCALENDAR, or parts lie too deep within one another.
    """
    outermost = Part("", 0, is_closed=True)
    stack = [outermost]
    for line in lines:
        mark = _MARK.fullmatch(line.text)
        if mark is None:
            stack[-1].lines.append(line)
        elif mark[1].upper() == "BEGIN":
            _begin(stack, mark[2].upper(), line.number)
        else:
            _end(stack, mark[2].upper())
    found = [part for part in outermost.within if part.name == "VCALENDAR"]
    if not found:
        raise UnreadableCalendar(say("It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."), line=1)
    return found


def _begin(stack: list[Part], name: str, number: int) -> None:
    # Nothing of these lies within one of its own kind: the first was never closed.
    alike = ("VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE", "VFREEBUSY")
    if name in alike and any(part.name in alike[1:] or part.name == name for part in stack):
        while stack[-1].name and (name == "VCALENDAR" or stack[-1].name != "VCALENDAR"):
            stack.pop()
    part = Part(name, number)
    stack[-1].within.append(part)
    stack.append(part)
    if len(stack) - 1 > MAX_DEPTH:
        words = say("Line %(line)d: its parts are nested too deep.", line=number)
        raise UnreadableCalendar(words, line=number)


def _end(stack: list[Part], name: str) -> None:
    """Close the nearest part of that name and what was left open within it; an END of nothing is passed over."""
    if any(part.name == name for part in stack):
        while stack[-1].name != name:
            stack.pop()
        stack.pop().is_closed = True
