"""Working days: Monday to Friday without the holidays that are handed in; pure, no clock and no zone.

Whose holidays count is for the caller to say: those of the office that waits, or of the one that is waited for.
Days are local days of whoever counts; see `times.local_day`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

_SATURDAY = 5
_DAY = timedelta(days=1)


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """True from Monday to Friday, but for holidays."""
    return day.weekday() < _SATURDAY and day not in holidays


def working_day_from(day: date, holidays: Collection[date] = ()) -> date:
    """That day where it is a working day, else the next that is."""
    while not is_working_day(day, holidays):
        day += _DAY
    return day


def days_after(day: date, working_days: int, holidays: Collection[date] = ()) -> date:
    """The working day so many working days after a day; the day itself never counts.

    Five working days after a Monday are the next Monday, and so they are after the Saturday before the first. With 0
    it is the day itself.
    """
    for _ in range(working_days):
        day = working_day_from(day + _DAY, holidays)
    return day


def days_between(first: date, last: date, holidays: Collection[date] = ()) -> int:
    """How many working days lie after the first day and up to the last, which counts; 0 where it is not later.

    The other way round of `days_after`: `days_between(day, days_after(day, n)) == n`.
    """
    weeks, left = divmod(max(0, (last - first).days), 7)
    odd_days = (last - _DAY * ahead for ahead in range(left))
    lost = sum(first < day <= last and is_working_day(day) for day in set(holidays))
    return 5 * weeks + sum(map(is_working_day, odd_days)) - lost
