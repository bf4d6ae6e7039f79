"""The room of its own: bombs end in a refusal, and the calendars of the world are read or refused."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.times import Span
from eventsvc.ical.confined import Limits, read_confined
from eventsvc.ical.reader import UnreadableCalendar
from tests.ical.calendars import at_ten, calendar, timed
from tests.left_out import shared

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=1), NOW + timedelta(days=400))
LOS_ANGELES = "America/Los_Angeles"
EVERY_SECOND = "RRULE:FREQ=DAILY;BYHOUR={};BYMINUTE={};BYSECOND={}".format(
    *(",".join(map(str, range(most))) for most in (24, 60, 60))
)
TOO_MUCH = "It takes too much time or memory to work out what repeats in it."


def no(raw: bytes, limits: Limits) -> str:
    with pytest.raises(UnreadableCalendar) as refusal:
        read_confined(raw, WINDOW, LOS_ANGELES, limits=limits)
    return refusal.value.detail


def test_a_calendar_is_read_in_the_room_as_outside():
    reading = read_confined(calendar(at_ten()), WINDOW, LOS_ANGELES)
    assert [time.uid for time in reading.times] == ["one@test"]
    assert read_confined(calendar(at_ten("TRANSP:TRANSPARENT")), WINDOW, LOS_ANGELES).times == ()


def test_a_refusal_comes_out_of_the_room_as_it_was_said():
    assert no(calendar(at_ten("RRULE:FREQ=SECONDLY")), Limits()) == (
        "A rule in it repeats every minute or every second."
    )
    assert no(b"a" * 50_000_000, Limits()) == "It is larger than 1 MB."


@pytest.mark.parametrize(
    "limits",
    [Limits(cpu_seconds=1), Limits(wall_seconds=0.3), Limits(memory_bytes=40_000_000)],
    ids=["time of the processor", "time", "memory"],
)
def test_a_bomb_is_ended_within_its_limits_and_leaves_no_process(limits):
    bomb = calendar(timed("20270112T100000Z", "20270112T100001Z", EVERY_SECOND))
    assert no(bomb, limits) == TOO_MUCH
    assert multiprocessing.active_children() == []


def test_a_zone_that_a_calendar_defines_does_not_reach_the_next():
    """In one process the first definition of a zone's name would win."""

    def hour(offset: str) -> int:
        zone = ["BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}",
                f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
        lines = ["BEGIN:VEVENT", "UID:z", "DTSTART;TZID=Ours:20270112T120000", "DURATION:PT1H", "END:VEVENT"]
        return read_confined(calendar(zone, lines), WINDOW, LOS_ANGELES).times[0].span.start.hour

    assert (hour("+0300"), hour("-0300")) == (9, 15)


# The calendars of the world. The window is as wide as they are old.
WIDE = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def test_the_feeds_of_many_producers_are_read():
    refused = {}
    for path in sorted(shared("ical/feeds").glob("*.ics")):
        try:
            read_confined(path.read_bytes(), WIDE, LOS_ANGELES)
        except UnreadableCalendar as refusal:
            refused[path.name] = refusal.detail
    assert refused == {"outlook_standup.ics": "It holds more than 5000 busy times."}  # thirty years of standing up


def test_malformed_files_are_read_or_refused_with_a_reason():
    outcomes = {}
    for path in sorted(shared("ical/bad").glob("*.ics")):
        try:
            reading = read_confined(path.read_bytes(), WIDE, LOS_ANGELES)
            outcomes[path.name] = (len(reading.times), reading.skipped)
        except UnreadableCalendar as refusal:
            outcomes[path.name] = refusal.detail.split(":")[0]
    assert outcomes["late_error_401.ics"] == (394, 7)
    assert outcomes["utf16.ics"] == (10, 0)
    assert outcomes["fuzz_month.ics"] == "It is not a calendar"
    assert outcomes["broken_line.ics"] == "It breaks the rules of calendars"
    assert len(outcomes) == 30


def test_an_academic_calendar_is_read_with_its_holidays():
    raw = shared("events/princeton.ics").read_bytes()
    reading = read_confined(raw, WIDE, "America/New_York", also_free=True)
    assert reading.skipped == 0
    assert len(reading.times) > 100
    assert all(time.days for time in reading.times)
