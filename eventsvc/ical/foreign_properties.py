"""One entry of a foreign calendar: the properties that we use, those that cannot be read left out and named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import icalendar

from eventsvc.core.errors import say
from eventsvc.ical.entry_times import Moments
from eventsvc.ical.entry_words import words_of
from eventsvc.ical.foreign_lines import ContentLine, Part
from eventsvc.ical.foreign_words import one_line
from eventsvc.ical.occurrences import MAX_UID, Notes, Refused

_SINGLE = frozenset(
    {
        *("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION"),
        *("GEO", "URL", "STATUS", "CLASS", "LAST-MODIFIED", "X-GOOGLE-CONFERENCE", "X-ALT-DESC"),
        *("X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK"),
    }
)
_SEVERAL = frozenset({"RRULE", "RDATE", "EXDATE", "CATEGORIES", "CONFERENCE"})
_MOST_LINES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT with what it says. `recurrence` is its RECURRENCE-ID as `Moments.key` says it, or nothing."""

    line: int
    uid: str
    component: Any
    words: dict[str, Any]
    recurrence: str = ""
    sequence: int = 0
    modified_at: datetime | None = None
    is_cancelled: bool = False
    has_no_end: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def repeats(self) -> bool:
        """True where its UID may stand for several dates."""
        return bool(self.recurrence) or any(name in self.component for name in ("RRULE", "RDATE"))

    @property
    def rank(self) -> tuple[int, datetime]:
        """Of two for the same date the one of the higher rank is the newer."""
        return self.sequence, self.modified_at or datetime.min.replace(tzinfo=UTC)


def entry_of(part: Part, moments: Moments) -> Entry | Refused:
    """An entry by itself; it is refused where it has no start that can be read, or ends before it starts."""
    notes = Notes()
    component, dropped = _component(_chosen(part, notes), notes)
    uid = _uid(component, notes)
    if "DTSTART" not in component:
        at = dropped.get("DTSTART")
        reason = say("Its start on line %(line)d cannot be read.", line=at) if at else say("It has no start.")
        return Refused(part.number, reason, uid)
    if "RECURRENCE-ID" in dropped:
        reason = say(
            "It stands for one of several dates; which, on line %(line)d, cannot be read.",
            line=dropped["RECURRENCE-ID"],
        )
        return Refused(part.number, reason, uid)
    try:
        moments.settle(component, notes)
        backwards = _ends_before(component)
        recurrence = moments.key(component["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in component else ""
    except (ValueError, OverflowError, TypeError, AttributeError) as error:
        return Refused(
            part.number, say("Its times cannot be read (%(reason)s).", reason=one_line(str(error), 120)), uid
        )
    if backwards:
        return Refused(part.number, say("It ends before it starts."), uid)
    return Entry(
        line=part.number,
        uid=uid,
        component=component,
        words=words_of(component, notes),
        recurrence=recurrence,
        sequence=_number(component),
        modified_at=_modified(component),
        is_cancelled=one_line(str(component.get("STATUS", ""))).upper() == "CANCELLED",
        has_no_end="DTEND" not in component and "DURATION" not in component,
        warnings=notes.all(),
    )


def _chosen(part: Part, notes: Notes) -> list[ContentLine]:
    """The lines that we use; of what may stand once, the first."""
    chosen: list[ContentLine] = []
    seen: set[str] = set()
    for line in part.lines[:_MOST_LINES]:
        name = line.name
        if not name:
            notes.warn(
                say("Line %(line)d is no line of a calendar: left out (%(words)r).", line=line.number, words=line.shown)
            )
        elif name in _SINGLE and name in seen:
            notes.warn(say("Line %(line)d: a second %(name)s is left out.", line=line.number, name=name))
        elif name in _SINGLE | _SEVERAL:
            seen.add(name)
            chosen.append(line)
        elif name == "EXRULE":
            notes.warn(say("Line %(line)d: EXRULE is not followed.", line=line.number))
    return chosen


def _component(lines: Sequence[ContentLine], notes: Notes) -> tuple[Any, dict[str, int]]:
    """The entry of those lines without the ones that cannot be read, and these: name → line."""
    read = _read(lines)
    if read is not None:
        return read, {}
    dropped: dict[str, int] = {}
    kept = []
    for line in lines:
        if _read([line]) is not None:
            kept.append(line)
            continue
        dropped.setdefault(line.name, line.number)
        notes.warn(say("Line %(line)d: %(name)s cannot be read and is left out.", line=line.number, name=line.name))
    return _read(kept) or icalendar.Event(), dropped


def _read(lines: Sequence[ContentLine]) -> Any | None:
    """An entry of those lines where each of them can be read, or None."""
    text = "\r\n".join(["BEGIN:VEVENT", *(line.text for line in lines), "END:VEVENT", ""])
    try:
        found = icalendar.Event.from_ical(text)
        is_sound = not found.errors and all(_is_sound(name, found[name]) for name in found)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # icalendar raises of many kinds for what no writer should have written
        return None
    return found if is_sound else None


def _is_sound(name: str, value: Any) -> bool:
    """False for what icalendar kept as it was because it could not read it."""
    if name in ("DTSTART", "DTEND", "RECURRENCE-ID", "LAST-MODIFIED"):
        return value.dt is not None and not hasattr(value.dt, "days") and not isinstance(value.dt, tuple)
    if name == "DURATION":
        return bool(value.dt.total_seconds() >= 0)
    if name in ("RDATE", "EXDATE"):
        return all(one.dts is not None for one in (value if isinstance(value, list) else [value]))
    if name == "RRULE":
        return all(rule.get("FREQ") for rule in (value if isinstance(value, list) else [value]))
    return not isinstance(value, icalendar.vBroken)


def _uid(component: Any, notes: Notes) -> str:
    """The UID; of one that is too long a digest, and without one a name made of what the entry says."""
    uid = one_line(str(component.get("UID", "")), 10_000)
    if uid:
        return uid if len(uid) <= MAX_UID else f"long:{_digest(uid)}"
    notes.warn(say("It has no UID: when its time or title changes, it counts as another event."))
    start = component["DTSTART"].to_ical().decode() if "DTSTART" in component else ""
    return f"none:{_digest(start, str(component.get('SUMMARY', '')))}"


def _digest(*words: str) -> str:
    return hashlib.sha256(repr(words).encode()).hexdigest()[:40]


def _ends_before(component: Any) -> bool:
    if "DTEND" not in component:
        return False
    start, end = component["DTSTART"].dt, component["DTEND"].dt
    return bool(end < start)


def _number(component: Any) -> int:
    try:
        return min(max(int(component.get("SEQUENCE", 0)), 0), 2_000_000_000)
    except (TypeError, ValueError):
        return 0


def _modified(component: Any) -> datetime | None:
    moment = component["LAST-MODIFIED"].dt if "LAST-MODIFIED" in component else None
    if not isinstance(moment, datetime):
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
