"""Answers as calendar programs write them (RFC 5546 3.2.3): for the demo, where nobody has a calendar to answer by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar, Event, vCalAddress, vText

from eventsvc.ical.imip import Family

_PRODUCTS = {
    Family.GOOGLE: "-//Google Inc//Google Calendar 70.9054//EN",
    Family.MICROSOFT: "Microsoft Exchange Server 2010",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an invitation asks, and whom. Instants are aware UTC; a `date` stands for whole days."""

    uid: str
    sequence: int
    organizer: str
    attendee: str
    starts: datetime | date
    ends: datetime | date
    summary: str = ""


def question_in(request: bytes) -> Question:
    """What a REQUEST of ours asks; it must be one of ours (`KeyError`, `ValueError` else)."""
    (event,) = Calendar.from_ical(request).walk("VEVENT")
    return Question(
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        organizer=_address(event["ORGANIZER"]),
        attendee=_address(event["ATTENDEE"]),
        starts=event.decoded("DTSTART"),
        ends=event.decoded("DTEND"),
        summary=str(event.get("SUMMARY", "")),
    )


def write_reply(question: Question, partstat: str, family: Family, *, stamp: datetime) -> bytes:
    """The REPLY of such a program; partstat: ACCEPTED, TENTATIVE or DECLINED. Outlook names no ORGANIZER."""
    event = Event()
    event.add("dtstart", question.starts)
    event.add("dtend", question.ends)
    event.add("dtstamp", stamp)
    event.add("uid", question.uid)
    event.add("sequence", question.sequence)
    if family is not Family.MICROSOFT:
        event["organizer"] = vCalAddress(f"mailto:{question.organizer}")
    attendee = vCalAddress(f"mailto:{question.attendee}")
    attendee.params["PARTSTAT"] = vText(partstat)
    event.add("attendee", attendee, encode=False)
    event.add("summary", question.summary)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCTS.get(family, _PRODUCTS[Family.GOOGLE]))
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _address(value: object) -> str:
    text = str(value)
    return text[len("mailto:") :] if text.lower().startswith("mailto:") else text
