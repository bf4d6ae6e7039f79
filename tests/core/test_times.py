"""THE ZONE RULE, sentence by sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsvc.core import times
from eventsvc.core.errors import InvalidInput
from eventsvc.core.times import Span

LA = "America/Los_Angeles"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2027-02-10T14:00", utc(2027, 2, 10, 22, 0)),
        ("2027-03-14T01:59", utc(2027, 3, 14, 9, 59)),
        ("2027-03-14T03:00", utc(2027, 3, 14, 10, 0)),
        ("2027-07-01T14:00", utc(2027, 7, 1, 21, 0)),
        ("2027-11-07T00:59", utc(2027, 11, 7, 7, 59)),
        ("2027-11-07T02:00", utc(2027, 11, 7, 10, 0)),
    ],
)
def test_a_wall_time_that_comes_once_is_one_instant_and_comes_back(wall, instant):
    local = datetime.fromisoformat(wall)
    assert times.to_utc(local, LA) == instant
    assert times.to_utc(local, LA, "later") == instant, "a side given needlessly is ignored"
    assert times.to_wall(instant, LA) == local
    assert times.side_of(instant, LA) is None


@pytest.mark.parametrize("wall", ["2027-03-14T02:00", "2027-03-14T02:30", "2027-03-14T02:59"])
@pytest.mark.parametrize("side", [None, "earlier", "later"])
def test_a_wall_time_in_a_gap_is_refused_whatever_side_is_named(wall, side):
    with pytest.raises(InvalidInput) as refused:
        times.to_utc(datetime.fromisoformat(wall), LA, side)
    assert refused.value.facts["errors"] == [
        {"field": "starts_local", "reason": f"{wall} does not exist in {LA}: the clock skips it"}
    ]


def test_a_wall_time_in_a_fold_needs_its_side_and_the_sides_are_an_hour_apart():
    wall = datetime(2027, 11, 7, 1, 30)
    with pytest.raises(InvalidInput) as refused:
        times.to_utc(wall, LA)
    assert "comes twice" in refused.value.detail
    earlier, later = times.to_utc(wall, LA, "earlier"), times.to_utc(wall, LA, "later")
    assert (earlier, later) == (utc(2027, 11, 7, 8, 30), utc(2027, 11, 7, 9, 30))
    assert [times.side_of(at, LA) for at in (earlier, later)] == ["earlier", "later"]
    assert times.to_wall(earlier, LA) == times.to_wall(later, LA) == wall


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        (LA, date(2027, 3, 13), utc(2027, 3, 13, 8), 24),
        (LA, date(2027, 3, 14), utc(2027, 3, 14, 8), 23),
        (LA, date(2027, 11, 7), utc(2027, 11, 7, 7), 25),
        ("Asia/Kolkata", date(2027, 3, 14), utc(2027, 3, 13, 18, 30), 24),
        # Half an hour of summer time only.
        ("Australia/Lord_Howe", date(2026, 10, 4), utc(2026, 10, 3, 13, 30), 23.5),
        # Clocks that skip midnight itself: the day begins at 01:00.
        ("Asia/Beirut", date(2026, 3, 29), utc(2026, 3, 28, 22), 23),
        ("America/Santiago", date(2026, 9, 6), utc(2026, 9, 6, 4), 23),
        ("Africa/Cairo", date(2026, 4, 24), utc(2026, 4, 23, 22), 23),
        # Clocks that turn back from midnight: the day before has the 25 hours.
        ("Asia/Beirut", date(2026, 10, 24), utc(2026, 10, 23, 21), 25),
        ("America/Havana", date(2026, 11, 1), utc(2026, 11, 1, 4), 25),
        # Samoa left out a day by crossing the date line.
        ("Pacific/Apia", date(2011, 12, 29), utc(2011, 12, 29, 10), 24),
    ],
)
def test_a_day_runs_from_its_first_instant_to_that_of_the_next(zone, day, start, hours):
    assert times.days_span(day, 1, zone) == Span(start, start + timedelta(hours=hours))


def test_days_in_a_row_touch_across_a_clock_change():
    week = [times.days_span(date(2027, 11, 4) + timedelta(days=n), 1, LA) for n in range(7)]
    assert all(a.end == b.start for a, b in pairwise(week))
    assert times.days_span(date(2027, 11, 4), 7, LA) == Span(week[0].start, week[-1].end)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 1)).map(lambda at: at.replace(tzinfo=UTC, fold=0)),
    st.sampled_from([LA, "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Asia/Kathmandu", "UTC"]),
)
def test_every_instant_survives_the_way_to_the_wall_clock_and_back(instant, zone):
    side = times.side_of(instant, zone)
    assert times.to_utc(times.to_wall(instant, zone), zone, side) == instant
    day = times.local_day(instant, zone)
    span = times.days_span(day, 1, zone)
    assert span.start <= instant < span.end


@pytest.mark.parametrize("text", ["2027-02-10T14:00", "2027-02-10T14:00:00", "2027-02-10T14:00:59"])
def test_a_wall_time_is_a_day_and_a_time_to_the_minute(text):
    assert times.parse_wall_time(text) == datetime(2027, 2, 10, 14)


@pytest.mark.parametrize("text", ["2027-02-10T14:00Z", "2027-02-10T14:00:00Z", "2027-02-10T14:00+01:00"])
def test_a_wall_time_with_an_offset_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        times.parse_wall_time(text)
    assert "leave out the Z" in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2027-02-30T14:00",
        "14:00",
        "2027-02-10",
        "2027-W06-3",
        "2027-W06-3T14:00",
        "20270210T1400",
        "2027-02-10T14",
        "2027-02-10 14:00",
        "2027-02-10T14:00:00.5",
        "2027-02-10T24:00",
        "２０２７-02-10T14:00",
        "2027-02-10T14:00\n",
    ],
)
def test_what_is_no_time_is_refused_by_field(text):
    with pytest.raises(InvalidInput) as refused:
        times.parse_wall_time(text, field="until_local")
    assert refused.value.facts["errors"][0]["field"] == "until_local"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "america/los_angeles "])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(InvalidInput):
        times.zone_named(name)


def test_a_span_is_aware_utc_and_ends_after_it_starts():
    start = utc(2027, 2, 10, 8)
    for wrong in (
        (start, start),
        (start, start - timedelta(hours=1)),
        (start.replace(tzinfo=None), utc(2027, 2, 10, 9)),
        (start, datetime(2027, 2, 10, 12, tzinfo=timezone(timedelta(hours=1)))),
    ):
        with pytest.raises((ValueError, TypeError)):
            Span(*wrong)


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [(0, 2, False), (0, 3, True), (3, 4, True), (0, 9, True), (2, 5, True), (5, 6, False), (4, 6, True)],
)
def test_spans_overlap_when_they_share_an_instant_and_touching_is_none(first, last, overlaps):
    eight = utc(2027, 2, 10, 8)
    one = Span(eight + timedelta(hours=2), eight + timedelta(hours=5))
    other = Span(eight + timedelta(hours=first), eight + timedelta(hours=last))
    assert (one.overlaps(other), other.overlaps(one)) == (overlaps, overlaps)


def test_a_span_is_widened_on_both_sides():
    span = Span(utc(2027, 2, 10, 8), utc(2027, 2, 10, 9))
    assert span.widened(before_minutes=30, after_minutes=15) == Span(utc(2027, 2, 10, 7, 30), utc(2027, 2, 10, 9, 15))


def test_instants_are_written_in_utc_with_a_z():
    assert times.iso(datetime(2027, 2, 10, 14, tzinfo=timezone(timedelta(hours=-8)))) == "2027-02-10T22:00:00Z"
