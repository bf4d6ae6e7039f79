"""Reads foreign calendars whole: every entry's words and times, its repetitions worked out within a window.

It trusts nothing, and a foreign text can keep it busy: call it by `ical.confined`, which gives it a process of its own.
That also keeps one file's zones from the next: icalendar remembers a VTIMEZONE for as long as the process lives, and
the first definition of a name wins. What repeats is worked out by recurring-ical-events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import recurring_ical_events

from eventsvc.core import caps
from eventsvc.core.errors import say
from eventsvc.core.times import Span, is_zone
from eventsvc.ical.entry_times import Moments, rule_that_is_too_much
from eventsvc.ical.foreign_lines import Part, parts_of, unfolded
from eventsvc.ical.foreign_properties import Entry, entry_of
from eventsvc.ical.foreign_words import one_line
from eventsvc.ical.occurrences import MAX_OCCURRENCES, MAX_OF_ONE, Entries, Notes, Occurrence, Refused
from eventsvc.ical.patience import Patience, TookTooLong
from eventsvc.ical.reader import UnreadableCalendar

_DAY = timedelta(days=1)
_NOT_EVENTS = {"VTODO": say("a task"), "VJOURNAL": say("a diary entry"), "VFREEBUSY": say("busy times")}
_SECONDS_AN_ENTRY = 2.0
_SECONDS_A_FILE = 7.0


def read_entries(raw: bytes, window: Span, zone: str) -> Entries:
    """Every occurrence within the window (it overlaps it), by a foreign calendar.

    Times:   in UTC; floating ones, and those of zones that nobody defines, are read in the calendar's own
             X-WR-TIMEZONE, else in `zone`. Whole days stay days.
    Bounds:  1 MB, 5,000 occurrences in all and 500 of one UID, 2 seconds of the processor for one UID and 7 for all;
             what goes beyond is left out with a warning, or its entry refused.
    Refuses: UnreadableCalendar where nothing at all can be read, with the line.
    """
    if len(raw) > caps.CALENDAR.most_bytes:
        raise UnreadableCalendar(caps.CALENDAR_TOO_LARGE, line=1)
    icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]  # the library has no types here; forgets the zones that other files have defined
    decoded = unfolded(raw)
    reading = _Reading(window, zone)
    if decoded.is_guessed:
        reading.warn(1, say("Some letters are no UTF-8 and may have come out wrong."))
    for calendar in parts_of(decoded.lines):
        reading.read(calendar)
    return reading.entries()


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    window: Span
    zone: str
    found: list[Occurrence] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    in_part: set[str] = field(default_factory=set)
    is_whole: bool = True
    series_read: int = 0
    patience: Patience = field(default_factory=lambda: Patience(_SECONDS_AN_ENTRY, _SECONDS_A_FILE))

    def warn(self, line: int, words: str) -> None:
        """Note something about the file as a whole."""
        self.warnings.append((line, words))

    def refuse(self, line: int, reason: str, uid: str = "") -> None:
        """Note an entry that cannot be read; what is known of its UID elsewhere is then not complete."""
        self.refused.append(Refused(line, reason, uid))
        self.uids.add(uid)
        self.in_part.add(uid)
        self.is_whole = self.is_whole and bool(uid)

    def read(self, calendar: Part) -> None:
        """Read one calendar of the file."""
        if not calendar.is_closed:
            self.is_whole = False
            self.warn(
                calendar.number, say("The calendar that begins on line %(line)d never ends.", line=calendar.number)
            )
        self._define_zones(calendar)
        head = {line.name: line.text.partition(":")[2].strip() for line in calendar.lines}
        own = head.get("X-WR-TIMEZONE", "")
        moments = Moments(own if is_zone(own) else self.zone)
        is_cancelled = head.get("METHOD", "").upper() == "CANCEL"
        by_uid: defaultdict[str, list[Entry]] = defaultdict(list)
        for part in calendar.within:
            if part.name in _NOT_EVENTS:
                what = _NOT_EVENTS[part.name]
                self.warn(part.number, say("Line %(line)d: %(what)s is no event.", line=part.number, what=what))
            elif part.name == "VEVENT":
                entry = self._entry(part, moments)
                if entry is not None:
                    by_uid[entry.uid].append(replace(entry, is_cancelled=is_cancelled or entry.is_cancelled))
        for uid, entries in by_uid.items():
            self._series(uid, entries, moments)

    def _define_zones(self, calendar: Part) -> None:
        for part in calendar.within:
            if part.name == "VTIMEZONE":
                try:
                    icalendar.Calendar.from_ical(_whole(part))
                except Exception:  # noqa: BLE001  # icalendar raises of many kinds for what no writer should have written
                    words = say("Line %(line)d: the time zone defined there cannot be read.", line=part.number)
                    self.warn(part.number, words)

    def _entry(self, part: Part, moments: Moments) -> Entry | None:
        """An entry by itself, or None: then it is refused."""
        if not part.is_closed:
            self.refuse(part.number, say("It never ends: END:VEVENT is missing."))
            return None
        entry = entry_of(part, moments)
        if isinstance(entry, Refused):
            self.refuse(entry.line, entry.reason, entry.uid)
            return None
        self.uids.add(entry.uid)
        return entry

    def _series(self, uid: str, entries: Sequence[Entry], moments: Moments) -> None:
        """The occurrences of one UID: its entry, or what repeats with what was changed of it."""
        line = min(entry.line for entry in entries)
        entries = _newest(entries)
        why_not = next(filter(None, (rule_that_is_too_much(entry.component) for entry in entries)), "")
        if why_not:
            self.refuse(line, why_not, uid)
            return
        try:
            with self.patience:
                found = _Series(uid, entries, moments, self.window).occurrences()
        except TookTooLong:
            self.refuse(line, say("It takes too much time to work out what repeats in it."), uid)
            return
        except (MemoryError, UnreadableCalendar):
            raise
        except Exception as error:  # noqa: BLE001  # whatever one entry does to the libraries, the others still count
            reason = one_line(str(error), 120) if isinstance(error, ValueError) else type(error).__name__
            words = say("What repeats in it cannot be worked out (%(reason)s).", reason=reason)
            self.refuse(line, words, uid)
            return
        if len(found) > MAX_OF_ONE:
            words = say("Line %(line)d: more than %(most)d dates; the first of them count.", line=line, most=MAX_OF_ONE)
            self.warn(line, words)
            self.in_part.add(uid)
        self.series_read += 1
        self.found += found[:MAX_OF_ONE]

    def entries(self) -> Entries:
        """What was found. Refuses UnreadableCalendar where there were entries, and not one could be read."""
        if self.refused and not self.series_read:
            first = min(self.refused, key=lambda one: one.line)
            words = say(
                "Not one of its entries can be read. Line %(line)d: %(reason)s", line=first.line, reason=first.reason
            )
            raise UnreadableCalendar(words, line=first.line)
        if not self.series_read:
            self.warn(1, say("It holds no event."))
        found = sorted(self.found, key=_in_order)
        if len(found) > MAX_OCCURRENCES:
            self.warn(1, say("It holds more than %(most)d dates; the first of them count.", most=MAX_OCCURRENCES))
            self.in_part |= {one.uid for one in found[MAX_OCCURRENCES:]}
            found = found[:MAX_OCCURRENCES]
        uids = frozenset(self.uids - {""})
        return Entries(
            tuple(found),
            tuple(sorted(self.refused, key=lambda one: one.line)),
            tuple(sorted(self.warnings)),
            uids,
            uids - self.in_part,
            self.is_whole,
        )


@dataclass(frozen=True, slots=True)
class _Series:
    uid: str
    entries: Sequence[Entry]
    moments: Moments
    window: Span

    def occurrences(self) -> list[Occurrence]:
        """Every occurrence within the window, in the order of time."""
        repeats = any(entry.repeats for entry in self.entries)
        calendar = icalendar.Calendar()
        for entry in self.entries:
            entry.component["X-EVENTSVC-LINE"] = str(entry.line)
            calendar.add_component(entry.component)
        of_line = {entry.line: entry for entry in self.entries}
        # A day wider: whole days lie elsewhere in UTC than the library thinks.
        between = recurring_ical_events.of(calendar).between(self.window.start - _DAY, self.window.end + _DAY)
        sequence = max(entry.sequence for entry in self.entries)
        found: dict[str, Occurrence] = {}
        for component in between:
            entry = of_line[int(str(component["X-EVENTSVC-LINE"]))]
            one = self._one(entry, component, sequence)
            if one is None:
                continue
            key = self._key(component) if repeats else ""
            if key in found:  # RANGE=THISANDFUTURE: the library gives all of them the number of the first
                key = _when(one)
            found.setdefault(key, replace(one, recurrence=key))
        return sorted(found.values(), key=_in_order)

    def _one(self, entry: Entry, component: Any, sequence: int) -> Occurrence | None:
        notes = Notes(dict.fromkeys(entry.warnings))
        time = self.moments.of(component, notes, is_open=entry.has_no_end)
        if not time.lies_in(self.window, self.moments.zone):
            return None
        return Occurrence(
            line=entry.line,
            uid=self.uid,
            sequence=sequence,
            modified_at=entry.modified_at,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            starts_on=time.starts_on,
            days=time.days,
            **entry.words,
            is_cancelled=entry.is_cancelled,
            warnings=notes.all(),
        )

    def _key(self, component: Any) -> str:
        """Which of the dates it is: RECURRENCE-ID as an instant, since some write it in UTC and others in a zone."""
        return self.moments.key(component["RECURRENCE-ID"].dt)


def _newest(entries: Sequence[Entry]) -> list[Entry]:
    """Of several entries for one date the newest (RFC 5546 2.1.5), which says that it stands for others."""
    chosen: dict[str, Entry] = {}
    for entry in entries:
        other = chosen.get(entry.recurrence)
        if other is None or entry.rank >= other.rank:
            chosen[entry.recurrence] = entry
    number = len(entries) - len(chosen)
    if not number:
        return list(chosen.values())
    words = say("Another entry of the same UID stands in the file; the newest counts.")
    return [replace(entry, warnings=(*entry.warnings, words)) for entry in chosen.values()]


def _in_order(one: Occurrence) -> tuple[str, int, str]:
    return _when(one), one.line, one.recurrence


def _when(one: Occurrence) -> str:
    start: date | None = one.starts_at or one.starts_on
    if isinstance(start, datetime):
        return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{start:%Y%m%d}" if start else ""


def _whole(part: Part) -> str:
    """A part as a calendar of its own; of a property that may stand once, the first."""
    return "\r\n".join(["BEGIN:VCALENDAR", *_lines(part), "END:VCALENDAR", ""])


def _lines(part: Part) -> list[str]:
    once = ("TZID", "TZOFFSETFROM", "TZOFFSETTO")
    firsts = {line.name if line.name in once else line.number: line.text for line in reversed(part.lines)}
    kept = list(firsts.values())[::-1]
    within = [text for inner in part.within for text in _lines(inner)]
    return [f"BEGIN:{part.name}", *kept, *within, f"END:{part.name}"]
