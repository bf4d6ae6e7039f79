"""Whatever is done to a calendar's text, it is read or refused: nothing else comes out of the reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.core.times import Span
from eventsvc.ical.reader import UnreadableCalendar, read_busy
from tests.ical.calendars import at_ten, calendar, entry, timed

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
WINDOW = Span(NOW - timedelta(days=1), NOW + timedelta(days=400))
WHOLE = calendar(
    at_ten("SUMMARY:One"),
    timed("20270105T100000Z", "20270105T110000Z", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20270112T100000Z", uid="two"),
    timed("20270119T120000Z", "20270119T130000Z", "RECURRENCE-ID:20270119T100000Z", uid="two"),
    entry("DTSTART;VALUE=DATE:20270201", "DTEND;VALUE=DATE:20270203", uid="three"),
    ["BEGIN:VFREEBUSY", "UID:four", "FREEBUSY:20270301T100000Z/PT1H", "END:VFREEBUSY"],
    head=("X-WR-TIMEZONE:America/Denver",),
)
LINES = WHOLE.split(b"\r\n")
PLACES = st.integers(0, len(LINES) - 1)
CUTS = st.lists(st.tuples(PLACES, PLACES), max_size=4)
# Letters and signs, but no digit: another number could make a rule that goes on for centuries, which is no matter of
# this test (see test_confined).
CHARACTERS = st.sampled_from(list(b'ABEDNTRUZ:;,=-"\\ \t\x00\xff'))
STROKES = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), CHARACTERS), max_size=4)


@settings(max_examples=150, deadline=None)
@given(cuts=CUTS, strokes=STROKES)
def test_lines_that_are_lost_doubled_or_misspelt_end_in_times_or_in_a_refusal(cuts, strokes):
    lines = list(LINES)
    for place, other in cuts:
        lines[place] = lines[other] if place % 2 else b""
    raw = bytearray(b"\r\n".join(lines))
    for place, character in strokes:
        if place < len(raw) and not chr(raw[place]).isdigit():
            raw[place] = character
    try:
        reading = read_busy(bytes(raw), WINDOW, "America/Los_Angeles")
    except UnreadableCalendar:
        return
    for time in reading.times:
        assert WINDOW.start <= time.span.start < time.span.end <= WINDOW.end


def test_the_calendar_itself_is_read_whole():
    reading = read_busy(WHOLE, WINDOW, "America/Los_Angeles")
    assert (len(reading.times), reading.skipped) == (5, 0)
