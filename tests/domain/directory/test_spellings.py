"""When two spellings are one room."""

from __future__ import annotations

from itertools import permutations

import pytest

from eventsvc.domain.directory.names import folded
from eventsvc.domain.directory.spellings import likely, one_room_each, room_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SCH - Laurel Room", "SCH Laurel Room"),
        ("SCH - Laurel Room", "Laurel Room - SCH"),
        ("DC 1301", "DC - 1301"),
        ("TC 2218", "TC2218"),
        ("tc-2218", "TC 2218"),
        ("DC 1301 Fish Bowl", "DC Fish Bowl 1301"),
        ("Multi Purpose Room A", "Room A, multi purpose"),
        ("Rooms 2 & 3", "rooms 2 and 3"),
    ],
)
def test_these_are_one_room(one, other):
    assert room_keys(one) & room_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Laurel Room", "SCH - Laurel Room"),
        ("Laurel Room", "Laruel Room"),
        ("DC 1301", "DC 1302"),
        ("TC 2218", "TC 2218A/B"),
        ("Room 1 12", "Room 11 2"),
        ("Building 1 Room 2", "Building 2 Room 1"),
        ("Building 1 Room 2", "Room 1 Building 2"),
        ("Wing A Room B", "Wing B Room A"),
        ("Room A1 B2", "Room B1 A2"),
        ("Bomb Shelter", "Bombshelter"),
    ],
)
def test_these_may_be_two(one, other):
    assert not room_keys(one) & room_keys(other)


def test_a_room_goes_by_its_most_frequent_spelling_and_ties_by_the_first():
    spellings = ["SCH Laurel Room", "SCH - Laurel Room", "SCH - Laurel Room", "Laurel Room - SCH", "TC2218", "TC 2218"]
    assert one_room_each(spellings) == {
        "SCH Laurel Room": "SCH - Laurel Room",
        "SCH - Laurel Room": "SCH - Laurel Room",
        "Laurel Room - SCH": "SCH - Laurel Room",
        "TC2218": "TC2218",
        "TC 2218": "TC2218",
    }


def test_joining_is_transitive_in_every_order():
    # "TC 2218" and "2218 TC" share their words, "TC2218" and "TC 2218" their letters.
    for order in permutations(["TC2218", "TC 2218", "2218 TC"]):
        assert len(set(one_room_each(list(order)).values())) == 1


def test_likely_names_come_best_first():
    names = {folded(name): name for name in ("SCH - Laurel Room", "SCH - Festival Room", "Laurel Hall", "DC 1301")}
    assert likely("Laurel Room - SCH", names)[0] == "SCH - Laurel Room"
    assert likely("SCH Laruel Room", names)[0] == "SCH - Laurel Room"
    assert likely("Gymnasium", names) == []
