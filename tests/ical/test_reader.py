"""What a foreign calendar says of when somebody is busy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.times import Span
from eventsvc.ical.reader import MAX_TIMES, BusyTime, UnreadableCalendar, read_busy
from tests.ical.calendars import at_ten, calendar, entry, timed

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=1), NOW + timedelta(days=400))
LOS_ANGELES = "America/Los_Angeles"


def spans(raw: bytes, zone: str = LOS_ANGELES, **more: bool) -> list[tuple[str, str]]:
    """The busy times as text, in UTC."""
    times = read_busy(raw, WINDOW, zone, **more).times
    return [(f"{time.span.start:%Y-%m-%d %H:%M}", f"{time.span.end:%Y-%m-%d %H:%M}") for time in times]


def no(raw: bytes) -> str:
    with pytest.raises(UnreadableCalendar) as refusal:
        read_busy(raw, WINDOW, LOS_ANGELES)
    return refusal.value.detail


TEN = [("2027-01-12 10:00", "2027-01-12 11:00")]


def test_an_entry_blocks_its_time():
    (time,) = read_busy(calendar(at_ten("SUMMARY:A\\, b")), WINDOW, LOS_ANGELES).times
    assert time == BusyTime(
        Span(datetime(2027, 1, 12, 10, tzinfo=UTC), datetime(2027, 1, 12, 11, tzinfo=UTC)), "one@test", "A, b"
    )


@pytest.mark.parametrize(
    ("line", "blocks"),
    [
        ("STATUS:CANCELLED", False),
        ("STATUS:cancelled", False),
        ("TRANSP:TRANSPARENT", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("STATUS:CONFIRMED", True),
        ("STATUS:TENTATIVE", True),
        ("TRANSP:OPAQUE", True),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
        ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", True),
    ],
)
def test_only_what_keeps_somebody_busy_blocks(line, blocks):
    assert spans(calendar(at_ten(line))) == (TEN if blocks else [])


def test_a_holiday_that_keeps_nobody_busy_counts_where_it_is_asked_for():
    free = calendar(at_ten("TRANSP:TRANSPARENT"))
    off = calendar(at_ten("STATUS:CANCELLED"))
    assert spans(free, also_free=True) == TEN
    assert spans(off, also_free=True) == []


def test_a_calendar_that_calls_off_blocks_nothing():
    assert spans(calendar(at_ten(), head=("METHOD:CANCEL",))) == []
    assert spans(calendar(at_ten(), head=("METHOD:PUBLISH",))) == TEN


def test_other_parts_of_a_calendar_block_nothing():
    for name in ("VTODO", "VJOURNAL"):
        assert spans(calendar([f"BEGIN:{name}", "UID:t", "DTSTART:20270112T100000Z", f"END:{name}"])) == []
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM"]
    assert spans(calendar(at_ten(*alarm))) == TEN


# Times


def test_a_time_in_a_zone_is_that_instant():
    lines = ("DTSTART;TZID=America/New_York:20270112T100000", "DTEND;TZID=America/New_York:20270112T110000")
    assert spans(calendar(entry(*lines))) == [("2027-01-12 15:00", "2027-01-12 16:00")]


def test_zones_by_the_names_of_windows_are_known():
    lines = ('DTSTART;TZID="Pacific Standard Time":20270712T100000', "DURATION:PT1H")
    assert spans(calendar(entry(*lines)), zone="Europe/Berlin") == [("2027-07-12 17:00", "2027-07-12 18:00")]


def test_a_zone_that_the_calendar_defines_itself_is_followed():
    zone = ["BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0300",
            "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    lines = ("DTSTART;TZID=Ours:20270112T100000", "DTEND;TZID=Ours:20270112T110000")
    assert spans(calendar(zone, entry(*lines))) == [("2027-01-12 07:00", "2027-01-12 08:00")]


def test_a_floating_time_is_meant_in_the_holders_zone():
    floating = calendar(timed("20270112T100000", "20270112T110000"))
    assert spans(floating, LOS_ANGELES) == [("2027-01-12 18:00", "2027-01-12 19:00")]
    assert spans(floating, "Europe/Berlin") == [("2027-01-12 09:00", "2027-01-12 10:00")]


def test_a_floating_time_is_meant_in_the_calendars_own_zone_where_it_has_one():
    floating = calendar(timed("20270112T100000", "20270112T110000"), head=("X-WR-TIMEZONE:America/Denver",))
    assert spans(floating, LOS_ANGELES) == [("2027-01-12 17:00", "2027-01-12 18:00")]


@pytest.mark.parametrize("head", [(), ("X-WR-TIMEZONE:UTC",), ("X-WR-TIMEZONE:Middle-earth/Shire",)])
def test_a_whole_day_runs_from_midnight_to_midnight_at_the_holder(head):
    day = calendar(entry("DTSTART;VALUE=DATE:20270112"), head=head)
    assert spans(day) == [("2027-01-12 08:00", "2027-01-13 08:00")]


def test_a_whole_day_of_a_calendar_with_a_zone_begins_there():
    day = calendar(entry("DTSTART;VALUE=DATE:20270112"), head=("X-WR-TIMEZONE:America/New_York",))
    assert spans(day) == [("2027-01-12 05:00", "2027-01-13 05:00")]


def test_a_whole_day_is_as_long_as_the_clock_makes_it():
    """On 14 March 2027 clocks in Los Angeles lose an hour."""
    days = calendar(entry("DTSTART;VALUE=DATE:20270313", "DTEND;VALUE=DATE:20270315"))
    (time,) = read_busy(days, WINDOW, LOS_ANGELES).times
    assert time.span.end - time.span.start == timedelta(hours=47)
    assert time.days == 2


def test_a_day_that_ends_on_itself_is_that_day():
    assert spans(calendar(entry("DTSTART;VALUE=DATE:20270112", "DTEND;VALUE=DATE:20270112"))) == [
        ("2027-01-12 08:00", "2027-01-13 08:00")
    ]


def test_what_has_no_length_blocks_nothing():
    assert spans(calendar(timed("20270112T100000Z", "20270112T100000Z"))) == []
    assert spans(calendar(entry("DTSTART:20270112T100000Z"))) == []


def test_times_are_cut_to_the_window_and_none_lies_outside():
    assert spans(calendar(timed("20200101T000000Z", "20991231T000000Z"))) == [("2027-01-10 17:00", "2028-02-15 17:00")]
    assert spans(calendar(timed("20270110T160000Z", "20270110T170000Z"))) == []  # ends as the window begins
    assert spans(calendar(timed("20280215T170000Z", "20280215T180000Z"))) == []  # begins as it ends
    assert spans(calendar(timed("20270110T160000Z", "20270110T180000Z"))) == [("2027-01-10 17:00", "2027-01-10 18:00")]


# What repeats


def weekly(*more: str) -> list[str]:
    """Every Tuesday at ten in Los Angeles."""
    zoned = ("DTSTART;TZID=America/Los_Angeles:20270302T100000", "DTEND;TZID=America/Los_Angeles:20270302T110000")
    return entry(*zoned, *more)


def test_a_weekly_entry_keeps_its_wall_time_when_the_clock_changes():
    assert spans(calendar(weekly("RRULE:FREQ=WEEKLY;COUNT=3"))) == [
        ("2027-03-02 18:00", "2027-03-02 19:00"),
        ("2027-03-09 18:00", "2027-03-09 19:00"),
        ("2027-03-16 17:00", "2027-03-16 18:00"),
    ]


def test_an_exception_is_left_out_and_an_extra_date_comes_in():
    zone = "TZID=America/Los_Angeles"
    lines = ("RRULE:FREQ=WEEKLY;COUNT=2", f"EXDATE;{zone}:20270309T100000", f"RDATE;{zone}:20270311T100000")
    assert spans(calendar(weekly(*lines))) == [
        ("2027-03-02 18:00", "2027-03-02 19:00"),
        ("2027-03-11 18:00", "2027-03-11 19:00"),
    ]


def test_a_moved_occurrence_blocks_its_new_time_only_and_a_cancelled_one_none():
    moved = timed("20270309T203000Z", "20270309T213000Z", "RECURRENCE-ID;TZID=America/Los_Angeles:20270309T100000")
    off = timed(
        "20270316T170000Z",
        "20270316T180000Z",
        "RECURRENCE-ID;TZID=America/Los_Angeles:20270316T100000",
        "STATUS:CANCELLED",
    )
    assert spans(calendar(weekly("RRULE:FREQ=WEEKLY;COUNT=3"), moved, off)) == [
        ("2027-03-02 18:00", "2027-03-02 19:00"),
        ("2027-03-09 20:30", "2027-03-09 21:30"),
    ]


def test_a_rule_that_never_ends_is_followed_to_the_end_of_the_window():
    times = spans(calendar(timed("20200106T100000Z", "20200106T110000Z", "RRULE:FREQ=WEEKLY")))
    assert (times[0][0], times[-1][0], len(times)) == ("2027-01-11 10:00", "2028-02-14 10:00", 58)


def test_the_newest_of_two_entries_with_one_uid_counts():
    old = at_ten("SEQUENCE:0")
    new = timed("20270112T140000Z", "20270112T150000Z", "SEQUENCE:1")
    assert spans(calendar(old, new)) == [("2027-01-12 14:00", "2027-01-12 15:00")]


# Free and busy


def test_free_and_busy_times_block_but_the_free_ones():
    raw = calendar(
        [
            "BEGIN:VFREEBUSY",
            "UID:f",
            "FREEBUSY:20270112T100000Z/20270112T110000Z,20270112T130000Z/PT30M",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270113T100000Z/PT1H",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270114T100000Z/PT1H",
            "FREEBUSY;FBTYPE=FREE:20270115T100000Z/PT1H",
            "END:VFREEBUSY",
        ]
    )
    assert [start for start, _ in spans(raw)] == [
        "2027-01-12 10:00",
        "2027-01-12 13:00",
        "2027-01-13 10:00",
        "2027-01-14 10:00",
    ]


# What cannot be read


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "nothing in it begins with BEGIN:VCALENDAR"),
        (b"<!doctype html><title>Sign in</title>", "nothing in it begins with BEGIN:VCALENDAR"),
        (calendar(at_ten())[:-20], "ends in the middle"),
        (calendar(at_ten())[:150], "ends in the middle"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 50_000, "nested too deep"),
        (calendar("X"), "breaks the rules of calendars"),
        (calendar(entry("DTSTART:sometime")), "Not one of its entries"),
        (calendar(at_ten("RRULE:FREQ=SECONDLY")), "every second"),
        (calendar(at_ten("RRULE:FREQ=MINUTELY;COUNT=3")), "every minute"),
        (calendar(at_ten("RRULE:FREQ=DAILY;INTERVAL=0")), "never comes"),
        (calendar(timed("20270112T100000Z", "20270112T100500Z", "RRULE:FREQ=HOURLY")), f"more than {MAX_TIMES}"),
        (b" " * 1_000_001, "larger than 1 MB"),
    ],
    ids=["empty", "page", "cut", "early", "deep", "line", "date", "seconds", "minutes", "stands", "hours", "large"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(raw, words):
    assert words in no(raw)


def test_a_bad_entry_spoils_no_other_and_is_counted():
    reading = read_busy(calendar(at_ten(), entry("DTSTART:sometime", uid="two")), WINDOW, LOS_ANGELES)
    assert (len(reading.times), reading.skipped) == (1, 1)


def test_an_empty_calendar_is_a_calendar():
    assert spans(calendar()) == []


def test_a_calendar_in_utf_16_is_read():
    assert spans(calendar(at_ten()).decode().encode("utf-16")) == TEN


def test_two_calendars_in_one_text_are_both_read():
    two = calendar(at_ten()) + calendar(timed("20270113T100000Z", "20270113T110000Z", uid="two"))
    assert len(spans(two)) == 2
