"""Days and weeks as addresses name them."""

from __future__ import annotations

from datetime import date, timedelta

from eventsvc.core.errors import NotFound, say

MONDAY, SUNDAY = 0, 6  # California's calendars begin the week on Sunday, in English and in Spanish
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


def first_of_week(day: date, begins_on: int = SUNDAY) -> date:
    """The first day of the week around a day."""
    return day - timedelta(days=(day.weekday() - begins_on) % 7)
