"""The days of a series, from the rule that a person says. Days of the wall calendar: a zone comes in later.

A rule begins to look on the first day that it is told, and takes that day only where it is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice

from dateutil import rrule

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.events.schedule import YEARS

MAX_OCCURRENCES = 200
MAX_INTERVAL = 99
LAST = -1  # of the weeks of a month


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """Monday is 0."""
        return list(Weekday).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a rule ends: after so many occurrences, or on a last day; exactly one of the two."""

    count: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Every `interval`-th week, counted from the week of the first day (they begin on Mondays), on these weekdays."""

    end: End
    weekdays: tuple[Weekday, ...] = ()
    interval: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """A weekday of every `interval`-th month: its first to fifth (a month without a fifth is passed over), or LAST."""

    end: End
    weekday: Weekday
    which: int
    interval: int = 1


@dataclass(frozen=True, slots=True)
class Dates:
    """A list of days; the first day is one of them."""

    dates: tuple[date, ...]


Rule = Weekly | Monthly | Dates


def days_of(rule: Rule, first: date) -> list[date]:
    """The days of a rule in order, each once.

    Refuses: InvalidInput naming the field for a rule without an end or with two, for more than 200 occurrences, none
             at all, an interval out of 1 to 99, a week out of 1 to 5 and -1, a day named twice or before the first,
             and what reaches out of the years 2000 to 2099.
    Source:  RFC 5545 3.3.10 (FREQ, INTERVAL, BYDAY, COUNT, UNTIL), expanded by dateutil.
    """
    if first.year not in YEARS:
        raise InvalidInput({"starts_local": say("must lie between %(first)s and %(last)s", **_years())})
    if isinstance(rule, Dates):
        return _listed(rule.dates, first)
    errors = [*_wrong_with_end(rule.end), *_wrong_with_rule(rule)]
    if errors:
        raise InvalidInput(errors)
    found = list(islice(_walk(rule, first), MAX_OCCURRENCES + 1))
    return _within_bounds(found, rule.end)


def _years() -> dict[str, int]:
    return {"first": YEARS.start, "last": YEARS.stop - 1}


def _wrong_with_end(end: End) -> Iterator[tuple[str, str]]:
    if end.count is None and end.until is None:
        yield "rule.count", say("a series needs an end: say count or until")
    elif end.count is not None and end.until is not None:
        yield "rule.until", say("a series has one end: say count or until, not both")
    elif end.count is not None and not 1 <= end.count <= MAX_OCCURRENCES:
        yield "rule.count", say("must be between %(low)s and %(high)s", low=1, high=MAX_OCCURRENCES)


def _wrong_with_rule(rule: Weekly | Monthly) -> Iterator[tuple[str, str]]:
    if not 1 <= rule.interval <= MAX_INTERVAL:
        yield "rule.interval", say("must be between %(low)s and %(high)s", low=1, high=MAX_INTERVAL)
    if isinstance(rule, Monthly) and rule.which not in (1, 2, 3, 4, 5, LAST):
        yield "rule.which", say("must be 1, 2, 3, 4, 5, or -1 for the last")


def _walk(rule: Weekly | Monthly, first: date) -> Iterator[date]:
    """Lazily, and never past the last year: no rule can keep it busy for long."""
    last = rule.end.until or date(YEARS.stop - 1, 12, 31)
    if isinstance(rule, Weekly):
        weekdays = [weekday.number for weekday in rule.weekdays] or [first.weekday()]
        frequency, by_weekday = rrule.WEEKLY, [rrule.weekday(number) for number in weekdays]
    else:
        frequency, by_weekday = rrule.MONTHLY, [rrule.weekday(rule.weekday.number, rule.which)]
    walked = rrule.rrule(
        frequency,
        dtstart=datetime.combine(first, time()),
        interval=rule.interval,
        byweekday=by_weekday,
        wkst=rrule.MO,
        until=datetime.combine(min(last, date(YEARS.stop - 1, 12, 31)), time()),
    )
    return (moment.date() for moment in islice(walked, rule.end.count))


def _within_bounds(found: list[date], end: End) -> list[date]:
    if not found:
        raise InvalidInput({"rule.until": say("lies before the first day of the series")})
    if len(found) > MAX_OCCURRENCES:
        raise InvalidInput({"rule.until": say("makes more than %(most)s occurrences", most=MAX_OCCURRENCES)})
    if end.count is not None and len(found) < end.count:
        raise InvalidInput({"rule.count": say("reaches beyond the year %(last)s", last=YEARS.stop - 1)})
    return found


def _listed(dates: tuple[date, ...], first: date) -> list[date]:
    if not 1 <= len(dates) <= MAX_OCCURRENCES:
        raise InvalidInput(
            {"rule.dates": say("must hold between %(low)s and %(high)s days", low=1, high=MAX_OCCURRENCES)}
        )
    errors = []
    for index, day in enumerate(dates):
        if day in dates[:index]:
            errors.append((f"rule.dates[{index}]", say("%(day)s is named twice", day=day)))
        elif day < first:
            errors.append((f"rule.dates[{index}]", say("lies before the first day of the series")))
        elif day.year not in YEARS:
            errors.append((f"rule.dates[{index}]", say("must lie between %(first)s and %(last)s", **_years())))
    if first not in dates:
        errors.append(("rule.dates", say("must hold the day on which the series starts, %(day)s", day=first)))
    if errors:
        raise InvalidInput(errors)
    return sorted(dates)
