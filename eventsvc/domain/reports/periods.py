"""Months and quarters of the calendar, by which a report may be parted."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

_MONTHS_A_QUARTER = 3


class By(StrEnum):
    """How a report parts its time."""

    WHOLE = "whole"
    MONTH = "month"
    QUARTER = "quarter"


def period_of(day: date, by: By, first: date, last: date) -> tuple[date, date]:
    """The period that holds a day of the report, cut to the report's own first and last day."""
    if by is By.WHOLE:
        return first, last
    months = 1 if by is By.MONTH else _MONTHS_A_QUARTER
    begins = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    ends = _first_of_month(begins, months) - timedelta(days=1)
    return max(begins, first), min(ends, last)


def _first_of_month(day: date, months_later: int) -> date:
    months = day.year * 12 + day.month - 1 + months_later
    return date(months // 12, months % 12 + 1, 1)
