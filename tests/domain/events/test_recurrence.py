"""The days of a rule, against a walk over the calendar that knows nothing of rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsvc.core.errors import InvalidInput
from eventsvc.domain.events.recurrence import LAST, Dates, End, Monthly, Weekday, Weekly, days_of

DAY = timedelta(days=1)
WEEKDAYS = list(Weekday)
first_days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
counts = st.integers(1, 40)
intervals = st.integers(1, 5)


def walked(first: date, is_wanted, count: int) -> list[date]:
    """Day by day from the first on, until there are as many as wanted."""
    found, day = [], first
    while len(found) < count:
        if is_wanted(day):
            found.append(day)
        day += DAY
    return found


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


@given(first_days, st.sets(st.sampled_from(WEEKDAYS)), intervals, counts)
def test_weeks_are_what_a_walk_over_the_calendar_finds(first, weekdays, interval, count):
    wanted = {WEEKDAYS.index(weekday) for weekday in weekdays} or {first.weekday()}

    def is_wanted(day: date) -> bool:
        weeks = (monday_of(day) - monday_of(first)).days // 7
        return day.weekday() in wanted and weeks % interval == 0

    rule = Weekly(end=End(count=count), weekdays=tuple(weekdays), interval=interval)
    assert days_of(rule, first) == walked(first, is_wanted, count)


@given(first_days, st.sampled_from(WEEKDAYS), st.sampled_from([1, 2, 3, 4, 5, LAST]), intervals, st.integers(1, 12))
def test_months_are_what_a_walk_over_the_calendar_finds(first, weekday, which, interval, count):
    def is_wanted(day: date) -> bool:
        months = (day.year - first.year) * 12 + day.month - first.month
        is_which = (day + 7 * DAY).month != day.month if which == LAST else (day.day + 6) // 7 == which
        return day.weekday() == WEEKDAYS.index(weekday) and is_which and months % interval == 0

    rule = Monthly(end=End(count=count), weekday=weekday, which=which, interval=interval)
    wanted = walked(first, is_wanted, count)
    if wanted[-1].year > 2099:  # a fifth Friday of every fifth month may need a century
        with pytest.raises(InvalidInput):
            days_of(rule, first)
    else:
        assert days_of(rule, first) == wanted


@given(first_days, st.integers(0, 1000), intervals)
def test_a_last_day_is_taken_where_the_rule_falls_on_it_and_nothing_after_it(first, length, interval):
    until = first + length * DAY
    found = days_of(Weekly(end=End(until=until), interval=interval), first)
    assert found == [first + 7 * interval * DAY * number for number in range(length // (7 * interval) + 1)]


WEEKLY, A_DAY = {"end": End(count=2)}, date(2027, 2, 10)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Weekly(end=End()), "rule.count"),
        (Monthly(end=End(), weekday=Weekday.FRIDAY, which=LAST), "rule.count"),
        (Weekly(end=End(count=2, until=A_DAY)), "rule.until"),
        (Weekly(end=End(count=0)), "rule.count"),
        (Weekly(end=End(count=-1)), "rule.count"),
        (Weekly(end=End(count=201)), "rule.count"),
        (Weekly(end=End(count=10_000)), "rule.count"),
        (Weekly(end=End(until=date(2099, 1, 1))), "rule.until"),
        (Weekly(end=End(until=date(9999, 12, 31))), "rule.until"),
        (Weekly(end=End(until=A_DAY - DAY)), "rule.until"),
        (Weekly(end=End(count=2), interval=0), "rule.interval"),
        (Weekly(end=End(count=2), interval=-1), "rule.interval"),
        (Weekly(end=End(count=200), interval=99), "rule.count"),
        (Monthly(end=End(count=2), weekday=Weekday.FRIDAY, which=6), "rule.which"),
        (Monthly(end=End(count=2), weekday=Weekday.FRIDAY, which=0), "rule.which"),
        (Monthly(end=End(count=200), weekday=Weekday.FRIDAY, which=5, interval=12), "rule.count"),
        (Dates(()), "rule.dates"),
        (Dates((A_DAY, A_DAY)), "rule.dates[1]"),
        (Dates((A_DAY, A_DAY - DAY)), "rule.dates[1]"),
        (Dates((A_DAY + DAY,)), "rule.dates"),
        (Dates((A_DAY, date(2100, 1, 1))), "rule.dates[1]"),
        (Dates(tuple(A_DAY + number * DAY for number in range(201))), "rule.dates"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_its_field(rule, field):
    with pytest.raises(InvalidInput) as refused:
        days_of(rule, A_DAY)
    assert field in [error["field"] for error in refused.value.facts["errors"]]


def test_days_in_a_list_come_back_in_order():
    days = (A_DAY, A_DAY + 9 * DAY, A_DAY + DAY)
    assert days_of(Dates(days), A_DAY) == sorted(days)
