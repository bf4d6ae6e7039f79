"""The text of a calendar part, made plain before it is taken apart: its letters, its lines, its zones.

Zones: where a name is IANA's or Windows', that is what it means. What a mail defines under such a name is left out:
the programs that write these definitions write them for these zones, and whoever writes another one wants to shift
something. A name that nobody knows means what the mail says.
"""

from __future__ import annotations

import quopri
import re

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from eventsvc.core.times import is_zone
from eventsvc.ical.imip_mail import Problem, Unreadable
from eventsvc.ical.imip_parts import CalendarPart

# A transfer encoding that somebody between did not undo, or did twice.
_LEFT_ENCODED = re.compile(rb"=0D=0A|;[A-Za-z-]+=3D")
_NOT_ENCODED = re.compile(rb";[A-Za-z-]+=(?!3D|\r?\n)")
_ENCODED_END = re.compile(rb"=0D=0A")
_ENCODED_SIGN = re.compile(rb"(;[A-Za-z-]+)=3D")
_ZONE = re.compile(r"^BEGIN:VTIMEZONE\n.*?^END:VTIMEZONE\n", re.DOTALL | re.IGNORECASE | re.MULTILINE)
_ZONE_NAME = re.compile(r"^TZID[^:\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_UNQUOTED = re.compile(r";(DELEGATED-TO|DELEGATED-FROM|SENT-BY)=(mailto:[^\";:,\n]+)", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r";PARTSTAT=", re.IGNORECASE)
_METHOD = re.compile(r"^METHOD[^:\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)


def text_of(part: CalendarPart) -> str:
    """The lines of a calendar, unfolded, each ended by a line feed; no zone that is known anyway.

    Raises Unreadable where an encoding was left half undone: "PARTSTAT=AC…" would lose letters.
    """
    letters = _decoded(_without_leftovers(part.content), part.charset)
    text = re.sub("[\r\n]+", "\n", letters.lstrip("\ufeff").replace("\0", ""))
    text = re.sub("\n[ \t]", "", text).strip() + "\n"
    lines = [_UNQUOTED.sub(r';\1="\2"', line) if line[:8].upper() == "ATTENDEE" else line for line in text.split("\n")]
    return _ZONE.sub(_unless_known, "\n".join(lines))


def method_in(text: str) -> str:
    """METHOD in upper case, or nothing."""
    found = _METHOD.search(text)
    return found.group(1).strip().upper() if found else ""


def says_twice(text: str) -> bool:
    """True where one line of an attendee has two words: icalendar would take the last."""
    lines = (line for line in text.split("\n") if line[:8].upper() == "ATTENDEE")
    return any(len(_WORD.findall(_QUOTED.sub("", line))) > 1 for line in lines)


def is_known_zone(name: str) -> bool:
    """True for IANA's and Windows' names, also behind a prefix as some write it ("/citadel.org/Europe/Berlin")."""
    plain = name.strip().strip('"').strip("/")
    if plain in WINDOWS_TO_OLSON or is_zone(plain):
        return True
    steps = plain.split("/") if name.strip().startswith("/") else []
    return any(is_zone("/".join(steps[start:])) for start in range(1, len(steps)))


def _unless_known(block: re.Match[str]) -> str:
    return "" if any(is_known_zone(name) for name in _ZONE_NAME.findall(block[0])) else block[0]


def _without_leftovers(content: bytes) -> bytes:
    """Where all is still encoded, all is undone; where only some is, the one sign that is sure (KDE's CN=3D)."""
    if not _LEFT_ENCODED.search(content):
        return content
    if not _NOT_ENCODED.search(content):
        return quopri.decodestring(content)
    if _ENCODED_END.search(content):
        raise Unreadable(Problem.BROKEN_CALENDAR)
    return _ENCODED_SIGN.sub(rb"\1=", content)


def _decoded(content: bytes, charset: str) -> str:
    guessed = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    if not guessed and b"\0" in content[:4]:
        guessed = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    for name in (guessed, "utf-8", charset):  # most that is not UTF-8 says what it is, and much that is does not
        try:
            if name:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")
