"""Which new words for a place may tell nobody."""

from __future__ import annotations

import pytest

from eventsvc.domain.directory.mending import is_mended


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Colege Theatre", "College Theater"),
        ("Haall", "Hall"),
        ("Campuss", "Campus"),
        ("Auditoruim", "Auditorium"),
        ("Libary, room 12", "Library, Room 12"),
        ("Pena Hall", "Peña  Hall"),
        ("Rose-Room", "Rose Room"),
        ("Roseroom", "Rose Room"),
        ("1570 E Colorrado Blvd", "1570 E. Colorado Blvd."),
        ("Same", "Same"),
    ],
)
def test_a_slip_of_the_pen_is_mended_both_ways(before: str, after: str):
    assert (is_mended(before, after), is_mended(after, before)) == (True, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Rose Room", "Nose Room"),
        ("Rose Room", "Rosa Room"),
        ("Main Hall", "Main Hill"),
        ("Room A", "Room B"),
        ("Room A", "Room AA"),
        ("Hall II", "Hall III"),
        ("Hall XVII", "Hall XVIII"),
        ("B12", "C12"),
        ("Room 12", "Room 21"),
        ("Room 12", "Room 1 2"),
        ("Room 5", "Room"),
        ("North Hall", "South Hall"),
        ("Science Center East", "Science Center West"),
        ("Science Center", "Science Center Annex"),
        ("Lower lot of the harbor", "Tower lot of the harbor"),
        ("Clark Building", "Clerk Building"),
        ("Lot behind the gate, from 8 am", "Lot behind the gate, from 8 pm"),
        ("Lot behind the gate, from 8:00", "Lot behind the gate, from 9:00"),
        ("12 N Main St", "12 S Main St"),
        ("東館", "西館"),
        ("", "Main Hall"),
    ],
)
def test_what_may_be_another_place_is_none_both_ways(before: str, after: str):
    assert (is_mended(before, after), is_mended(after, before)) == (False, False)
