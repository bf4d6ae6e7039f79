"""When an event is: the wish in local words, and the promise made of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from eventsvc.core.errors import InvalidInput
from eventsvc.core.times import Span
from eventsvc.domain.events.schedule import When

PACIFIC = "America/Los_Angeles"


def at(text: str, minutes: int = 60, **more: object) -> When:
    return When(starts_local=datetime.fromisoformat(text), duration_minutes=minutes, **more)


@pytest.mark.parametrize(
    ("when", "start", "end"),
    [
        (at("2027-02-10T14:00", 90), "2027-02-10T22:00", "2027-02-10T23:30"),
        (at("2027-03-13T18:00"), "2027-03-14T02:00", "2027-03-14T03:00"),
        (at("2027-03-14T18:00"), "2027-03-15T01:00", "2027-03-15T02:00"),
        # Length is elapsed time: two hours across the gap end at four on the wall.
        (at("2027-03-14T01:00", 120), "2027-03-14T09:00", "2027-03-14T11:00"),
        (at("2027-11-07T01:30", starts_side="earlier"), "2027-11-07T08:30", "2027-11-07T09:30"),
        (at("2027-11-07T01:30", starts_side="later"), "2027-11-07T09:30", "2027-11-07T10:30"),
        (When(all_day=True, starts_on=date(2027, 3, 14)), "2027-03-14T08:00", "2027-03-15T07:00"),
        (When(all_day=True, starts_on=date(2027, 11, 7), days=2), "2027-11-07T07:00", "2027-11-09T08:00"),
    ],
)
def test_a_wish_becomes_instants(when, start, end):
    expected = Span(*(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)))
    assert when.span(PACIFIC) == expected


@pytest.mark.parametrize(
    ("when", "field"),
    [
        (at("2027-03-14T02:30"), "starts_local"),
        (at("2027-11-07T01:30"), "starts_local"),
        (at("2027-02-10T14:00", 0), "duration_minutes"),
        (at("2027-02-10T14:00", -5), "duration_minutes"),
        (at("2027-02-10T14:00", 14 * 24 * 60 + 1), "duration_minutes"),
        (at("1999-12-31T23:00"), "starts_local"),
        (at("9999-12-31T23:00"), "starts_local"),
        (When(), "starts_local"),
        (When(starts_local=datetime(2027, 2, 10)), "duration_minutes"),
        (When(all_day=True), "starts_on"),
        (When(all_day=True, starts_on=date(2027, 2, 10), days=0), "days"),
        (When(all_day=True, starts_on=date(2027, 2, 10), days=61), "days"),
        (When(all_day=True, starts_on=date(9999, 12, 31), days=2), "starts_on"),
        (When(all_day=True, starts_on=date(2027, 2, 10), duration_minutes=60), "all_day"),
        (at("2027-02-10T14:00", days=2), "days"),
        (at("2027-02-10T14:00", days=0), "days"),
        (at("2027-02-10T14:00", days=10**20), "days"),
        (at("2027-02-10T14:00", starts_on=date(2027, 2, 10)), "starts_on"),
    ],
)
def test_a_wish_that_is_none_names_its_field(when, field):
    with pytest.raises(InvalidInput) as refusal:
        when.span(PACIFIC)
    assert refusal.value.facts["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"starts_local": datetime(2027, 2, 11, 9)}, at("2027-02-11T09:00", 90)),
        ({"duration_minutes": 30}, at("2027-02-10T14:00", 30)),
        ({"all_day": False}, at("2027-02-10T14:00", 90)),
        ({"all_day": True, "starts_on": date(2027, 2, 11)}, When(all_day=True, starts_on=date(2027, 2, 11))),
        ({}, at("2027-02-10T14:00", 90)),
    ],
)
def test_what_is_not_told_stays(told, expected):
    assert at("2027-02-10T14:00", 90).changed(told) == expected
