"""Writes calendars for feeds: the same input gives the same bytes. What is sent to a person: `scheduling.py` beside it.

Timed entries are written in UTC and all-day ones as DATE; there is no RRULE, no VTIMEZONE, no VALARM and no ATTENDEE
(RFC 5546 3.2.1 forbids the last in PUBLISH). What is odd below is odd for a client named beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vDuration, vText, vUri

from eventsvc.ical.entry import CalendarHead, Entry

_END = b"END:VCALENDAR\r\n"
PRODID = "-//eventsvc//eventsvc 0.1//EN"


def write_in_parts(head: CalendarHead, batches: Iterable[Sequence[Entry]]) -> Iterator[bytes]:
    """The same calendar as `write` gives of all entries together, a part for each batch: memory holds one of them."""
    begins, ends = frame(head)
    yield begins
    for entries in batches:
        yield b"".join(map(write_entry, entries))
    yield ends


def frame(head: CalendarHead) -> tuple[bytes, bytes]:
    """What stands before and after the entries of a calendar."""
    empty = write(head, [])
    return empty[: -len(_END)], empty[-len(_END) :]


def write_entry(entry: Entry) -> bytes:
    """One VEVENT as it stands in a calendar that `write` gives."""
    return bytes(_vevent(entry).to_ical(sorted=False))


def write(head: CalendarHead, entries: Sequence[Entry]) -> bytes:
    """A published calendar (METHOD:PUBLISH) with the entries in the order given; CRLF, UTF-8, folded at 75 octets."""
    calendar = begun("PUBLISH")
    calendar.add("name", head.name)
    calendar.add("x-wr-calname", vText(head.name))
    if head.description:
        calendar.add("description", head.description)
        calendar.add("x-wr-caldesc", vText(head.description))
    if head.url:
        calendar.add("url", vUri(head.url))
    if head.source_url:
        calendar.add("source", vUri(head.source_url), parameters={"VALUE": "URI"})
    refresh = vDuration(timedelta(minutes=head.refresh_minutes))
    # The library leaves VALUE=DURATION out, which RFC 7986 5.7 requires; Outlook reads the older X- name.
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(timedelta(minutes=head.refresh_minutes)))
    for entry in entries:
        calendar.add_component(_vevent(entry))
    return bytes(calendar.to_ical(sorted=False))


def begun(method: str) -> Calendar:
    """A calendar without anything in it."""
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def party(name: str, address: str) -> vCalAddress:
    """Who is ORGANIZER or ATTENDEE. Quotes in CN would be written as RFC 6868 says, which many programs do not undo."""
    one = vCalAddress(f"mailto:{address}")
    if name:
        one.params["CN"] = vText(" ".join(name.replace('"', "'").split()))
    return one


def _vevent(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.revised_at)
    event.add("created", entry.created_at.replace(microsecond=0))
    # ICSx5 skips an event whose LAST-MODIFIED did not rise.
    event.add("last-modified", entry.revised_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", _summary(entry))
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if _is_free(entry) else "OPAQUE")
    event.add("organizer", party(entry.organizer_name, entry.organizer_address))
    if entry.description:
        event.add("description", entry.description)
    if entry.location:
        event.add("location", entry.location)
    if entry.geo:
        event.add("geo", entry.geo)
    if entry.categories:
        event.add("categories", list(entry.categories))
    if entry.url:
        event.add("url", vUri(entry.url))
    if entry.conference_url:
        parameters = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join online"}
        event.add("conference", vUri(entry.conference_url), parameters=parameters)
    event.add("class", "PUBLIC")
    return event


def _summary(entry: Entry) -> str:
    # Outlook shows a cancelled entry of a feed as if it took place, so the words say it too.
    return f"Cancelled: {entry.summary}" if entry.status == "CANCELLED" else entry.summary


def _is_free(entry: Entry) -> bool:
    is_all_day = not isinstance(entry.starts, datetime)
    return entry.is_transparent or entry.status == "CANCELLED" or is_all_day
