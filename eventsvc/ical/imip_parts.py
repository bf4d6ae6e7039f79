"""The parts of a mail (RFC 2045 to 2049), found without trusting any of them. Nothing within message/rfc822 is looked
at: in a bounce that is our own letter, with our own invitation in it.

Headers are read by the stdlib's older policy: the newer one falls over broken headers and is slow over long ones.
"""

from __future__ import annotations

import email.message
import email.parser
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header

from eventsvc.ical.imip_mail import Problem, Unreadable

MAX_PARTS = 200
MAX_DEPTH = 20
MAX_HEAD_BYTES = 200_000
MAX_HEADER = 10_000
# A part larger than that is no calendar that answers one letter.
MAX_CALENDAR_BYTES = 256_000

_CALENDARS = ("text/calendar", "application/ics")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_MANY_BOUNDARIES = 100
_BOUNDARY = re.compile(rb"boundary\s*=\s*\"?([^\";\r\n]{1,200})", re.IGNORECASE)
# The headers that the stdlib itself takes apart, with their folded lines.
_TAKEN_APART = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")

Part = email.message.Message


class Headers:
    """The headers of one part as plain text; what is broken is read as far as it goes, what is long is cut."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def all(self, name: str) -> list[str]:
        """Every header of that name, the topmost first."""
        return [decoded(value) for value in self._part.get_all(name, [])]

    def first(self, name: str) -> str:
        """The topmost header of that name, or nothing."""
        return next(iter(self.all(name)), "")

    def names(self) -> set[str]:
        """The names of all headers, in lower case."""
        return {name.lower() for name in self._part.keys()}  # noqa: SIM118  # a Message is no dict

    def raw(self, name: str) -> list[str]:
        """As they are written, with encoded words: addresses are taken apart before words are decoded."""
        return [_one_line(value) for value in self._part.get_all(name, [])]


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """The bytes of a part that says it is a calendar; `method` is the parameter of its type, in upper case."""

    content: bytes
    method: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is in a mail."""

    headers: Headers
    calendars: tuple[CalendarPart, ...]
    plain: tuple[str, ...]
    html: tuple[str, ...]
    reports: tuple[Part, ...]  # message/delivery-status
    returned: tuple[Part, ...]  # message/rfc822, text/rfc822-headers: only their headers are ever read
    has_tnef: bool
    report_type: str


def found_in(raw: bytes) -> Found:
    """Every part that matters. Raises Unreadable for mails that were built to keep us busy."""
    end = _END_OF_HEAD.search(raw)
    if (end.start() if end else len(raw)) > MAX_HEAD_BYTES:
        raise Unreadable(Problem.HEADERS_TOO_LONG)
    _check_cheaply(raw)
    whole = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(raw)
    parts = list(_walked(whole))
    kinds = [(part, _type(part)) for part in parts]
    texts = [(part, kind) for part, kind in kinds if not _is_calendar(part, kind) and not _is_attached(part)]
    return Found(
        headers=Headers(whole),
        calendars=tuple(_calendar(part) for part, kind in kinds if _is_calendar(part, kind)),
        plain=tuple(text_of(part) for part, kind in texts if kind == "text/plain"),
        html=tuple(text_of(part) for part, kind in texts if kind == "text/html"),
        reports=tuple(
            part for part, kind in kinds if kind in ("message/delivery-status", "message/global-delivery-status")
        ),
        returned=tuple(part for part, kind in kinds if kind in _RETURNED),
        has_tnef=any(kind in _TNEF or _name(part) == "winmail.dat" for part, kind in kinds),
        report_type=parameter(whole, "report-type") if _type(whole) == "multipart/report" else "",
    )


_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)


def _check_cheaply(raw: bytes) -> None:
    """Refuse before the stdlib reads it what it would read for minutes: each part costs it, and each long header."""
    if any(found.end() - found.start() > MAX_HEADER for found in _TAKEN_APART.finditer(raw)):
        raise Unreadable(Problem.HEADERS_TOO_LONG)
    boundaries = {found[1].strip() for found in _BOUNDARY.finditer(raw)}
    if len(boundaries) > _MANY_BOUNDARIES or sum(raw.count(b"\n--" + each) for each in boundaries) > 2 * MAX_PARTS:
        raise Unreadable(Problem.TOO_MANY_PARTS)


def decoded(value: object) -> str:
    """A header as people read it (RFC 2047), on one line; what cannot be decoded stays as it is written."""
    text = _one_line(value)
    try:
        pieces = decode_header(text)
        return "".join(
            piece if isinstance(piece, str) else piece.decode(name or "ascii", "replace") for piece, name in pieces
        )
    except Exception:  # noqa: BLE001  # unknown character sets, broken base64
        return text


def parameter(part: Part, name: str, header: str = "content-type") -> str:
    """A parameter of a header, in lower case; nothing where it is missing or broken."""
    try:
        value = part.get_param(name, "", header)
        return (value[2] if isinstance(value, tuple) else str(value)).strip().lower()
    except Exception:  # noqa: BLE001  # RFC 2231 in its broken forms raises of many kinds
        return ""


def text_of(part: Part) -> str:
    """A part's text in whatever it says it is written in; what does not fit that becomes a question mark."""
    content = _content(part)
    for charset in (parameter(part, "charset"), "utf-8"):
        try:
            return content.decode(charset) if charset else content.decode()
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _walked(whole: Part) -> Iterator[Part]:
    """The parts that hold something, in the order of the mail; of messages within it only the shell."""
    waiting: list[tuple[Part, int]] = [(whole, 0)]
    number = 0
    while waiting:
        part, depth = waiting.pop()
        number += 1
        if number > MAX_PARTS or depth > MAX_DEPTH:
            raise Unreadable(Problem.TOO_MANY_PARTS)
        content = part.get_payload()
        if isinstance(content, list) and _type(part).startswith("multipart/"):
            waiting += [(inner, depth + 1) for inner in reversed(content[: MAX_PARTS + 1]) if isinstance(inner, Part)]
        else:
            yield part


def _type(part: Part) -> str:
    try:
        return part.get_content_type()
    except Exception:  # noqa: BLE001  # as `parameter`
        return "application/octet-stream"


def _name(part: Part) -> str:
    return parameter(part, "filename", "content-disposition") or parameter(part, "name")


def _is_attached(part: Part) -> bool:
    return _one_line(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _is_calendar(part: Part, kind: str) -> bool:
    return kind in _CALENDARS or (not kind.startswith("message/") and _name(part).endswith(".ics"))


def _calendar(part: Part) -> CalendarPart:
    return CalendarPart(_content(part), parameter(part, "method").upper(), parameter(part, "charset"))


def _content(part: Part) -> bytes:
    """The bytes of a part, with its transfer encoding undone."""
    try:
        content = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  # as `parameter`
        content = None
    return content if isinstance(content, bytes) else b""


def _one_line(value: object) -> str:
    """A header unfolded. Bytes beyond ASCII are UTF-8 in the mails of today (RFC 6532)."""
    text = str(value)[:MAX_HEADER]
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"[\r\n]+[ \t]*", " ", text)
