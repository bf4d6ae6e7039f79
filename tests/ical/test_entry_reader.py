"""Whole entries of foreign calendars: words, times, what repeats, what was changed of it, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.core.times import Span, zone_named
from eventsvc.ical.confined import Limits, read_entries_confined
from eventsvc.ical.entry_reader import read_entries
from eventsvc.ical.occurrences import MAX_OCCURRENCES, MAX_OF_ONE, Entries, Occurrence
from eventsvc.ical.reader import UnreadableCalendar
from tests.ical.calendars import at_ten, calendar, entry, timed

HERE = "America/Los_Angeles"
NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=30), NOW + timedelta(days=400))


def read(*parts: str | list[str], head: tuple[str, ...] = ()) -> Entries:
    return read_entries(calendar(*parts, head=head), WINDOW, HERE)


def one(*lines: str, head: tuple[str, ...] = ()) -> Occurrence:
    (found,) = read(at_ten(*lines), head=head).occurrences
    return found


def starts(entries: Entries) -> list[str]:
    return [f"{(found.starts_at or found.starts_on):%m-%d %H:%M}" for found in entries.occurrences]


def test_an_entry_says_all_that_an_event_can_hold():
    found = one(
        "SUMMARY:Careers\\, and water",
        "DESCRIPTION:Line one\\nLine two\\n\\nLast",
        "LOCATION:Harbor Lounge\\, Main campus",
        "GEO:33.78;-118.26",
        "URL:https://college.example/careers",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example/abc",
        "CATEGORIES:Workshop,Transfer",
        "CATEGORIES:Water",
        "SEQUENCE:3",
        "LAST-MODIFIED:20270101T120000Z",
    )
    assert found == Occurrence(
        line=4,
        uid="one@test",
        sequence=3,
        modified_at=datetime(2027, 1, 1, 12, tzinfo=UTC),
        starts_at=datetime(2027, 1, 12, 10, tzinfo=UTC),
        ends_at=datetime(2027, 1, 12, 11, tzinfo=UTC),
        title="Careers, and water",
        description="Line one  \nLine two\n\nLast",
        location="Harbor Lounge, Main campus",
        position=(33.78, -118.26),
        url="https://college.example/careers",
        online_url="https://meet.example/abc",
        categories=("Workshop", "Transfer", "Water"),
    )


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("STATUS:CANCELLED", "is_cancelled", True),
        ("STATUS:tentative", "is_tentative", True),
        ("CLASS:PRIVATE", "is_private", True),
        ("CLASS:CONFIDENTIAL", "is_private", True),
        ("CLASS:PUBLIC", "is_private", False),
        ("X-GOOGLE-CONFERENCE:https://meet.example/g", "online_url", "https://meet.example/g"),
        ("X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.example/t", "online_url", "https://teams.example/t"),
        ("LOCATION:https://zoom.example/j/1", "online_url", "https://zoom.example/j/1"),
        ("LOCATION:https://zoom.example/j/1", "location", ""),
        ("LOCATION:Room 5 or https://zoom.example/j/1", "location", "Room 5 or https://zoom.example/j/1"),
        ("DESCRIPTION:<p>Come <b>all</b></p><p>to <a href='https://x.example/'>us</a></p>", "description",
         "Come all\n\nto [us](<https://x.example/>)"),
        ("DESCRIPTION:<ul><li>One</li><li>Two</li></ul><script>alert(1)</script>", "description", "- One  \n- Two"),
        ("DESCRIPTION:a < b & c", "description", "a < b & c"),
        ("SUMMARY:It&#39\\;s", "title", "It&#39;s"),
        ("X-ALT-DESC;FMTTYPE=text/html:<html><body>Page</body></html>", "description", "Page"),
        ("SEQUENCE:-4", "sequence", 0),
    ],
)  # fmt: skip
def test_a_property_says(line, field, value):
    assert getattr(one(line), field) == value


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("URL:mailto:somebody@college.example", "Its URL is no web address and is left out."),
        ("GEO:433.78;-118.26", "Its position is none on earth and is left out."),
        ("no colon here", "Line 10 is no line of a calendar: left out ('no colon here')."),
        ("SUMMARY:Again", "Line 10: a second SUMMARY is left out."),
        ("EXRULE:FREQ=DAILY", "Line 10: EXRULE is not followed."),
        ("RRULE:FREQ=NEVER", "Line 10: RRULE cannot be read and is left out."),
    ],
)
def test_what_is_left_out_is_named_with_its_line(line, warning):
    assert one("SUMMARY:One", line).warnings == (warning,)


def test_a_title_or_description_that_is_too_long_is_cut_and_said_to_be():
    found = one(f"SUMMARY:{'a' * 300}", f"DESCRIPTION:{'b' * 9_000}")
    assert (len(found.title), len(found.description)) == (200, 8_000)
    assert found.warnings == (
        "Its title is cut to 200 characters.",
        "Its description is cut to 8000 characters.",
    )


NO_END = "It has no end, or no length: 60 minutes are assumed."
ALSO_DAY = "Its start is a day and its end a time, or the other way round: the start decides."


@pytest.mark.parametrize(
    ("lines", "start", "length", "warnings"),
    [
        (["DTSTART:20270112T100000Z", "DURATION:PT90M"], "2027-01-12T10:00", 90, ()),
        (["DTSTART:20270112T100000Z"], "2027-01-12T10:00", 60, (NO_END,)),
        (["DTSTART:20270112T100000Z", "DTEND:20270112T100000Z"], "2027-01-12T10:00", 60, (NO_END,)),
        (["DTSTART:20270112T100000", "DTEND:20270112T110000"], "2027-01-12T18:00", 60, ()),
        (["DTSTART;TZID=America/Denver:20270712T100000", "DTEND;TZID=America/Denver:20270712T110000"],
         "2027-07-12T16:00", 60, ()),
        (["DTSTART;TZID=Mountain Standard Time:20270712T100000", "DTEND;TZID=Mountain Standard Time:20270712T110000"],
         "2027-07-12T16:00", 60, ()),
        (["DTSTART;TZID=\"America/Denver\":20270712T100000", "DURATION:PT1H"], "2027-07-12T16:00", 60, ()),
        (["DTSTART;TZID=Nowhere:20270712T100000", "DURATION:PT1H"], "2027-07-12T17:00", 60,
         ("The zone 'Nowhere' is not defined: times are read in America/Los_Angeles.",)),
        (["DTSTART;TZID=America/Los_Angeles:20270314T023000", "DURATION:PT1H"], "2027-03-14T10:30", 60,
         (NO_END, "It starts at a time that the clock skips there; it is read as shown before the change.",)),
        (["DTSTART;VALUE=DATE:20270112"], "2027-01-12", 1, ()),
        (["DTSTART;VALUE=DATE:20270112", "DTEND;VALUE=DATE:20270115"], "2027-01-12", 3, ()),
        (["DTSTART;VALUE=DATE:20270112", "DTEND;VALUE=DATE:20270112"], "2027-01-12", 1,
         ("Its last day is given as its end: it counts.",)),
        (["DTSTART;VALUE=DATE:20270112", "DTEND:20270113T120000Z"], "2027-01-12", 2, (ALSO_DAY,)),
        (["DTSTART;TZID=America/Denver;VALUE=DATE:20270112"], "2027-01-12", 1, ()),
    ],
)  # fmt: skip
def test_when_an_entry_is(lines, start, length, warnings):
    (found,) = read(entry("SUMMARY:One", *lines)).occurrences
    if found.starts_on is not None:
        assert (found.starts_on.isoformat(), found.days) == (start, length)
    else:
        assert found.starts_at.strftime("%Y-%m-%dT%H:%M") == start
        assert (found.ends_at - found.starts_at) == timedelta(minutes=length)
    assert found.warnings == warnings


def test_floating_times_count_in_the_calendars_own_zone():
    (found,) = read(
        entry("DTSTART:20270112T100000", "DURATION:PT1H"), head=("X-WR-TIMEZONE:Europe/Berlin",)
    ).occurrences
    assert found.starts_at == datetime(2027, 1, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["SUMMARY:No start"], "It has no start."),
        (["DTSTART:20271399T100000Z"], "Its start on line 7 cannot be read."),
        (["DTSTART:20270112T100000Z", "DTEND:20270112T090000Z"], "It ends before it starts."),
        (["DTSTART:20270112T100000Z", "RRULE:FREQ=SECONDLY"], "It repeats every minute or every second."),
        (["DTSTART:20270112T100000Z", "RRULE:FREQ=DAILY;INTERVAL=0"], "Its rule never comes to its next day."),
        (["DTSTART:20270112T100000Z", "RECURRENCE-ID:someday"],
         "It stands for one of several dates; which, on line 8, cannot be read."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line_and_the_others_still_count(lines, reason):
    bad = entry(*lines, uid="bad@test")
    found = read(bad, at_ten())
    assert [(no.line, no.reason, no.uid) for no in found.refused] == [(4, reason, "bad@test")]
    assert starts(found) == ["01-12 10:00"]
    assert found.whole == {"one@test"}
    with pytest.raises(UnreadableCalendar) as refusal:
        read(bad)
    assert (refusal.value.detail, refusal.value.facts["line"]) == (
        f"Not one of its entries can be read. Line 4: {reason}",
        4,
    )


@pytest.mark.parametrize(
    ("raw", "line", "reason"),
    [
        (b"", 1, "It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."),
        (b"<html>", 1, "It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 9, 9, "Line 9: its parts are nested too deep."),
        (b"BEGIN:VCALENDAR\nSUMMARY:" + b"a" * 300_000, 2, "Line 2 is too long to be of a calendar."),
        (b"BEGIN:VCALENDAR\n" + b"\n" * 300_000, 200_001, "It has more than 200000 lines."),
        (b"a" * 1_000_001, 1, "It is larger than 1 MB."),
    ],
    ids=["empty", "page", "deep", "long", "lines", "large"],
)
def test_a_file_that_is_no_calendar_is_refused_with_a_line(raw, line, reason):
    with pytest.raises(UnreadableCalendar) as refusal:
        read_entries(raw, WINDOW, HERE)
    assert (refusal.value.facts["line"], refusal.value.detail) == (line, reason)


def test_an_entry_that_never_ends_is_refused_and_the_next_one_read():
    found = read(at_ten()[:-1], at_ten(uid="two@test"))
    assert [(no.line, no.reason) for no in found.refused] == [(4, "It never ends: END:VEVENT is missing.")]
    assert [one.uid for one in found.occurrences] == ["two@test"]
    assert not found.is_whole


def test_half_a_calendar_is_not_taken_for_a_whole_one():
    half = calendar(at_ten()).replace(b"END:VCALENDAR\r\n", b"")
    found = read_entries(half, WINDOW, HERE)
    assert starts(found) == ["01-12 10:00"]
    assert not found.is_whole
    assert [words for _, words in found.warnings] == ["The calendar that begins on line 1 never ends."]


def test_what_is_no_event_is_named():
    found = read(["BEGIN:VTODO", "UID:t", "END:VTODO"], ["BEGIN:VFREEBUSY", "UID:b", "END:VFREEBUSY"])
    assert [words for _, words in found.warnings] == [
        "It holds no event.",
        "Line 4: a task is no event.",
        "Line 7: busy times is no event.",
    ]


def test_alarms_and_guests_of_an_entry_are_not_read():
    alarm = ["BEGIN:VALARM", "TRIGGER:-PT15M", "SUMMARY:Wake up", "DTSTART:nonsense", "END:VALARM"]
    lines = at_ten("SUMMARY:One", "ATTENDEE:mailto:guest@college.example")
    found = read([*lines[:-1], *alarm, lines[-1]])
    assert [(one.title, one.warnings) for one in found.occurrences] == [("One", ())]


def test_a_rule_with_exceptions_more_dates_and_moved_ones():
    found = read(
        timed(
            "20270112T100000Z", "20270112T110000Z", "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;COUNT=4",
            "EXDATE:20270119T100000Z", "RDATE:20270115T100000Z", "SEQUENCE:2",
        ),
        timed("20270126T150000Z", "20270126T160000Z", "RECURRENCE-ID:20270126T100000Z", "SUMMARY:Later"),
        timed("20270202T100000Z", "20270202T110000Z", "RECURRENCE-ID:20270202T100000Z", "STATUS:CANCELLED"),
    )  # fmt: skip
    assert [(one.recurrence, one.title, one.line, one.is_cancelled, one.sequence) for one in found.occurrences] == [
        ("20270112T100000Z", "Weekly", 4, False, 2),
        ("20270115T100000Z", "Weekly", 4, False, 2),
        ("20270126T100000Z", "Later", 15, False, 2),
        ("20270202T100000Z", "", 23, True, 2),
    ]
    assert starts(found) == ["01-12 10:00", "01-15 10:00", "01-26 15:00", "02-02 10:00"]


def test_this_and_all_following_dates_are_told_apart():
    found = read(
        timed("20270112T100000Z", "20270112T110000Z", "SUMMARY:Old", "RRULE:FREQ=DAILY;COUNT=4"),
        timed("20270114T120000Z", "20270114T130000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270114T100000Z"),
    )
    assert starts(found) == ["01-12 10:00", "01-13 10:00", "01-14 12:00", "01-15 12:00"]
    assert len({one.recurrence for one in found.occurrences}) == 4


def test_a_recurrence_in_utc_is_the_one_that_the_rule_has_in_a_zone():
    found = read(
        entry("DTSTART;TZID=America/Denver:20270112T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"),
        timed("20270113T200000Z", "20270113T210000Z", "RECURRENCE-ID:20270113T170000Z"),
    )
    assert [(one.recurrence, one.starts_at.hour) for one in found.occurrences] == [
        ("20270112T170000Z", 17),
        ("20270113T170000Z", 20),
    ]


def test_of_two_entries_of_one_uid_the_newest_counts_and_that_is_said():
    found = read(at_ten("SUMMARY:New", "SEQUENCE:2"), at_ten("SUMMARY:Old", "SEQUENCE:1"))
    assert [(one.title, one.warnings) for one in found.occurrences] == [
        ("New", ("Another entry of the same UID stands in the file; the newest counts.",))
    ]


def test_a_calendar_of_cancellations_cancels():
    assert one(head=("METHOD:CANCEL",)).is_cancelled


def test_no_more_dates_are_read_than_are_possible():
    hourly = read(at_ten("RRULE:FREQ=HOURLY"))
    assert len(hourly.occurrences) == MAX_OF_ONE
    assert [words for _, words in hourly.warnings] == ["Line 4: more than 500 dates; the first of them count."]
    assert hourly.whole == frozenset()
    many = [at_ten("RRULE:FREQ=DAILY", uid=f"{number}@test") for number in range(13)]
    entries = read(*many)
    assert len(entries.occurrences) == MAX_OCCURRENCES
    assert entries.whole < entries.uids


BOMB = "RRULE:FREQ=DAILY;BYHOUR={};BYMINUTE={};BYSECOND={}".format(
    *(",".join(map(str, range(most))) for most in (24, 60, 60))
)


def test_a_bomb_is_refused_with_its_line_and_its_neighbours_are_read():
    found = read_entries_confined(calendar(at_ten(BOMB, uid="bomb@test"), at_ten()), WINDOW, HERE)
    assert [(no.line, no.reason) for no in found.refused] == [
        (4, "It takes too much time to work out what repeats in it.")
    ]
    assert [one.uid for one in found.occurrences] == ["one@test"]


@pytest.mark.parametrize("limits", [Limits(wall_seconds=0.2), Limits(memory_bytes=20_000_000)], ids=["time", "memory"])
def test_a_file_of_bombs_ends_within_its_limits(limits):
    bombs = [at_ten(BOMB, uid=f"{number}@test") for number in range(30)]
    with pytest.raises(UnreadableCalendar) as refusal:
        read_entries_confined(calendar(*bombs), WINDOW, HERE, limits=limits)
    assert refusal.value.facts["line"] >= 1


def test_fifty_megabytes_are_refused_unread():
    with pytest.raises(UnreadableCalendar, match="larger than 1 MB"):
        read_entries_confined(b"BEGIN:VCALENDAR\r\nX:" + b"a" * 50_000_000, WINDOW, HERE)


def zone(name: str, offset: str) -> list[str]:
    """A zone that is always as far from UTC."""
    always = ["BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
    return ["BEGIN:VTIMEZONE", f"TZID:{name}", *always, "END:STANDARD", "END:VTIMEZONE"]


@pytest.mark.parametrize("name", ["Campus", "Foo/Bar", "W. Europe Standard Time"])
@pytest.mark.parametrize("read_it", [read_entries, read_entries_confined], ids=["in one process", "confined"])
def test_two_files_that_define_one_zone_differently_are_both_right(name, read_it):
    def hour(*more: list[str]) -> int:
        raw = calendar(*more, entry(f"DTSTART;TZID={name}:20270112T120000", "DURATION:PT1H"))
        (found,) = read_it(raw, WINDOW, HERE).occurrences
        return int(found.starts_at.hour)

    first, second, neither = hour(zone(name, "+0900")), hour(zone(name, "+0300")), hour()
    assert (first, second) == (3, 9)
    assert neither == (11 if name.startswith("W.") else 20)


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@settings(max_examples=80, deadline=None)
@given(
    days=st.sets(st.sampled_from(range(7)), min_size=1),
    interval=st.integers(1, 4),
    count=st.integers(1, 60),
    hour=st.integers(4, 22),
    left_out=st.sets(st.integers(0, 59), max_size=5),
)
def test_weekly_rules_are_what_counting_days_says(days, interval, count, hour, left_out):
    """Against a calendar read by hand: walk over the days, over both clock changes of the year."""
    first = next(day for day in (date(2027, 1, 12) + timedelta(days=n) for n in range(7)) if day.weekday() in days)
    week = first - timedelta(days=first.weekday())
    walked = [first + timedelta(days=n) for n in range(count * 7 * interval + 7)]
    taken = [day for day in walked if day.weekday() in days and (day - week).days // 7 % interval == 0][:count]
    kept = [day for number, day in enumerate(taken) if number not in left_out]
    wall = [datetime(day.year, day.month, day.day, hour, tzinfo=zone_named(HERE)) for day in kept]
    expected = [moment.astimezone(UTC) for moment in wall if moment.astimezone(UTC) < WINDOW.end]
    gone = [f"EXDATE;TZID={HERE}:{taken[n]:%Y%m%d}T{hour:02}0000" for n in sorted(left_out) if n < len(taken)]
    by_day = ",".join(DAYS[day] for day in sorted(days))
    rule = f"RRULE:FREQ=WEEKLY;INTERVAL={interval};COUNT={count};BYDAY={by_day}"
    found = read(entry(f"DTSTART;TZID={HERE}:{first:%Y%m%d}T{hour:02}0000", "DURATION:PT1H", rule, *gone))
    assert [one.starts_at for one in found.occurrences] == expected
