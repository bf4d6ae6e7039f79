"""Laying the demo out around the day it starts: which days people work, and what a clock there shows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from eventsvc.core.times import local_day, to_utc

ZONE = "America/Los_Angeles"
_ONE_DAY = timedelta(days=1)


def first_day(start: datetime) -> date:
    """The local day on which a demo starts."""
    return local_day(start, ZONE)


def working_day(day: date, count: int) -> date:
    """The day that lies so many working days after another; before it for a negative count."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def is_working_day(day: date) -> bool:
    """Monday to Friday, without the last week of the year, Thanksgiving and the days of fixed holidays."""
    is_thanksgiving = day.month == 11 and (22 <= day.day <= 29) and _is_thanksgiving_or_day_after(day)
    is_year_end = (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1)
    is_fixed = (day.month, day.day) in ((7, 4), (11, 11), (6, 19))
    return day.weekday() < 5 and not (is_thanksgiving or is_year_end or is_fixed)


def _is_thanksgiving_or_day_after(day: date) -> bool:
    """The fourth Thursday of November, and the Friday behind it."""
    november_first = day.replace(day=1)
    fourth_thursday = 22 + (3 - november_first.weekday()) % 7
    return day.day in (fourth_thursday, fourth_thursday + 1)


def at(day: date, clock: time) -> datetime:
    """The instant at which a clock there shows that time of that day."""
    return to_utc(datetime.combine(day, clock), ZONE, "earlier")
