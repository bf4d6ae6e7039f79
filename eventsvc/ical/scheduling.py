"""Writes iTIP objects (RFC 5546) for one person each: the question, the end of it, the no to a proposal.

The same input gives the same bytes. Times are UTC or DATE; there is one VEVENT and one ATTENDEE, so nobody learns who
else was asked. What is odd below is odd for a program named beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from icalendar import Calendar, Event, vCalAddress, vText, vUri

from eventsvc.ical.writer import PRODID


class Method(StrEnum):
    """What we say to an invited person's calendar."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    DECLINECOUNTER = "DECLINECOUNTER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a mail address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One event as one person's calendar is told. Timed ones have instants in UTC, all-day ones dates, end exclusive.

    `stamped_at` is when this was said (DTSTAMP). `is_whole` is about CANCEL alone: the event is off for everybody, not
    for this person. `comment` is about DECLINECOUNTER alone.
    """

    method: Method
    uid: str
    sequence: int
    stamped_at: datetime
    created_at: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    organizer: Party
    attendee: Party
    partstat: str
    location: str = ""
    description: str = ""
    url: str = ""
    is_whole: bool = True
    comment: str = ""


def write(told: Scheduled) -> bytes:
    """The whole iTIP object; CRLF, UTF-8, folded at 75 octets."""
    calendar = _begun(told.method)
    calendar.add_component(_declined(told) if told.method is Method.DECLINECOUNTER else _vevent(told))
    return bytes(calendar.to_ical(sorted=False))


def _vevent(told: Scheduled) -> Event:
    is_asked = told.method is Method.REQUEST
    event = _identified(told)
    event.add("created", told.created_at.replace(microsecond=0))
    event.add("last-modified", told.stamped_at.replace(microsecond=0))
    event.add("dtstart", told.starts)
    event.add("dtend", told.ends)
    event.add("summary", told.summary)
    for name, words in (("location", told.location), ("description", told.description)):
        if words:
            event.add(name, words)
    if told.url:
        event.add("url", vUri(told.url))
    if is_asked:
        # The event counts on this person, whoever else has not said yes: a change of it would ask for one more mail.
        event.add("status", "CONFIRMED")
    elif told.is_whole:
        event.add("status", "CANCELLED")
    is_timed = isinstance(told.starts, datetime)
    event.add("transp", "OPAQUE" if is_asked and is_timed else "TRANSPARENT")
    event.add("organizer", _party(told.organizer.name, told.organizer.address))
    event.add("attendee", _attendee(told))
    return event


def _declined(told: Scheduled) -> Event:
    """No more than says which proposal is meant (RFC 5546 3.2.8); the words stand in the letter as well."""
    event = _identified(told)
    event.add("organizer", _party(told.organizer.name, told.organizer.address))
    event.add("attendee", _attendee(told))
    if told.comment:
        event.add("comment", told.comment)
    return event


def _identified(told: Scheduled) -> Event:
    event = Event()
    event.add("uid", told.uid)
    event.add("dtstamp", told.stamped_at.replace(microsecond=0))
    event.add("sequence", told.sequence)
    return event


def _attendee(told: Scheduled) -> vCalAddress:
    """Apple's and Google's programs show no buttons without RSVP=TRUE."""
    person = _party(told.attendee.name, told.attendee.address)
    person.params["CUTYPE"] = vText("INDIVIDUAL")
    person.params["ROLE"] = vText("REQ-PARTICIPANT")
    person.params["PARTSTAT"] = vText(told.partstat)
    if told.method is Method.REQUEST:
        person.params["RSVP"] = vText("TRUE")
    return person


def _begun(method: str) -> Calendar:
    """A calendar without anything in it."""
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _party(name: str, address: str) -> vCalAddress:
    """Who is ORGANIZER or ATTENDEE. Quotes in CN would be written as RFC 6868 says, which many programs do not undo."""
    one = vCalAddress(f"mailto:{address}")
    if name:
        one.params["CN"] = vText(" ".join(name.replace('"', "'").split()))
    return one
