"""Two stories at the desk in one moment, each step in a known order: one is under way when the other begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select, text

from eventsvc.core.db import db, is_postgresql, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.keep_directory import RoomRow, save_room
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.said_wish import SaidEquipment
from tests import builders, databases
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def meanwhile(bare_app: Flask) -> Iterator[Callable[[Callable[[], object]], Future]]:
    """Begin a story in a transaction of its own, and come back when it waits for what is under way here."""

    def story_of_its_own(story: Callable[[], object]) -> object:
        with bare_app.app_context(), transaction():
            return story()

    with ThreadPoolExecutor(1) as beside:

        def begin(story: Callable[[], object]) -> Future:
            begun = beside.submit(story_of_its_own, story)
            waiting = text(databases.SOMEBODY_WAITS_FOR_ME)
            while is_postgresql() and not begun.done() and not db.session.scalar(waiting):
                pass
            return begun

        yield begin


def a_projector(when: str, minutes: int = 60) -> str:
    campus = lookup.get(Campus, "harbor")
    plan = builders.a_plan(campus, when=builders.at(when, minutes), equipment=(SaidEquipment("projectors", 1),))
    return str(plan_event(plan, **WHO).public_id)


@pytest.fixture
def later_event(app: Flask) -> str:
    """Two projectors, one taken from 9 to 10 and the other from 10 to 11, by the event returned.

    Whoever wants one from 9 to 11 makes the later event change to the projector of the earlier one.
    """
    with transaction():
        campus = builders.a_campus("harbor")
        builders.a_pool("projectors", quantity=2, on=campus)
        first, _ = a_projector("2027-02-10T09:00"), a_projector("2027-02-10T09:00")
        later = a_projector("2027-02-10T10:00")
        withdraw_event(first, **WHO)
    return later


def live_events() -> list[str]:
    """The public ids of the events that hold a projector."""
    rows = db.session.execute(
        select(Event.public_id)
        .join(Reservation, Reservation.event_id == Event.id)
        .where(Reservation.state.in_(["held", "confirmed"]))
    )
    return [str(row.public_id) for row in rows]


def test_what_is_called_off_while_it_changes_units_holds_none(later_event, meanwhile):
    with transaction():
        a_projector("2027-02-10T09:00", 120)
        calling_off = meanwhile(lambda: withdraw_event(later_event, **WHO))
    calling_off.result(timeout=20)
    with transaction():
        assert later_event not in live_events()


def test_what_was_called_off_does_not_come_back_on_another_unit(later_event, meanwhile):
    with transaction():
        withdraw_event(later_event, **WHO)
        planning = meanwhile(lambda: a_projector("2027-02-10T09:00", 120))
    planning.result(timeout=20)
    with transaction():
        assert later_event not in live_events()


def test_what_a_move_gives_up_while_it_changes_units_is_given_up(later_event, meanwhile):
    with transaction():
        a_projector("2027-02-10T09:00", 120)
        moving = meanwhile(lambda: move_event(later_event, Destination(equipment=()), **WHO))
    moving.result(timeout=20)
    with transaction():
        assert later_event not in live_events()


def a_room_plan(room: str) -> str:
    campus = lookup.get(Campus, "harbor")
    return str(plan_event(builders.a_plan(campus, rooms=[lookup.get(Room, room)]), **WHO).public_id)


def reserved_rooms() -> list[str]:
    rows = db.session.scalars(select(Reservation).where(Reservation.state.in_(["held", "confirmed"])))
    return sorted(row.resource.room.slug for row in rows)


@pytest.fixture
def hall(app: Flask) -> None:
    with transaction():
        campus = builders.a_campus("harbor")
        builders.a_room("hall", on=campus)
        builders.a_room("west", on=campus)
        builders.a_room("east", on=campus)


def test_a_room_that_is_just_made_a_hall_is_booked_by_its_parts(hall, meanwhile):
    with transaction():
        save_room(RoomRow(name="West", slug="west", campus="harbor", parent="hall"), **WHO)
        booking = meanwhile(lambda: a_room_plan("hall"))
    booking.result(timeout=20)
    with transaction():
        assert reserved_rooms() == ["west"]


def test_a_hall_that_just_gets_another_part_is_booked_with_it(hall, meanwhile):
    with transaction():
        save_room(RoomRow(name="West", slug="west", campus="harbor", parent="hall"), **WHO)
    with transaction():
        save_room(RoomRow(name="East", slug="east", campus="harbor", parent="hall"), **WHO)
        booking = meanwhile(lambda: a_room_plan("hall"))
    booking.result(timeout=20)
    with transaction():
        assert reserved_rooms() == ["east", "west"]


def test_a_hall_whose_last_part_just_goes_out_of_use_is_booked_itself(hall, meanwhile):
    with transaction():
        save_room(RoomRow(name="West", slug="west", campus="harbor", parent="hall"), **WHO)
    with transaction():
        save_room(RoomRow(name="West", slug="west", campus="harbor", retired_on=NOW.date()), **WHO)
        booking = meanwhile(lambda: a_room_plan("hall"))
    booking.result(timeout=20)
    with transaction():
        assert reserved_rooms() == ["hall"]


def test_a_room_that_joins_a_hall_under_a_new_name_waits_for_the_events_there_first(hall, meanwhile):
    """Whoever moves one of them has locked the event and wants the room: neither may wait for the other."""
    with transaction():
        event = a_room_plan("west")
    with transaction():
        claim_event(event)
        row = RoomRow(name="West Wing", slug="west", campus="harbor", parent="hall")
        renaming = meanwhile(lambda: save_room(row, **WHO))
        move_event(event, Destination(time={"starts_local": datetime(2027, 2, 11, 9, 0)}), **WHO)
    renaming.result(timeout=20)
    with transaction():
        west = lookup.get(Room, "west")
        assert (west.name, west.parent.slug, reserved_rooms()) == ("West Wing", "hall", ["west"])
