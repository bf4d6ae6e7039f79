"""Reads foreign calendars: when is somebody busy, by an .ics of 25Live, EMS, Outlook, Google …

It trusts nothing and is still plain Python that a foreign text can keep busy for hours: call it by `ical.confined`,
which gives it a room of its own. Repetitions, exceptions and moved occurrences (RFC 5545 3.8.5) are worked out by
recurring-ical-events, Windows' zone names by icalendar, X-WR-TIMEZONE by x-wr-timezone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events
import x_wr_timezone

from eventsvc.core import caps
from eventsvc.core.errors import Refusal, say
from eventsvc.core.times import Span, days_span, is_zone, zone_named

MAX_BYTES = caps.CALENDAR.most_bytes
MAX_TIMES = 5_000
_MAX_DEPTH = 8
_MAX_SUMMARY = 200
_DAY = timedelta(days=1)
# Nobody is busy every minute of every day by rule; whoever writes so wants to keep us busy.
_TOO_OFTEN = ("SECONDLY", "MINUTELY")


class UnreadableCalendar(Refusal):
    """A foreign calendar that cannot be read, or may not be: the sentence says why."""

    slug = "unreadable-calendar"
    title = say("The calendar cannot be read")
    status = 422


@dataclass(frozen=True, slots=True, order=True)
class BusyTime:
    """Somebody is busy. `days` is set where the calendar means whole days, and is how many."""

    span: Span
    uid: str = ""
    summary: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The busy times in order, and how many entries could not be understood and were left out."""

    times: tuple[BusyTime, ...]
    skipped: int = 0


def read_busy(raw: bytes, window: Span, zone: str, *, also_free: bool = False) -> Reading:
    """What blocks within the window, by a foreign calendar.

    Blocks:  entries, but neither CANCELLED nor TRANSPARENT nor marked as free by Outlook; VFREEBUSY but its FREE.
             With `also_free` the transparent ones count too: a holiday keeps nobody busy and closes a campus.
    Times:   spans are UTC, half-open and cut to the window; whole days run from local midnight to local midnight in
             the calendar's own zone, else in `zone`, the holder's, in which floating times are read as well.
    Refuses: UnreadableCalendar: no calendar, over 1 MB, over 5,000 busy times, nested too deep, rules by the minute.
    """
    found: set[BusyTime] = set()
    understood = skipped = 0
    for calendar in _parsed(raw):
        own_zone = _own_zone(calendar)
        reading = _Reader(window, own_zone or zone, also_free)
        for series in _series_of(x_wr_timezone.to_standard(calendar) if own_zone else calendar):
            try:
                found.update(reading.times_of(series))
                understood += 1
            except (Refusal, MemoryError):
                raise
            except Exception:  # noqa: BLE001  # whatever one entry does to the libraries, the others still count
                skipped += 1
            if len(found) > MAX_TIMES:
                raise UnreadableCalendar(say("It holds more than %(most)d busy times.", most=MAX_TIMES))
    if skipped and not understood:
        raise UnreadableCalendar(say("Not one of its entries can be understood."))
    return Reading(tuple(sorted(found)), skipped)


def file_bytes(path: Path) -> bytes:
    """What a file holds, but no more than is needed to see that it is too large."""
    with path.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _parsed(raw: bytes) -> list[Any]:
    if len(raw) > MAX_BYTES:
        raise UnreadableCalendar(caps.CALENDAR_TOO_LARGE)
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    if "BEGIN:VCALENDAR" not in text.upper():
        raise UnreadableCalendar(say("It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."))
    check_nesting(text)
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # icalendar raises of many kinds for what no writer should have written
        reason = str(error)[:200] if isinstance(error, ValueError) else type(error).__name__
        raise UnreadableCalendar(say("It breaks the rules of calendars: %(reason)s", reason=reason)) from None
    found = [calendar for calendar in calendars if calendar.name == "VCALENDAR"]
    if not found:
        raise UnreadableCalendar(say("It is not whole: it ends in the middle."))
    return [calendar for calendar in found if not _is_called_off(calendar)]


def _is_called_off(calendar: Any) -> bool:
    return _word(calendar, "METHOD") == "CANCEL"


def check_nesting(text: str) -> None:
    """Every part ends, and none lies too deep. Half a calendar must not be taken for an empty one."""
    depth = 0
    for line in text.splitlines():
        start = line[:6].upper()
        depth += start == "BEGIN:"
        depth -= start[:4] == "END:"
        if depth > _MAX_DEPTH:
            raise UnreadableCalendar(say("Its parts are nested too deep."))
    if depth != 0:
        raise UnreadableCalendar(say("It is not whole: it ends in the middle."))


def _own_zone(calendar: Any) -> str | None:
    """The zone a calendar says it is kept in. UTC says nothing about where its days begin."""
    name = str(calendar.get("X-WR-TIMEZONE", ""))
    return name if is_zone(name) and name not in ("UTC", "Etc/UTC", "GMT", "Etc/GMT") else None


def _series_of(calendar: Any) -> Iterator[Any]:
    """Each entry with its moved occurrences as a calendar of its own, so that a bad one spoils no other."""
    by_uid: defaultdict[str, list[Any]] = defaultdict(list)
    for number, entry in enumerate(calendar.walk()):
        if entry.name in ("VEVENT", "VFREEBUSY"):
            by_uid[str(entry.get("UID", "")) or f"\n{number}"].append(entry)
    for entries in by_uid.values():
        series = icalendar.Calendar()
        for entry in entries:
            series.add_component(entry)
        yield series


@dataclass(frozen=True, slots=True)
class _Reader:
    window: Span
    zone: str
    also_free: bool

    def times_of(self, series: Any) -> list[BusyTime]:
        """The busy times of one series within the window."""
        for entry in series.subcomponents:
            _check_rules(entry)
        found = [time for entry in series.walk("VFREEBUSY") for time in self._of_free_busy(entry)]
        # A day wider: floating times and whole days lie elsewhere in UTC than the library may think.
        wider = (self.window.start - _DAY, self.window.end + _DAY)
        occurrences = recurring_ical_events.of(series).between(*wider)
        found += [time for entry in occurrences if self._blocks(entry) for time in self._of_entry(entry)]
        return found

    def _blocks(self, entry: Any) -> bool:
        if _word(entry, "STATUS") == "CANCELLED":
            return False
        is_free = _word(entry, "TRANSP") == "TRANSPARENT" or _word(entry, "X-MICROSOFT-CDO-BUSYSTATUS") == "FREE"
        return self.also_free or not is_free

    def _of_entry(self, entry: Any) -> Iterator[BusyTime]:
        starts, ends = entry["DTSTART"].dt, entry["DTEND"].dt
        if isinstance(starts, datetime):
            yield from self._within(self._instant(starts), self._instant(ends), entry)
        else:
            last = ends.date() if isinstance(ends, datetime) else ends
            days = max(1, (last - starts).days)  # some write the same day as the end, and mean that day
            span = days_span(starts, days, self.zone)
            yield from self._within(span.start, span.end, entry, days)

    def _of_free_busy(self, entry: Any) -> Iterator[BusyTime]:
        periods = entry.get("FREEBUSY", [])
        for period in periods if isinstance(periods, list) else [periods]:
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield from self._within(self._instant(period.start), self._instant(period.end), entry)

    def _within(self, start: datetime, end: datetime, entry: Any, days: int | None = None) -> Iterator[BusyTime]:
        start, end = max(start, self.window.start), min(end, self.window.end)
        if start < end:  # what has no length blocks nothing
            summary = " ".join(str(entry.get("SUMMARY", "")).split())[:_MAX_SUMMARY]
            yield BusyTime(Span(start, end), str(entry.get("UID", ""))[:_MAX_SUMMARY], summary, days)

    def _instant(self, moment: date) -> datetime:
        """A moment of a calendar in UTC. What a clock skips or shows twice is taken at the earlier offset."""
        if not isinstance(moment, datetime):
            return days_span(moment, 1, self.zone).start
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone_named(self.zone))
        return aware.astimezone(UTC)


def _word(entry: Any, name: str) -> str:
    return str(entry.get(name, "")).strip().upper()


def _check_rules(entry: Any) -> None:
    rules = entry.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if str(rule.get("FREQ", [""])[0]).upper() in _TOO_OFTEN:
            raise UnreadableCalendar(say("A rule in it repeats every minute or every second."))
        if int(rule.get("INTERVAL", [1])[0]) < 1:
            raise UnreadableCalendar(say("A rule in it never comes to its next day."))
