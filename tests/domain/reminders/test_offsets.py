"""When a reminder is due: hours on the reader's clock over both changes of the clock, and quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventsvc.core.times import Span, day_start, instant_at, to_wall
from eventsvc.domain.events.models import Event
from eventsvc.domain.reminders.models import Anchor, Rule
from eventsvc.domain.reminders.offsets import Quiet, begins_at, closes_at, instant_of, out_of_quiet

PACIFIC, EASTERN, ARIZONA = "America/Los_Angeles", "America/New_York", "America/Phoenix"
HAWAII, LONDON, PUERTO_RICO = "Pacific/Honolulu", "Europe/London", "America/Puerto_Rico"
GUAM = "Pacific/Guam"  # in its small hours it is still yesterday in UTC
ZONES = (PACIFIC, EASTERN, ARIZONA, HAWAII, LONDON, PUERTO_RICO, GUAM)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_event(starts: str, *, zone: str = PACIFIC, minutes: int = 90, days: int = 0) -> Event:
    """An event at a wall time of its zone; with `days` an all-day one."""
    wall = datetime.fromisoformat(starts)
    if days:
        first, after = day_start(wall.date(), zone), day_start(wall.date() + days * DAY, zone)
        return Event(all_day=True, zone=zone, starts_on=wall.date(), days=days, starts_at=first, ends_at=after)
    at = instant_at(wall.date(), wall.hour * 60 + wall.minute, zone)
    return Event(all_day=False, zone=zone, starts_on=wall.date(), days=1, starts_at=at, ends_at=at + minutes * MINUTE)


def morning(days: int, minute: int = 480, anchor: Anchor = Anchor.START) -> Rule:
    return Rule(anchor=anchor, days=days, at_minute=minute)


# Events in Los Angeles at 14:00; reminded at 8:00 on the reader's own clock, one day or more before.
# In the United States clocks change on 14 March and 7 November 2027, in the United Kingdom on 28 March and 31 October.
MORNINGS = [
    # the event, days before, zone, when 8:00 is there
    ("2027-03-13T14:00", 1, PACIFIC, "2027-03-12T16:00"),
    ("2027-03-14T14:00", 1, PACIFIC, "2027-03-13T16:00"),
    ("2027-03-14T14:00", 0, PACIFIC, "2027-03-14T15:00"),
    ("2027-03-15T14:00", 1, PACIFIC, "2027-03-14T15:00"),
    ("2027-03-15T14:00", 2, PACIFIC, "2027-03-13T16:00"),
    ("2027-03-15T14:00", 1, EASTERN, "2027-03-14T12:00"),
    ("2027-03-15T14:00", 2, EASTERN, "2027-03-13T13:00"),
    ("2027-03-15T14:00", 1, ARIZONA, "2027-03-14T15:00"),
    ("2027-03-15T14:00", 2, ARIZONA, "2027-03-13T15:00"),
    ("2027-03-15T14:00", 1, HAWAII, "2027-03-14T18:00"),
    ("2027-03-15T14:00", 2, HAWAII, "2027-03-13T18:00"),
    ("2027-03-15T14:00", 1, PUERTO_RICO, "2027-03-14T12:00"),
    ("2027-03-15T14:00", 2, PUERTO_RICO, "2027-03-13T12:00"),
    ("2027-03-15T14:00", 1, LONDON, "2027-03-14T08:00"),
    ("2027-03-29T14:00", 1, LONDON, "2027-03-28T07:00"),
    ("2027-03-29T14:00", 2, LONDON, "2027-03-27T08:00"),
    ("2027-11-08T14:00", 1, PACIFIC, "2027-11-07T16:00"),
    ("2027-11-08T14:00", 2, PACIFIC, "2027-11-06T15:00"),
    ("2027-11-07T14:00", 0, PACIFIC, "2027-11-07T16:00"),
    ("2027-11-08T14:00", 1, EASTERN, "2027-11-07T13:00"),
    ("2027-11-08T14:00", 2, EASTERN, "2027-11-06T12:00"),
    ("2027-11-08T14:00", 1, ARIZONA, "2027-11-07T15:00"),
    ("2027-11-08T14:00", 2, ARIZONA, "2027-11-06T15:00"),
    ("2027-11-08T14:00", 1, HAWAII, "2027-11-07T18:00"),
    ("2027-11-08T14:00", 1, PUERTO_RICO, "2027-11-07T12:00"),
    ("2027-11-08T14:00", 2, PUERTO_RICO, "2027-11-06T12:00"),
    ("2027-11-01T14:00", 1, LONDON, "2027-10-31T08:00"),
    ("2027-11-01T14:00", 2, LONDON, "2027-10-30T07:00"),
]


@pytest.mark.parametrize(("starts", "days", "zone", "due"), MORNINGS)
def test_eight_in_the_morning_is_eight_on_the_readers_clock(starts, days, zone, due):
    found = instant_of(morning(days), an_event(starts), zone)
    assert found == utc(due)
    assert to_wall(found, zone).time() == time(8)


def test_the_day_before_is_the_day_before_where_the_reader_is():
    late = an_event("2027-02-10T22:00")  # 6:00 on the 11th in London
    assert instant_of(morning(1), late, LONDON) == utc("2027-02-10T08:00")
    assert instant_of(morning(1), late, PACIFIC) == utc("2027-02-09T16:00")


@pytest.mark.parametrize(
    ("starts", "minute", "due"),
    [
        pytest.param("2027-03-15T14:00", 150, "2027-03-14T10:30", id="2:30 is skipped: as far behind the gap"),
        pytest.param("2027-11-08T14:00", 90, "2027-11-07T08:30", id="1:30 comes twice: the first"),
    ],
)
def test_an_hour_that_the_clock_skips_or_repeats(starts, minute, due):
    assert instant_of(morning(1, minute), an_event(starts), PACIFIC) == utc(due)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("starts", ["2027-03-14T14:00", "2027-11-07T14:00"])
def test_minutes_before_are_elapsed_whatever_the_clocks_do(starts, zone):
    event = an_event(starts)
    assert instant_of(Rule(anchor=Anchor.START, minutes=1440), event, zone) == event.starts_at - DAY
    assert instant_of(Rule(anchor=Anchor.END, minutes=90), event, zone) == event.ends_at + 90 * MINUTE


def test_an_all_day_event_is_counted_from_nine_and_until_five_of_its_own_zone():
    fair = an_event("2027-03-14T00:00", days=2)
    assert begins_at(fair) == utc("2027-03-14T16:00")
    assert closes_at(fair) == utc("2027-03-16T00:00")
    assert instant_of(Rule(anchor=Anchor.START, minutes=120), fair, LONDON) == utc("2027-03-14T14:00")
    assert instant_of(morning(1), fair, EASTERN) == utc("2027-03-13T13:00")
    assert instant_of(morning(1, 540, Anchor.END), fair, PACIFIC) == utc("2027-03-16T16:00")


NIGHT = Quiet(21 * 60, 7 * 60)
QUIET = [
    # when it would be due and when the event begins, in Los Angeles; where it goes
    ("2027-02-10T20:59", "2027-02-11T14:00", "2027-02-10T20:59", ""),
    ("2027-02-10T21:00", "2027-02-11T14:00", "2027-02-11T07:00", "later"),
    ("2027-02-11T06:59", "2027-02-11T14:00", "2027-02-11T07:00", "later"),
    ("2027-02-11T07:00", "2027-02-11T14:00", "2027-02-11T07:00", ""),
    ("2027-02-11T06:00", "2027-02-11T08:00", "2027-02-11T07:00", "later"),
    ("2027-02-11T06:00", "2027-02-11T07:59", "2027-02-10T20:59", "earlier"),
    ("2027-02-11T05:00", "2027-02-11T06:00", "2027-02-10T20:59", "earlier"),
    ("2027-03-14T01:30", "2027-03-14T14:00", "2027-03-14T07:00", "later"),
    ("2027-11-07T01:30", "2027-11-07T14:00", "2027-11-07T07:00", "later"),
]


def pacific(text: str) -> datetime:
    wall = datetime.fromisoformat(text)
    return instant_at(wall.date(), wall.hour * 60 + wall.minute, PACIFIC)


@pytest.mark.parametrize(("due", "begins", "goes", "shift"), QUIET)
def test_nobody_is_woken_and_nobody_hears_of_it_too_late(due, begins, goes, shift):
    assert out_of_quiet(pacific(due), NIGHT, PACIFIC, begins=pacific(begins)) == (pacific(goes), shift)


def test_after_the_end_nothing_is_too_late_and_the_same_hour_twice_is_never_quiet():
    at = pacific("2027-02-10T23:00")
    assert out_of_quiet(at, NIGHT, PACIFIC, begins=None) == (pacific("2027-02-11T07:00"), "later")
    assert out_of_quiet(at, Quiet(0, 0), PACIFIC, begins=at + DAY) == (at, "")


def walked(day: date, minute: int, zone: str) -> datetime:
    """The instant of a wall time, found by walking a day minute by minute from its beginning.

    A wall time that never comes is as many minutes after midnight as it says.
    """
    begins = day_start(day, zone)
    wanted = datetime.combine(day, time()) + minute * MINUTE
    for passed in range(26 * 60):
        if to_wall(begins + passed * MINUTE, zone) == wanted:
            return begins + passed * MINUTE
    return begins + minute * MINUTE


def stretches_around(day: date, quiet: Quiet, zone: str) -> list[Span]:
    """The quiet stretches that begin from the day before to three days after, both ends found by walking."""
    found = []
    for first in (day + n * DAY for n in range(-1, 4)):
        last = first + DAY if quiet.until_minute < quiet.from_minute else first
        start, end = walked(first, quiet.from_minute, zone), walked(last, quiet.until_minute, zone)
        found += [Span(start, end)] if start < end else []
    return found


DAYS = st.sampled_from(
    [date(2027, month, day) + n * DAY for month, day in ((3, 12), (3, 26), (10, 29), (11, 5)) for n in range(5)]
)
CLOCKS = st.integers(0, 1439)


@given(day=DAYS, minute=CLOCKS, zone=st.sampled_from(ZONES), days=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
@example(day=date(2027, 3, 15), minute=150, zone=PACIFIC, days=1)
def test_an_hour_some_days_before_is_the_one_found_by_walking(day, minute, zone, days):
    event = an_event(f"{day}T14:00", zone=zone)
    assert instant_of(morning(days, minute), event, zone) == walked(day - days * DAY, minute, zone)


@given(
    day=DAYS,
    minute=CLOCKS,
    zone=st.sampled_from(ZONES),
    quiet=st.builds(Quiet, CLOCKS, CLOCKS),
    ahead=st.integers(1, 3 * 1440),
)
@example(day=date(2027, 3, 12), minute=0, zone=PACIFIC, quiet=Quiet(600, 599), ahead=3 * 1440)
@example(day=date(2027, 3, 13), minute=1438, zone=PACIFIC, quiet=Quiet(155, 150), ahead=2 * 1440)
@example(day=date(2027, 3, 13), minute=60, zone=GUAM, quiet=Quiet(30, 360), ahead=1440)
@settings(max_examples=60, deadline=None)
def test_out_of_quiet_hours_is_out_of_them_the_nearest_way(day, minute, zone, quiet, ahead):
    at = day_start(day, zone) + minute * MINUTE
    begins = at + ahead * MINUTE
    went, shift = out_of_quiet(at, quiet, zone, begins=begins)
    stretches = stretches_around(day, quiet, zone)

    def is_quiet(instant: datetime) -> bool:
        return any(stretch.start <= instant < stretch.end for stretch in stretches)

    if quiet.from_minute == quiet.until_minute or not is_quiet(at):
        assert (went, shift) == (at, "")
        return
    # Minute by minute: hours that are quiet all day but for a minute have no other way out.
    later = next(at + n * MINUTE for n in range(2 * 1440) if not is_quiet(at + n * MINUTE))
    assert shift == ("later" if later <= begins - 60 * MINUTE else "earlier")
    if shift == "later":
        assert went == later
    else:
        assert went < at
        assert not is_quiet(went)
        assert all(is_quiet(went + n * MINUTE) for n in range(1, int((at - went) / MINUTE) + 1))
