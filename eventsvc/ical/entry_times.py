"""When a foreign entry is: wall times without a zone are given one, ends that do not fit are mended, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar

from eventsvc.core.errors import say
from eventsvc.core.times import Span, days_span, zone_named
from eventsvc.ical.foreign_words import one_line
from eventsvc.ical.occurrences import Notes

OPEN_MINUTES = 60
_TOO_OFTEN = ("SECONDLY", "MINUTELY")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Time:
    """When an occurrence is: both instants in UTC, or the first day and how many."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    starts_on: date | None = None
    days: int = 0

    def lies_in(self, window: Span, zone: str) -> bool:
        """True where it shares at least an instant with the window."""
        if self.starts_on is not None:
            return days_span(self.starts_on, self.days, zone).overlaps(window)
        if self.starts_at is None or self.ends_at is None:
            return False
        return Span(self.starts_at, self.ends_at).overlaps(window)


@dataclass(frozen=True, slots=True)
class Moments:
    """How a file's times are read: `zone` is where floating ones count."""

    zone: str

    def settle(self, component: Any, notes: Notes) -> None:
        """Give every time of an entry a zone, and its end the kind of its start. Raises ValueError for no start."""
        for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
            if name in component:
                self._name_unknown_zone(component[name], notes)
                component[name] = _made(self._aware(_as_said(component[name])), component[name])
        for name in ("RDATE", "EXDATE"):
            for one in _listed(component.get(name)):
                self._name_unknown_zone(one, notes)
                for each in one.dts:
                    each.dt = self._aware_of_list(each.dt)
        self._mend_end(component, notes)

    def of(self, component: Any, notes: Notes, *, is_open: bool) -> Time:
        """The time of one occurrence."""
        start, end = component["DTSTART"].dt, component["DTEND"].dt
        if not isinstance(start, datetime):
            days = (end - start).days
            if days < 1 and not is_open:
                notes.warn(say("Its last day is given as its end: it counts."))
            return Time(starts_on=start, days=max(1, days))
        starts_at, ends_at = _whole_minute(self._instant(start)), _whole_minute(self._instant(end))
        if ends_at <= starts_at:
            notes.warn(say("It has no end, or no length: %(minutes)d minutes are assumed.", minutes=OPEN_MINUTES))
            ends_at = starts_at + timedelta(minutes=OPEN_MINUTES)
        if start.astimezone(UTC).astimezone(start.tzinfo).replace(tzinfo=None) != start.replace(tzinfo=None):
            notes.warn(say("It starts at a time that the clock skips there; it is read as shown before the change."))
        return Time(starts_at=starts_at, ends_at=ends_at)

    def key(self, moment: date) -> str:
        """A RECURRENCE-ID as one word: the instant in UTC, or the day."""
        if isinstance(moment, datetime):
            return f"{self._instant(moment):%Y%m%dT%H%M%SZ}"
        return f"{moment:%Y%m%d}"

    def _instant(self, moment: datetime) -> datetime:
        aware: datetime = self._aware(moment)
        return aware.astimezone(UTC)

    def _aware(self, moment: Any) -> Any:
        is_floating = isinstance(moment, datetime) and moment.tzinfo is None
        return moment.replace(tzinfo=zone_named(self.zone)) if is_floating else moment

    def _aware_of_list(self, moment: Any) -> Any:
        return tuple(map(self._aware, moment)) if isinstance(moment, tuple) else self._aware(moment)

    def _name_unknown_zone(self, value: Any, notes: Notes) -> None:
        """icalendar reads a time of a zone that it does not know as a floating one."""
        name = value.params.get("TZID") if hasattr(value, "params") else None
        moment = getattr(value, "dt", None) or next((one.dt for one in getattr(value, "dts", ())), None)
        if name and isinstance(moment, datetime) and moment.tzinfo is None:
            shown = one_line(str(name), 60)
            notes.warn(say("The zone %(name)r is not defined: times are read in %(zone)s.", name=shown, zone=self.zone))

    def _mend_end(self, component: Any, notes: Notes) -> None:
        if "DTEND" not in component:
            return
        start, end = component["DTSTART"].dt, component["DTEND"].dt
        if isinstance(start, datetime) is not isinstance(end, datetime):
            notes.warn(say("Its start is a day and its end a time, or the other way round: the start decides."))
            if isinstance(start, datetime):
                end = datetime.combine(end, datetime.min.time(), tzinfo=start.tzinfo)
            else:
                end = end.date() + (_DAY if end.time() != datetime.min.time() else timedelta(0))
            component["DTEND"] = icalendar.vDDDTypes(end)


def rules_of(component: Any) -> list[Any]:
    """Every RRULE of an entry."""
    return _listed(component.get("RRULE"))


def rule_that_is_too_much(component: Any) -> str:
    """Why an entry's rules are not worked out, or nothing."""
    for rule in rules_of(component):
        if str(next(iter(_listed(rule.get("FREQ"))), "")).upper() in _TOO_OFTEN:
            return say("It repeats every minute or every second.")
        if any(int(number) < 1 for number in _listed(rule.get("INTERVAL"))):
            return say("Its rule never comes to its next day.")
    return ""


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _made(moment: Any, before: Any) -> icalendar.vDDDTypes:
    made = icalendar.vDDDTypes(moment)
    if "RANGE" in before.params:
        made.params["RANGE"] = before.params["RANGE"]
    return made


def _as_said(value: Any) -> Any:
    """The time; a day where VALUE=DATE says so, also beside a TZID, which makes icalendar read midnight."""
    is_day = str(value.params.get("VALUE", "")).upper() == "DATE" and isinstance(value.dt, datetime)
    return value.dt.date() if is_day else value.dt


def _whole_minute(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.second, microseconds=moment.microsecond)
