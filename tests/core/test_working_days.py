"""Working days against counting them one by one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventsvc.core.working_days import days_after, days_between, is_working_day, working_day_from

MONDAY = date(2027, 9, 6)  # Labor Day
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
HOLIDAYS = st.sets(st.dates(date(2026, 1, 1), date(2029, 6, 30)), max_size=40)


def test_weekends_and_holidays_are_no_working_days() -> None:
    week = [MONDAY + timedelta(days=number) for number in range(7)]
    assert [is_working_day(day, {MONDAY}) for day in week] == [False, True, True, True, True, False, False]


def test_the_next_working_day_is_the_day_itself_or_later() -> None:
    assert working_day_from(MONDAY) == MONDAY
    assert working_day_from(date(2027, 9, 4), {MONDAY}) == date(2027, 9, 7)


def test_five_working_days_after_a_friday_pass_a_holiday() -> None:
    assert days_after(date(2027, 9, 3), 5) == date(2027, 9, 10)
    assert days_after(date(2027, 9, 3), 5, {MONDAY}) == date(2027, 9, 13)
    assert days_after(date(2027, 9, 4), 1) == MONDAY
    assert days_after(date(2027, 9, 4), 0) == date(2027, 9, 4)


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert days_between(MONDAY, MONDAY) == 0
    assert days_between(MONDAY, date(2027, 8, 2)) == 0


@given(DAYS, st.integers(0, 400), HOLIDAYS)
def test_days_between_counts_each_day(first: date, length: int, holidays: set[date]) -> None:
    last = first + timedelta(days=length)
    each = [first + timedelta(days=number) for number in range(1, length + 1)]
    assert days_between(first, last, holidays) == sum(is_working_day(day, holidays) for day in each)


@given(DAYS, st.integers(1, 60), HOLIDAYS)
def test_days_after_and_between_undo_each_other(day: date, number: int, holidays: set[date]) -> None:
    last = days_after(day, number, holidays)
    assert is_working_day(last, holidays)
    assert days_between(day, last, holidays) == number
