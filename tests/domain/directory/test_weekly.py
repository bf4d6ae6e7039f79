"""Weekly hours as people write them."""

from __future__ import annotations

import pytest

from eventsvc.core.errors import InvalidInput
from eventsvc.domain.directory.weekly import ALWAYS, hours_text, parse_hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon 08:00-17:00", [(0, 480, 1020)]),
        ("Mon-Wed 08:00-17:00", [(0, 480, 1020), (1, 480, 1020), (2, 480, 1020)]),
        ("monday – tuesday 8:00 – 9:30", [(0, 480, 570), (1, 480, 570)]),
        ("Sat, Mon 09:00-12:00", [(0, 540, 720), (5, 540, 720)]),
        ("Sun-Mon 00:00-24:00", [(0, 0, 1440), (6, 0, 1440)]),
        ("Fri 08:00-12:00, 13:00-17:00", [(4, 480, 720), (4, 780, 1020)]),
        ("Fri 13:00-17:00; Fri 08:00-13:00", [(4, 480, 1020)]),
        ("Thurs 08:00-09:00;", [(3, 480, 540)]),
        ("Always", ALWAYS),
    ],
)
def test_hours_are_read(text, hours):
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["Mon-Fri 08:00-17:00; Sat 09:00-13:00", "Mon 08:00-12:00, 13:00-17:00; Sun 10:00-24:00"]
)
def test_hours_are_written_as_they_are_read(text):
    assert hours_text(parse_hours(text)) == text


def test_no_hours_are_written_as_nothing():
    assert hours_text(None) == ""
    assert hours_text(ALWAYS) == "Mon-Sun 00:00-24:00"


@pytest.mark.parametrize(
    "text",
    ["", ";", "08:00-17:00", "Mon", "Mo 08:00-17:00", "Funday 08:00-17:00", "Mon 8-17", "Mon 08:00", "Mon 08:61-09:00",
     "Mon 17:00-08:00", "Mon 08:00-24:01", "Mon 08:00-17:00 Tue 08:00-17:00", "Mon--Fri 08:00-09:00"],
)  # fmt: skip
def test_anything_else_is_refused_by_its_field(text):
    with pytest.raises(InvalidInput) as refusal:
        parse_hours(text, field="hours")
    assert [error["field"] for error in refusal.value.facts["errors"]] == ["hours"]
