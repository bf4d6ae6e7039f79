"""Calendars of other programs, as they are in the wild: each is read, and every difference is named.

Beside `../shared/data`; what recurring-ical-events makes of the same bytes is the measure of the dates.
"""

from __future__ import annotations

import warnings
from collections import Counter
from datetime import UTC, date, datetime

import icalendar
import pytest
import recurring_ical_events

from eventsvc.core.times import Span, is_zone, zone_named
from eventsvc.ical.confined import read_entries_confined
from eventsvc.ical.entry_reader import read_entries
from eventsvc.ical.occurrences import MAX_OF_ONE, Entries
from eventsvc.ical.reader import UnreadableCalendar
from tests.left_out import shared

HERE = "America/Los_Angeles"
YEARS = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))

# Each file: how many dates within those years, and what is named as different from what the file says.
FEEDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "apple_blalor.ics": (285, ()),
    "apple_holidays.ics": (58, ("It has no title.",)),
    "apple_macos11_status.ics": (4, ()),
    "apple_mavericks.ics": (2, ()),
    "calendarlabs_same_day_dtend.ics": (1, ("Its last day is given as its end: it counts.",)),
    "churchbuilder_until.ics": (8, ()),
    "dup_uid_sequence.ics": (2, ("Another entry of the same UID stands in the file; the newest counts.",)),
    "emclient_stacksize.ics": (1, ()),
    "evolution_softwarestudio_tzid.ics": (1, ()),
    "exchange_allday_moved.ics": (51, ()),
    "google_holidays.ics": (218, ("It has no title.",)),
    "google_invalid_offset.ics": (8, ()),
    "ical_js_parserv2.ics": (500, ("Line 21: more than 500 dates; the first of them count.",)),
    "icloud_caldav.ics": (519, ("Line 47: more than 500 dates; the first of them count.",)),
    "iphone26_structured_location.ics": (1, ()),
    "japan_utf8_tz.ics": (1, ("Some letters are no UTF-8 and may have come out wrong.",)),
    "khal_7_timezones.ics": (12, ()),
    "korganizer_rdate25.ics": (320, ()),
    "lanyrd.ics": (
        8,
        (
            "71: Its start on line 74 cannot be read.",
            "Its start is a day and its end a time, or the other way round: the start decides.",
        ),
    ),
    "lotus_calconnect6.ics": (1, ()),
    "lotus_calconnect7.ics": (1, ()),
    "meetup_2016.ics": (1, ()),
    "meetup_2022.ics": (1, ()),
    "multi_era_tz.ics": (1, ()),
    "nextcloud_maritz.ics": (3, ()),
    "office365_custom_tz.ics": (51, ()),
    "outlook2007_folds.ics": (1, ()),
    "outlook_2207678.ics": (500, ("Line 16: more than 500 dates; the first of them count.",)),
    "outlook_ms_tzid.ics": (1, ("It has no end, or no length: 60 minutes are assumed.", "It has no title.")),
    "outlook_session6.ics": (1, ()),
    "outlook_standup.ics": (500, ("Line 22: more than 500 dates; the first of them count.",)),
    "outlook_tzid_8bit.ics": (1, ("It has no end, or no length: 60 minutes are assumed.", "It has no title.")),
    "owncloud_unicode.ics": (16, ()),
    "sun_calendar_server.ics": (10, ()),
    "tripit.ics": (47, ()),
    "tvcountdown.ics": (26, ("Another entry of the same UID stands in the file; the newest counts.",)),
}
# The same; what is refused as a whole has no dates, and why with the line.
BAD: dict[str, tuple[int | None, tuple[str, ...]]] = {
    "bad_base64.ics": (0, ("It holds no event.",)),
    "bad_line.ics": (
        3,
        (
            "Line 20 is no line of a calendar: left out ('X-NO-VALUE').",
            "The zone 'US-Mountain' is not defined: times are read in America/Los_Angeles.",
        ),
    ),
    "bad_organizer.ics": (
        3,
        (
            "Its title is cut to 200 characters.",
            "The zone 'US-Mountain' is not defined: times are read in America/Los_Angeles.",
        ),
    ),
    "bad_rrule.ics": (
        1500,
        (
            "Line 26: more than 500 dates; the first of them count.",
            "Line 47: more than 500 dates; the first of them count.",
            "Line 68: more than 500 dates; the first of them count.",
            "It has no end, or no length: 60 minutes are assumed.",
        ),
    ),
    "bad_wrapping.ics": (1, ()),
    "big_bad.ics": (None, ("2: Not one of its entries can be read. Line 2: It has no start.",)),
    "broken_dtstart.ics": (
        None,
        ("4: Not one of its entries can be read. Line 4: Its start on line 6 cannot be read.",),
    ),
    "broken_line.ics": (1, ("It has no UID: when its time or title changes, it counts as another event.",)),
    "debian_schedule.ics": (37, ()),
    "duration_PT-2H.ics": (2, ()),
    "empty_lines.ics": (4, ()),
    "fuzz_month.ics": (None, ("1: It is not a calendar: nothing in it begins with BEGIN:VCALENDAR.",)),
    "invalid_duration.ics": (
        1,
        ("It has no end, or no length: 60 minutes are assumed.", "Line 8: DURATION cannot be read and is left out."),
    ),
    "late_error_401.ics": (
        395,
        (
            "359: Its start on line 360 cannot be read.",
            "365: Its start on line 366 cannot be read.",
            "737: Its start on line 738 cannot be read.",
            "1109: Its start on line 1110 cannot be read.",
            "1667: Its start on line 1668 cannot be read.",
            "2039: Its start on line 2040 cannot be read.",
            "It has no end, or no length: 60 minutes are assumed.",
            "Line 2407: a second DTSTART is left out.",
        ),
    ),
    "mixed_awareness.ics": (1, ("4: It ends before it starts.",)),
    "no_uid.ics": (1, ("It has no UID: when its time or title changes, it counts as another event.",)),
    "non_utc_until.ics": (53, ()),
    "recid_invalid_tzid.ics": (6, ("The zone 'foo' is not defined: times are read in America/Los_Angeles.",)),
    "request_no_dtstamp.ics": (1, ()),
    "request_no_uid.ics": (1, ("It has no UID: when its time or title changes, it counts as another event.",)),
    "small_bad.ics": (None, ("2: Not one of its entries can be read. Line 2: It has no start.",)),
    "start_invalid_end_ok.ics": (
        None,
        ("4: Not one of its entries can be read. Line 4: Its start on line 6 cannot be read.",),
    ),
    "two_locations.ics": (
        3,
        (
            "Its title is cut to 200 characters.",
            "Line 13: LOCATION cannot be read and is left out.",
            "The zone 'US-Mountain' is not defined: times are read in America/Los_Angeles.",
        ),
    ),
    "two_tzids_in_vtimezone.ics": (1, ()),
    "tz_offset_5328.ics": (1, ("Line 3: the time zone defined there cannot be read.",)),
    "tz_offset_5744.ics": (0, ("It holds no event.", "Line 2: the time zone defined there cannot be read.")),
    "tzid_without_vtimezone.ics": (
        2,
        (
            "9: It has no start.",
            "15: It has no start.",
            "Line 12: a task is no event.",
            "It has no UID: when its time or title changes, it counts as another event.",
        ),
    ),
    "until_type_mismatch2.ics": (35, ()),
    "utc_with_tzid.ics": (1, ()),
    "utf16.ics": (10, ()),
}


def named(entries: Entries) -> tuple[str, ...]:
    """Every difference that is named: refused entries by their line, warnings of the file and of its entries."""
    said = [f"{one.line}: {one.reason}" for one in entries.refused]
    said += [words for _, words in entries.warnings]
    said += sorted({words for one in entries.occurrences for words in one.warnings})
    return tuple(said)


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_from_the_wild_is_read_and_each_difference_is_named(name):
    entries = read_entries_confined(shared(f"ical/feeds/{name}").read_bytes(), YEARS, HERE)
    assert (len(entries.occurrences), named(entries)) == FEEDS[name]


def test_every_feed_of_the_corpus_stands_in_the_table_and_at_least_34_of_36_hold_dates():
    there = {path.name for path in shared("ical/feeds").glob("*.ics")}
    assert there == set(FEEDS)
    assert sum(number > 0 for number, _ in FEEDS.values()) >= 34


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_read_with_a_named_warning_or_refused_with_a_line(name):
    assert outcome(shared(f"ical/bad/{name}").read_bytes()) == BAD[name]


def outcome(raw: bytes) -> tuple[int | None, tuple[str, ...]]:
    """How many dates and what is named; no dates where the file is refused, and why."""
    try:
        entries = read_entries_confined(raw, YEARS, HERE)
    except UnreadableCalendar as refusal:
        return None, (f"{refusal.facts['line']}: {refusal.detail}",)
    return len(entries.occurrences), named(entries)


def test_every_bad_file_stands_in_the_table():
    assert {path.name for path in shared("ical/bad").glob("*.ics")} == set(BAD)


# What is read otherwise than by the library alone, and why.
READ_OTHERWISE = {
    "lanyrd.ics": "the library refuses the whole file for one start that is no time",
    "owncloud_unicode.ics": "a start that says both a zone and VALUE=DATE is a day, as VALUE says",
}


@pytest.mark.parametrize("name", [name for name in FEEDS if name not in READ_OTHERWISE])
def test_dates_are_those_of_recurring_ical_events(name):
    raw = shared(f"ical/feeds/{name}").read_bytes()
    ours: dict[str, set[datetime | date]] = {}
    for one in read_entries(raw, YEARS, HERE).occurrences:
        ours.setdefault(one.uid, set()).add(one.starts_at or one.starts_on)
    theirs = {uid: set(sorted(dates)[:MAX_OF_ONE]) for uid, dates in by_the_library(raw).items()}
    assert ours == theirs


def by_the_library(raw: bytes) -> dict[str, set[datetime | date]]:
    """Every start by UID, as the library alone reads it."""
    found: dict[str, set[datetime | date]] = {}
    icalendar.use_zoneinfo()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendar = icalendar.Calendar.from_ical(raw)
        zone = str(calendar.get("X-WR-TIMEZONE", HERE))
        occurrences = list(recurring_ical_events.of(calendar).between(YEARS.start, YEARS.end))
    for one in occurrences:
        moment = one["DTSTART"].dt
        if isinstance(moment, datetime):
            aware = moment if moment.tzinfo else moment.replace(tzinfo=zone_named(zone if is_zone(zone) else HERE))
            moment = aware.astimezone(UTC).replace(second=0)
        found.setdefault(str(one["UID"]), set()).add(moment)
    return found


def test_the_same_file_twice_says_the_same():
    raw = shared("ical/feeds/office365_custom_tz.ics").read_bytes()
    assert read_entries_confined(raw, YEARS, HERE) == read_entries(raw, YEARS, HERE)


def test_no_date_of_a_feed_is_told_apart_by_nothing():
    for name in FEEDS:
        entries = read_entries(shared(f"ical/feeds/{name}").read_bytes(), YEARS, HERE)
        twice = [key for key, n in Counter((one.uid, one.recurrence) for one in entries.occurrences).items() if n > 1]
        assert twice == [], name
