"""Writes calendars for feeds: the same input gives the same bytes. What is sent to a person: `scheduling.py` beside it.

Timed entries are written in UTC and all-day ones as DATE; there is no RRULE, no VTIMEZONE, no VALARM and no ATTENDEE
(RFC 5546 3.2.1 forbids the last in PUBLISH). What is odd below is odd for a client named beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from eventsvc.ical.content_lines import component, instant, line, moment, text
from eventsvc.ical.entry import CalendarHead, Entry

_END = b"END:VCALENDAR\r\n"
PRODID = "-//eventsvc//eventsvc 0.1//EN"
# Metres around the point within which Apple's programs say that one has arrived: a campus, not a door.
_RADIUS = "100"


def write(head: CalendarHead, entries: Sequence[Entry]) -> bytes:
    """A published calendar (METHOD:PUBLISH) with the entries in the order given; CRLF, UTF-8, folded at 75 octets."""
    return b"".join(write_in_parts(head, [entries]))


def write_in_parts(head: CalendarHead, batches: Iterable[Sequence[Entry]]) -> Iterator[bytes]:
    """The same calendar as `write` gives of all entries together, a part for each batch: memory holds one of them."""
    begins, ends = frame(head)
    yield begins
    for entries in batches:
        yield b"".join(map(write_entry, entries))
    yield ends


def frame(head: CalendarHead) -> tuple[bytes, bytes]:
    """What stands before and after the entries of a calendar."""
    empty = component("VCALENDAR", _head(head))
    return empty[: -len(_END)], empty[-len(_END) :]


def write_entry(entry: Entry) -> bytes:
    """One VEVENT as it stands in a calendar that `write` gives."""
    return component("VEVENT", _vevent(entry))


def _head(head: CalendarHead) -> Iterator[bytes]:
    yield line("PRODID", PRODID)
    yield line("VERSION", "2.0")
    yield line("CALSCALE", "GREGORIAN")
    yield line("METHOD", "PUBLISH")
    yield line("NAME", text(head.name))
    yield line("X-WR-CALNAME", text(head.name))
    if head.description:
        yield line("DESCRIPTION", text(head.description))
        yield line("X-WR-CALDESC", text(head.description))
    if head.url:
        yield line("URL", head.url)
    if head.source_url:
        yield line("SOURCE", head.source_url, VALUE="URI")
    if head.color:
        yield line("COLOR", head.color)
    # RFC 7986 5.7 requires VALUE=DURATION; Outlook reads the older X- name.
    yield line("REFRESH-INTERVAL", f"PT{head.refresh_hours}H", VALUE="DURATION")
    yield line("X-PUBLISHED-TTL", f"PT{head.refresh_hours}H")


def _vevent(entry: Entry) -> Iterator[bytes]:
    yield line("UID", entry.uid)
    yield line("DTSTAMP", instant(entry.revised_at))
    yield line("CREATED", instant(entry.created_at))
    # ICSx5 skips an event whose LAST-MODIFIED did not rise.
    yield line("LAST-MODIFIED", instant(entry.revised_at))
    yield line("SEQUENCE", str(entry.sequence))
    for name, when in (("DTSTART", entry.starts), ("DTEND", entry.ends)):
        value, parameters = moment(when)
        yield line(name, value, **parameters)
    yield line("SUMMARY", text(_summary(entry)))
    yield line("STATUS", entry.status)
    yield line("TRANSP", "TRANSPARENT" if _is_free(entry) else "OPAQUE")
    if entry.organizer_address:
        names = {"CN": entry.organizer_name} if entry.organizer_name else {}
        yield line("ORGANIZER", f"mailto:{entry.organizer_address}", **names)
    if entry.description:
        yield line("DESCRIPTION", text(entry.description))
    if entry.location:
        yield line("LOCATION", text(entry.location))
    if entry.geo:
        latitude, longitude = entry.geo
        yield line("GEO", f"{latitude};{longitude}")
        # Apple's programs read no GEO, and this only where its title is the LOCATION.
        named = {"VALUE": "URI", "X_APPLE_RADIUS": _RADIUS, "X_TITLE": entry.location}
        yield line("X-APPLE-STRUCTURED-LOCATION", f"geo:{latitude},{longitude}", **named)
    if entry.categories:
        yield line("CATEGORIES", ",".join(map(text, entry.categories)))
    if entry.color:
        yield line("COLOR", entry.color)
    if entry.series_uid:
        yield line("RELATED-TO", entry.series_uid, RELTYPE="PARENT")
    if entry.url:
        yield line("URL", entry.url)
    if entry.conference_url:
        yield line("CONFERENCE", entry.conference_url, VALUE="URI", FEATURE="VIDEO", LABEL="Join online")
    yield line("CLASS", "PUBLIC" if entry.is_public else "PRIVATE")


def _summary(entry: Entry) -> str:
    # Outlook shows a cancelled entry of a feed as if it took place, so the words say it too.
    return f"Cancelled: {entry.summary}" if entry.status == "CANCELLED" else entry.summary


def _is_free(entry: Entry) -> bool:
    is_all_day = not isinstance(entry.starts, datetime)
    return entry.is_transparent or entry.status == "CANCELLED" or is_all_day
