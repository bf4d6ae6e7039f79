"""A divisible hall at the desk: reserving it reserves its parts, whoever asks for what."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Room
from eventsvc.workflows.keep_directory import RoomRow, save_room
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def campus():
    return builders.a_campus("harbor")


@pytest.fixture
def hall(campus):
    """A hall of two halves, the east one of two quarters."""
    hall = builders.a_room("hall", on=campus, setup=30, takedown=15, capacity=400)
    for slug, parent, setup in (("west", "hall", 45), ("east", "hall", 0), ("north", "east", 0), ("south", "east", 5)):
        builders.a_room(slug, on=campus, setup=setup)
        save_room(RoomRow(name=slug.title(), slug=slug, campus="harbor", parent=parent), **WHO)
    return hall


def plan(campus, *slugs: str, when: str = "2027-02-10T14:00", **more):
    rooms = [lookup.get(Room, slug) for slug in slugs]
    return plan_event(builders.a_plan(campus, rooms=rooms, when=builders.at(when, 60), **more), **WHO)


def clashes(campus, *slugs: str, **more) -> list[tuple[str, str, str | None]]:
    with pytest.raises(SlotTaken) as refused, db.session.begin_nested():
        plan(campus, *slugs, **more)
    return [
        (str(clash.kind), clash.thing.slug, clash.part.slug if clash.part else None) for clash in refused.value.clashes
    ]


def reserved(event) -> dict[str, Span]:
    rows = db.session.scalars(select(Reservation).where(Reservation.event_id == event.id))
    return {row.resource.room.slug: row.busy for row in rows}


def test_only_the_smallest_parts_are_reserved_and_the_event_shows_the_hall(campus, hall):
    event = plan(campus, "hall")
    assert reserved(event).keys() == {"west", "north", "south"}
    assert [one.slug for one in event.rooms] == ["hall"]
    assert reserved(plan(campus, "east", when="2027-02-11T14:00")).keys() == {"north", "south"}


def test_set_up_and_take_down_are_the_halls_or_the_parts_whichever_is_longer(campus, hall):
    event = plan(campus, "hall")
    before = {slug: (event.starts_at - busy.start).seconds // 60 for slug, busy in reserved(event).items()}
    after = {slug: (busy.end - event.ends_at).seconds // 60 for slug, busy in reserved(event).items()}
    assert before == {"west": 45, "north": 30, "south": 30}
    assert after == {"west": 15, "north": 15, "south": 15}
    alone = plan(campus, "south", when="2027-02-11T14:00")
    assert reserved(alone)["south"] == alone.span.widened(before_minutes=5, after_minutes=0)


def test_a_part_that_is_taken_stands_in_the_way_of_its_hall_and_is_named(campus, hall):
    plan(campus, "north")
    assert clashes(campus, "hall") == [("overlap", "hall", "north")]
    assert clashes(campus, "east") == [("overlap", "east", "north")]
    plan(campus, "south", "west")


def test_a_hall_that_is_taken_stands_in_the_way_of_all_its_parts(campus, hall):
    plan(campus, "hall")
    assert clashes(campus, "west") == [("overlap", "west", None)]
    assert clashes(campus, "east") == [("overlap", "east", "north"), ("overlap", "east", "south")]
    assert clashes(campus, "north") == [("overlap", "north", None)]
    assert {slug for _, slug, _ in clashes(campus, "hall")} == {"hall"}
    plan(campus, "hall", when="2027-02-10T16:00")


def test_the_set_up_of_a_hall_counts_against_its_parts(campus, hall):
    plan(campus, "hall", when="2027-02-10T14:00")
    assert clashes(campus, "north", when="2027-02-10T12:35") == [("overlap", "north", None)]
    plan(campus, "north", when="2027-02-10T12:30")


def test_two_parts_at_once_are_two_bookings_or_one(campus, hall):
    plan(campus, "north")
    plan(campus, "south")
    both = plan(campus, "north", "west", when="2027-02-11T14:00")
    assert reserved(both).keys() == {"north", "west"}


@pytest.mark.parametrize("slugs", [("hall", "west"), ("north", "hall"), ("east", "south")])
def test_a_hall_and_its_part_in_one_event_are_refused(campus, hall, slugs):
    with pytest.raises(InvalidInput) as refused:
        plan(campus, *slugs)
    assert "is a part of another room" in refused.value.facts["errors"][0]["reason"]


def test_how_many_it_seats_is_asked_of_the_hall_and_not_of_its_parts(campus, hall):
    plan(campus, "hall", expected_heads=400)
    assert clashes(campus, "hall", when="2027-02-11T14:00", expected_heads=401) == [("capacity", "hall", None)]


def test_parts_that_become_the_whole_hall_get_its_set_up_and_its_guard(campus, hall):
    event = plan(campus, "west", "north", "south")
    moved = move_event(str(event.public_id), Destination(rooms=("hall",)), **WHO)
    rows = [row for row in db.session.scalars(select(Reservation)) if row.state == State.HELD]
    assert {row.resource.room.slug for row in rows} == {"west", "north", "south"}
    assert {(row.event_id, row.asked_room_id) for row in rows} == {(moved.id, hall.id)}
    minutes_before = {row.resource.room.slug: (row.starts_at - row.busy_from).total_seconds() / 60 for row in rows}
    assert minutes_before == {"west": 45, "north": 30, "south": 30}
    builders.a_room("balcony", on=campus)
    with pytest.raises(InvalidInput, match="reserved until"):
        save_room(RoomRow(name="Balcony", slug="balcony", campus="harbor", parent="hall"), **WHO)
