"""Whatever is done to a calendar's text, its entries are read, refused with a line, or the file is: nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.core.times import Span
from eventsvc.ical.entry_reader import read_entries
from eventsvc.ical.reader import UnreadableCalendar
from tests.ical.calendars import at_ten, calendar, entry, timed

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=30), NOW + timedelta(days=400))
ZONE = [
    *("BEGIN:VTIMEZONE", "TZID:Campus", "BEGIN:STANDARD", "DTSTART:19701101T020000"),
    *("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "TZOFFSETFROM:-0700", "TZOFFSETTO:-0800", "END:STANDARD"),
    *("BEGIN:DAYLIGHT", "DTSTART:19700308T020000", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
    *("TZOFFSETFROM:-0800", "TZOFFSETTO:-0700", "END:DAYLIGHT", "END:VTIMEZONE"),
]
WHOLE = calendar(
    ZONE,
    at_ten(
        "SUMMARY:One", "LOCATION:Hall\\, left", "GEO:33.7;-118.2", "URL:https://a.example/", "CATEGORIES:Fair,Water"
    ),
    timed("20270105T100000Z", "20270105T110000Z", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20270112T100000Z", uid="two"),
    timed("20270119T120000Z", "20270119T130000Z", "RECURRENCE-ID:20270119T100000Z", "SEQUENCE:2", uid="two"),
    entry("DTSTART;VALUE=DATE:20270201", "DTEND;VALUE=DATE:20270203", "DESCRIPTION:<p>Öffnung</p>", uid="three"),
    entry("DTSTART;TZID=Campus:20270301T100000", "DURATION:PT1H", "RDATE;TZID=Campus:20270302T100000", uid="four"),
    head=("X-WR-TIMEZONE:America/Denver",),
)
LINES = WHOLE.split(b"\r\n")
PLACES = st.integers(0, len(LINES) - 1)
CUTS = st.lists(st.tuples(PLACES, PLACES, st.booleans()), max_size=5)
CHARACTERS = st.sampled_from(list(b'ABEDNTRUZ0123456789:;,=-"\\ \t\x00\xff'))
STROKES = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), CHARACTERS), max_size=5)


def ends_well(raw: bytes) -> None:
    """Read or refused; what is found lies within the window, and what is named has a line of the file."""
    number_of_lines = raw.count(b"\n") + raw.count(b"\r") + 1
    try:
        entries = read_entries(raw, WINDOW, "America/Los_Angeles")
    except UnreadableCalendar as refusal:
        assert 1 <= refusal.facts["line"] <= number_of_lines  # noqa: PT017  # either way is right
        return
    keys = [(one.uid, one.recurrence) for one in entries.occurrences]
    assert len(keys) == len(set(keys))
    for one in entries.occurrences:
        assert 1 <= one.line <= number_of_lines
        assert len(one.title) <= 200
        assert one.uid
        if one.starts_at and one.ends_at:
            assert Span(one.starts_at, one.ends_at).overlaps(WINDOW)
        else:
            assert one.starts_on is not None
            assert one.days >= 1
    assert all(1 <= no.line <= number_of_lines and no.reason for no in entries.refused)


@settings(max_examples=150, deadline=None)
@given(cuts=CUTS, strokes=STROKES)
def test_lines_that_are_lost_doubled_or_misspelt_end_in_entries_or_in_a_refusal(cuts, strokes):
    ends_well(changed(cuts, strokes))


@pytest.mark.matrix
@settings(max_examples=3_000, deadline=None)
@given(cuts=CUTS, strokes=STROKES)
def test_the_same_for_long(cuts, strokes):
    ends_well(changed(cuts, strokes))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_within_a_calendar_end_well(middle):
    ends_well(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + middle + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


def changed(cuts: list[tuple[int, int, bool]], strokes: list[tuple[int, int]]) -> bytes:
    """The sample with lines taken out, lines in the place of others, and letters struck over."""
    lines = list(LINES)
    for place, other, is_copied in cuts:
        lines[place] = lines[other] if is_copied else b""
    raw = bytearray(b"\r\n".join(lines))
    for place, character in strokes:
        if place < len(raw):
            raw[place] = character
    return bytes(raw)


def test_the_sample_itself_is_read_whole():
    entries = read_entries(WHOLE, WINDOW, "America/Los_Angeles")
    assert (len(entries.occurrences), entries.refused, entries.warnings, entries.is_whole) == (7, (), (), True)
