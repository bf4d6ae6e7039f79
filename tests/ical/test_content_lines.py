"""The text layer of what we publish, judged by a library that reads calendars and by the rules themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventsvc.ical.content_lines import component, instant, line, moment, text

# What people write, and what stands where a line is folded: escapes, wide characters, marks upon letters.
WORDS = st.text(st.one_of(st.sampled_from("\\;,:\n\"^ 'ñé漢👩‍🚒Aa\t"), st.characters(exclude_categories=["Cs"])))
CONTROLS = {chr(number) for number in (*range(32), 127)} - {"\n", "\t"}


def unfolded(octets: bytes) -> list[bytes]:
    """Lines as RFC 5545 3.1 says, by octets; each line as it stands is held to the rules of folding."""
    assert octets.endswith(b"\r\n")
    pieces = octets.split(b"\r\n")[:-1]
    for piece in pieces:
        assert len(piece) <= 75
        assert b"\r" not in piece
        assert b"\n" not in piece
        piece.decode()  # no character is cut in two
    return octets.replace(b"\r\n ", b"").split(b"\r\n")[:-1]


def as_read(words: str) -> str:
    """What is left of words in a calendar: line breaks are one kind, and what no calendar may hold is gone."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one not in CONTROLS)


@given(WORDS)
@example("a" * 66 + "\\" * 9)
@example("x" * 64 + "\\n" * 40)
@example("漢" * 200)
def test_words_are_read_again_as_they_were_written(words):
    octets = line("SUMMARY", text(words))
    (whole,) = unfolded(octets)
    assert whole.decode() == "SUMMARY:" + text(words)
    read = icalendar.Event.from_ical(component("VEVENT", [octets]))
    assert str(read["SUMMARY"]) == as_read(words)


@given(st.integers(0, 80), st.integers(1, 80))
def test_no_piece_ends_within_an_escape(before, escapes):
    for escape in ("\\\\", "\\n", "\\;"):
        octets = line("SUMMARY", "a" * before + escape * escapes)
        for piece in octets.split(b"\r\n")[:-1]:
            assert (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 0


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1))
def test_a_name_is_read_again_with_its_quotes_as_apostrophes(name):
    octets = line("ORGANIZER", "mailto:office@example.org", CN=name)
    unfolded(octets)
    read = icalendar.Event.from_ical(component("VEVENT", [octets]))
    assert str(read["ORGANIZER"]) == "mailto:office@example.org"
    # In a parameter a backslash is itself; this reader takes it for the beginning of an escape.
    assert "\\" in name or read["ORGANIZER"].params["CN"] == name.replace('"', "'")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Career Center", "CN=Career Center"),
        ("Port, of Los Angeles", 'CN="Port, of Los Angeles"'),
        ('The "Harbor"', "CN=The 'Harbor'"),
        ("Harbor\\", 'CN="Harbor\\"'),
        ("A\r\nATTENDEE:mailto:x@example.org", 'CN="A ATTENDEE:mailto:x@example.org"'),
        ("A^B", "CN=A^^B"),
    ],
)
def test_names_in_parameters(name, written):
    assert line("ORGANIZER", "mailto:a@example.org", CN=name).replace(b"\r\n ", b"").decode() == (
        f"ORGANIZER;{written}:mailto:a@example.org\r\n"
    )


@pytest.mark.parametrize(
    ("when", "value", "parameters"),
    [
        (datetime(2027, 3, 14, 10, 0, tzinfo=UTC), "20270314T100000Z", {}),
        (datetime(2027, 3, 14, 2, 0, 0, 999, timezone(timedelta(hours=-8))), "20270314T100000Z", {}),
        (date(2027, 5, 4), "20270504", {"VALUE": "DATE"}),
    ],
)
def test_instants_are_in_utc_and_days_are_dates(when, value, parameters):
    assert moment(when) == (value, parameters)


def test_an_instant_is_read_again():
    when = datetime(2027, 11, 7, 9, 30, tzinfo=UTC)
    read = icalendar.Event.from_ical(component("VEVENT", [line("DTSTART", instant(when))]))
    assert read["DTSTART"].dt == when
