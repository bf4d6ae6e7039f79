"""The calendar in a mail: which part answers, and what its entries say (RFC 5546; what programs write in its place).

Only what an answer may tell is taken: who, which word, words beside it, guests, and times. Titles, places, alarms and
attachments of an answer are never read.
"""

from __future__ import annotations

import html
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import icalendar

from eventsvc.ical.imip_mail import CalendarAnswer, Problem, Unreadable
from eventsvc.ical.imip_parts import MAX_CALENDAR_BYTES, CalendarPart
from eventsvc.ical.imip_text import method_in, says_twice, text_of
from eventsvc.ical.reader import check_nesting

ANSWERS = ("REPLY", "COUNTER", "REFRESH")
_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY")
_MOST_ENTRIES = 100
_MOST_COMMENT = 1_000
_MOST_GUESTS = 999
_MOST_UID = 500
_MOST_SEQUENCE = 2**31 - 1
_MATTERS = {"UID", "ATTENDEE", "DTSTAMP", "SEQUENCE", "RECURRENCE-ID"}
_TIMES = {"DTSTART", "DTEND", "DURATION"}
_ADDRESS = re.compile(r"[^\s@,;:\"<>()\\]{1,64}@[^\s@,;:\"<>()\\]{1,189}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part that is read. `is_answer`: of all that a mail may hold, that is what answers a letter of ours."""

    text: str
    method: str

    @property
    def is_answer(self) -> bool:
        """True for what an invited person's program sends."""
        return self.method in ANSWERS


def chosen_part(parts: tuple[CalendarPart, ...]) -> Chosen | None:
    """The first part whose METHOD answers; else the first with any METHOD; else None.

    Raises Unreadable where the type of a part and its METHOD disagree (RFC 6047 2.4), or where all are too large.
    """
    others: list[Chosen] = []
    too_large = False
    for part in parts:
        if len(part.content) > MAX_CALENDAR_BYTES:
            too_large = True
            continue
        text = text_of(part)
        method = method_in(text)
        if part.method and method and part.method != method:
            raise Unreadable(Problem.METHODS_DISAGREE)
        if part.method in ANSWERS and not method:
            raise Unreadable(Problem.NO_METHOD)
        if method in ANSWERS:
            if says_twice(text):
                raise Unreadable(Problem.CONTRADICTORY)
            return Chosen(text, method)
        others += [Chosen(text, method)] if method else []
    if too_large:
        raise Unreadable(Problem.CALENDAR_TOO_LARGE)
    return others[0] if others else None


def answers_in(chosen: Chosen, from_address: str) -> tuple[CalendarAnswer, ...]:
    """What its entries say, all of one UID. Raises Unreadable with the reason."""
    calendar = _calendar(chosen.text)
    if _text(calendar, "METHOD").upper() != chosen.method:
        raise Unreadable(Problem.CONTRADICTORY)
    entries = [entry for entry in calendar.subcomponents if str(entry.name).upper() in _COMPONENTS]
    if not entries or len(entries) > _MOST_ENTRIES:
        raise Unreadable(Problem.BROKEN_CALENDAR)
    try:
        answers = tuple(_answer(entry, chosen.method, from_address) for entry in entries)
    except (OverflowError, ValueError):  # a time before the year 1, or after 9999, in another zone
        raise Unreadable(Problem.BROKEN_CALENDAR) from None
    if len({answer.uid for answer in answers}) > 1:
        raise Unreadable(Problem.SEVERAL_EVENTS)
    return answers


def _calendar(text: str) -> Any:
    try:
        check_nesting(text)
        icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]  # forgets the zones that an earlier mail defined
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the text: nobody here could mend it
            found = icalendar.Calendar.from_ical(text, multiple=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # icalendar raises of many kinds for what no writer should have written
        raise Unreadable(Problem.BROKEN_CALENDAR) from None
    if len(found) > 1:
        raise Unreadable(Problem.SEVERAL_CALENDARS)
    if not found or str(found[0].name).upper() != "VCALENDAR":
        raise Unreadable(Problem.BROKEN_CALENDAR)
    return found[0]


def _answer(entry: Any, method: str, from_address: str) -> CalendarAnswer:
    matters = _MATTERS | (_TIMES if method == "COUNTER" else set())
    if any(str(name).upper() in matters for name, _ in entry.errors):
        raise Unreadable(Problem.BROKEN_CALENDAR)
    uid = _text(entry, "UID")
    if not uid:
        raise Unreadable(Problem.NO_UID)
    people = _people(entry, from_address)
    first = next(iter(people.values()), None)
    params = first.params if first is not None else {}
    starts, ends = _times(entry, method)
    return CalendarAnswer(
        method=method,
        uid=uid[:_MOST_UID],
        component=str(entry.name).upper(),
        sequence=_sequence(entry),
        stamped_at=_stamp(entry),
        recurrence=_instant(_one(entry, "RECURRENCE-ID")),
        attendees=tuple(people),
        word=_param(params, "PARTSTAT").upper(),
        sent_by=_address(_param(params, "SENT-BY")),
        delegated_to=_address(_param(params, "DELEGATED-TO")),
        delegated_from=_address(_param(params, "DELEGATED-FROM")),
        comment=_comment(entry, params),
        guests=min(_number(_param(params, "X-NUM-GUESTS")) or 0, _MOST_GUESTS),
        starts=starts,
        ends=ends,
    )


def _people(entry: Any, from_address: str) -> dict[str, Any]:
    """The attendees by address, the one who answers first. Raises Unreadable for two words of one person."""
    people: dict[str, Any] = {}
    for attendee in _all(entry, "ATTENDEE"):
        address = _address(str(attendee)) or _address(_param(attendee.params, "EMAIL"))
        before = people.setdefault(address, attendee)
        if _param(before.params, "PARTSTAT").upper() != _param(attendee.params, "PARTSTAT").upper():
            raise Unreadable(Problem.CONTRADICTORY)
    people.pop("", None)

    def rank(address: str) -> int:
        if address == from_address:
            return 0
        return 1 if _param(people[address].params, "PARTSTAT").upper() == "DELEGATED" else 2

    return {address: people[address] for address in sorted(people, key=rank)}


def _address(text: str) -> str:
    """An address in lower case, without `mailto:` in whatever letters; nothing for what is none."""
    plain = unquote(re.sub(r"^\s*\"?\s*mailto:", "", text, flags=re.IGNORECASE)).strip(" \t\"'<>").lower()
    return plain if _ADDRESS.fullmatch(plain) else ""


def _comment(entry: Any, params: Any) -> str:
    """Google's note (HTML entities, a backslash before each semicolon) or COMMENT; a legal footer stays in it."""
    note = html.unescape(_param(params, "X-RESPONSE-COMMENT").replace("\\;", ";").replace("\\n", "\n"))
    text = note or "\n".join(str(each) for each in _all(entry, "COMMENT"))
    return _CONTROL.sub("", text).strip()[:_MOST_COMMENT].strip()


def _sequence(entry: Any) -> int | None:
    """SEQUENCE; where that is missing or 0, what Outlook counts beside it (MS-OXCICAL 2.1.3.1.1.20.2)."""
    written = _one(entry, "SEQUENCE")
    number = None if written is None else _number(str(written))
    if written is not None and number is None:
        raise Unreadable(Problem.BROKEN_CALENDAR)
    return number or _number(_text(entry, "X-MICROSOFT-CDO-APPT-SEQUENCE")) or number


def _number(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,10}", plain) and int(plain) <= _MOST_SEQUENCE else None


def _stamp(entry: Any) -> datetime | None:
    value = _one(entry, "DTSTAMP")
    moment = value.dt if value is not None else None
    if not isinstance(moment, datetime):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)  # it is UTC by its definition


def _times(entry: Any, method: str) -> tuple[datetime | date | None, datetime | date | None]:
    """From when until when; they matter in a COUNTER only, and there they must be certain."""
    try:
        starts = _instant(_one(entry, "DTSTART"))
        ends = _instant(_one(entry, "DTEND"))
        length = _one(entry, "DURATION")
        if ends is None and starts is not None and length is not None:
            ends = starts + length.dt
    except Exception:
        if method == "COUNTER":
            raise
        return None, None
    return starts, ends


def _instant(value: Any) -> datetime | date | None:
    """A moment in UTC, or a day. Raises Unreadable for a time in no zone that is known."""
    moment = value.dt if value is not None else None
    if not isinstance(moment, datetime):
        return moment if isinstance(moment, date) else None
    if moment.tzinfo is None:
        raise Unreadable(Problem.UNKNOWN_ZONE)
    return moment.astimezone(UTC)


def _all(entry: Any, name: str) -> list[Any]:
    value = entry.get(name, [])
    return value if isinstance(value, list) else [value]


def _one(entry: Any, name: str) -> Any:
    """The one value of a property, or None. Raises Unreadable where it is said twice and differently."""
    values = _all(entry, name)
    if len({each.to_ical() for each in values}) > 1:
        raise Unreadable(Problem.CONTRADICTORY)
    return values[0] if values else None


def _text(entry: Any, name: str) -> str:
    value = _one(entry, name)
    return "" if value is None else str(value).strip()


def _param(params: Any, name: str) -> str:
    """A parameter's value; the first of several."""
    value = params.get(name, "")
    return str(value[0] if isinstance(value, (list, tuple)) and value else value or "").strip()
