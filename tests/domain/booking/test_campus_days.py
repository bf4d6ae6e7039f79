"""What a day in a campus's calendar is, by its title."""

from __future__ import annotations

import pytest

from eventsvc.domain.booking.blocks import BlockKind
from eventsvc.domain.booking.campus_days import is_term, kind_of


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Finals week", BlockKind.FINALS),
        ("Spring Term Final Examinations", BlockKind.FINALS),
        ("Examination period", BlockKind.FINALS),
        ("Labor Day Holiday", BlockKind.HOLIDAY),
        ("Presidents' Day - College closed", BlockKind.HOLIDAY),
        ("Spring Break", BlockKind.HOLIDAY),
        ("Día de César Chávez", BlockKind.HOLIDAY),
        ("No classes", BlockKind.HOLIDAY),
        ("Thanksgiving Recess Begins after last class", None),
        ("Thanksgiving Recess Ends", None),
        ("Deadline for Submission of Take-Home Exams", None),
        ("Midterm Examination Week", None),
        ("Instruction begins", None),
        ("Breakfast with the president", None),
        ("", None),
    ],
)
def test_a_title_says_whether_a_day_is_closed(title, kind):
    assert kind_of(title) is kind


@pytest.mark.parametrize(
    ("title", "days", "is_one"),
    [
        ("Fall semester", 110, True),
        ("Winter session", 35, True),
        ("Fall semester begins", 1, False),
        ("Summer", 60, False),
    ],
)
def test_a_term_lasts_for_weeks_and_says_so(title, days, is_one):
    assert is_term(title, days) is is_one
