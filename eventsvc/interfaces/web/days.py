"""Days and weeks as addresses name them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from eventsvc.core.errors import NotFound, say

FIRST_WEEKDAY = 6  # California's calendars begin the week on Sunday, in English and in Spanish
A_WEEK = timedelta(days=7)


def day_named(text: str) -> date:
    """The day that an address names; refuses NotFound for what is not a day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year < 2100 or day.isoformat() != text:
        raise NotFound(say("There is no such day; days look like 2027-02-10."))
    return day


def first_of_week(day: date) -> date:
    """The first day of the week around a day, as every page shows weeks."""
    return day - timedelta(days=(day.weekday() - FIRST_WEEKDAY) % 7)


def weeks_of_month(first: date) -> list[list[date]]:
    """The whole weeks that a month touches; `first` is a day of it."""
    return calendar.Calendar(FIRST_WEEKDAY).monthdatescalendar(first.year, first.month)
