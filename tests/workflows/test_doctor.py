"""The doctor: finds what the world has done to bookings since they were made, and nothing where all is well."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text, update

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import RoomWord
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Campus, Expert, OrganizationKind, Room, Travel
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.overrides import Waiver
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import doctor
from eventsvc.workflows.answer_room import record_room_answer
from eventsvc.workflows.plan_event import Plan, plan_event
from eventsvc.workflows.said_wish import SaidEquipment
from tests import builders, databases
from tests.conftest import NOW
from tests.counting import counted

FIRST, LATER = "2027-02-10T14:00", "2027-02-10T17:00"
DAY = (datetime(2027, 2, 10, 8, tzinfo=UTC), datetime(2027, 2, 11, 8, tzinfo=UTC))


@pytest.fixture
def world(app: Flask) -> Flask:
    """An expert at Harbor from 14:00 and at City, an hour away, from 17:00; a room at each; nothing is amiss."""
    with transaction():
        harbor, city = builders.a_campus("harbor"), builders.a_campus("city")
        hall, attic = builders.a_room("hall", on=harbor), builders.a_room("attic", on=city)
        builders.a_way(harbor, city, 60)
        pelican = builders.an_expert("pelican", max_per_day=2)
        for campus, room, wall in ((harbor, hall, FIRST), (city, attic, LATER)):
            plan = builders.a_plan(
                campus, when=builders.at(wall), rooms=[room], experts=[pelican], title=f"At {campus.slug}"
            )
            plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    return app


def found(now: datetime = NOW) -> list[tuple[str, str]]:
    """Each finding as its kind and the title of its event."""
    with transaction(keep=False):
        facts = doctor.explained(doctor.examine(now).findings, actor=ADMINISTRATOR)
    assert all(one["detail"] for one in facts)
    return [(one["kind"], one["event"]["title"]) for one in facts]


def details() -> list[str]:
    with transaction(keep=False):
        return [one["detail"] for one in doctor.explained(doctor.examine(NOW).findings, actor=ADMINISTRATOR)]


def one(model: Any, **where: Any) -> Any:
    return db.session.scalars(select(model).filter_by(**where)).one()


def test_nothing_is_found_where_nothing_is_amiss(world):
    assert found() == []


def test_a_way_that_became_longer_is_found_once(world):
    with transaction():
        db.session.execute(update(Travel).values(minutes=180))
    assert found() == [("travel", "At harbor")]


@pytest.mark.parametrize(
    ("kind", "clash"),
    [(BlockKind.LEAVE, "leave"), (BlockKind.BUSY_ELSEWHERE, "busy_elsewhere")],
)
def test_leave_and_another_calendar_are_found_for_every_event_under_them(world, kind, clash):
    with transaction():
        expert = one(Resource, expert_id=one(Expert, slug="pelican").id)
        db.session.add(Block(kind=kind, resource_id=expert.id, starts_at=DAY[0], ends_at=DAY[1]))
    assert found() == [(clash, "At harbor"), (clash, "At city")]


def test_a_closed_campus_is_found_for_the_room_and_the_person(world):
    with transaction():
        harbor = one(Campus, slug="harbor")
        db.session.add(
            Block(kind=BlockKind.HOLIDAY, campus_id=harbor.id, starts_at=DAY[0], ends_at=DAY[1], title="A day off")
        )
    assert set(found()) == {("closed", "At harbor")}


def test_hours_and_limits_that_became_narrower_are_found(world):
    with transaction():
        one(Room, slug="hall").hours = [[2, 8 * 60, 12 * 60]]
        one(Expert, slug="pelican").max_per_day = 1
    assert sorted(found()) == [("closed", "At harbor"), ("limit", "At city"), ("limit", "At harbor")]


def test_an_overlap_that_the_database_did_not_refuse_is_found(world):
    if db.engine.dialect.name == "postgresql":
        broken = ["ALTER TABLE reservations DROP CONSTRAINT ex_reservations_overlap"]
    else:
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'reservations'"
        broken = [f"DROP TRIGGER {name}" for name in db.session.scalars(text(names)).all()]
    with transaction():
        for statement in broken:
            db.session.execute(text(statement))
        row = db.session.scalars(select(Reservation).where(Reservation.state == State.HELD)).first()
        copy = {name: getattr(row, name) for name in ("resource_id", "state", "starts_at", "ends_at", "place_id")}
        other = db.session.scalars(select(Event.id).where(Event.id != row.event_id)).one()
        shifted = {"busy_from": row.busy_from - timedelta(minutes=1), "busy_until": row.busy_until}
        db.session.add(Reservation(**copy, **shifted, event_id=other, hold_until=row.hold_until))
    assert ("overlap", "At harbor") in found() or ("overlap", "At city") in found()


def test_a_lapsed_hold_a_lost_room_and_a_row_of_another_time_are_found(world):
    two_weeks = NOW + timedelta(days=15)
    assert sorted(set(found(two_weeks))) == [("not_reserved", "At city"), ("not_reserved", "At harbor")]
    with transaction():
        city = one(Event, title="At city")
        city.starts_at += timedelta(hours=1)
        city.ends_at += timedelta(hours=1)
    assert set(found()) == {("other_time", "At city"), ("not_reserved", "At city")}


def test_an_event_in_a_part_and_another_in_the_whole_hall_are_well(world):
    with transaction():
        halls = builders.a_room("halls", on=one(Campus, slug="harbor"))
        parts = [builders.a_room(name, on=halls.campus) for name in ("north", "south")]
        for part in parts:
            part.parent_id = halls.id
        db.session.flush()
        for room, day in ((halls, 15), (parts[0], 16)):
            when = builders.at(f"2027-02-{day}T14:00")
            plan = builders.a_plan(halls.campus, when=when, rooms=[room], title=room.slug)
            plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    assert found() == []


def test_a_part_that_a_hall_was_given_since_is_found(world):
    with transaction():
        hall = one(Room, slug="hall")
        for name in ("east", "west"):
            builders.a_room(name, on=hall.campus).parent_id = hall.id
    assert sorted(found()) == [("not_reserved", "At harbor")] * 2 + [("not_wanted", "At harbor")]


def test_a_confirmed_event_without_its_yeses_and_an_event_that_is_off_and_still_holds_are_found(world):
    with transaction():
        harbor = one(Event, title="At harbor")
        harbor.status = Status.CONFIRMED
        one(Event, title="At city").status = Status.CANCELLED
    assert sorted(found()) == [("is_off", "At city"), ("missing_yes", "At harbor"), ("missing_yes", "At harbor")]


def test_a_room_whose_office_has_not_granted_it_is_found_once_the_event_is_confirmed_and_until_it_does(world):
    with transaction():
        hall = one(Room, slug="hall")
        hall.office, hall.needs_approval = builders.an_office("facilities", of=hall.campus.organization), True
        host = one(Event, title="At harbor").owner.slug
        plan = builders.a_plan(
            hall.campus, when=builders.at("2027-02-15T14:00"), rooms=[hall], title="Granted", owner=host
        )
        granted_id = str(plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id)
    assert found() == [], "a request may wait for its yeses"
    with transaction():
        event = one(Event, title="Granted")
        event.status, event.host_confirmed_at = Status.CONFIRMED, NOW
    assert found() == [("missing_yes", "Granted")]
    assert details() == ["It is confirmed, and its office has not granted Hall."]
    with transaction():
        record_room_answer(granted_id, "hall", RoomAnswer(word=RoomWord.DECLINE), actor=ADMINISTRATOR, now=NOW)
    assert found() == [("missing_yes", "Granted")], "the room is given back, and no other is named"
    with transaction():
        record_room_answer(granted_id, "hall", RoomAnswer(word=RoomWord.GRANT), actor=ADMINISTRATOR, now=NOW)
    assert found() == []


def test_a_room_that_became_too_small_is_found_and_a_second_room_may_seat_the_rest(world):
    with transaction():
        harbor, city = one(Event, title="At harbor"), one(Event, title="At city")
        harbor.expected_heads, city.expected_heads = 41, 40
    assert found() == [("capacity", "At harbor")]
    assert details() == ["Hall seats 40; 41 are expected."]
    with transaction():
        plan_event(second_room(), actor=ADMINISTRATOR, now=NOW)
    assert found() == [("capacity", "At harbor")]
    with transaction():
        one(Room, slug="hall").capacity = 30
    assert found() == [("capacity", "At harbor")] + [("capacity", "Two rooms")] * 2
    with transaction():
        one(Room, slug="hall").capacity = None
    assert found() == [], "nobody can say"


def second_room() -> Plan:
    """80 people in the hall of 40 and another of 40."""
    harbor = one(Campus, slug="harbor")
    rooms = [one(Room, slug="hall"), builders.a_room("annex", on=harbor)]
    when = builders.at("2027-02-15T14:00")
    return builders.a_plan(harbor, when=when, rooms=rooms, title="Two rooms", expected_heads=80)


def test_notice_that_was_kept_when_a_thing_was_asked_for_is_kept_for_ever(world):
    with transaction():
        harbor = one(Campus, slug="harbor")
        pool = builders.a_pool("interpreters", on=harbor, notice_days=14)
        when = builders.at((NOW + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
        plan = builders.a_plan(harbor, when=when, title="Signed", equipment=(SaidEquipment(pool.slug, 1),))
        plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    assert found(NOW + timedelta(days=10)) == []


def test_as_much_is_asked_of_the_database_for_one_event_as_for_many(world):
    def looked() -> int:
        with transaction(keep=False), counted(world) as statements:
            doctor.examine(NOW)
        return len(statements)

    with transaction():
        for event in db.session.scalars(select(Event)):
            event.status, event.expected_heads = Status.CONFIRMED, 50
    before = looked()
    with transaction():
        for day in range(15, 26):
            when, hall = builders.at(f"2027-02-{day}T14:00"), one(Room, slug="hall")
            plan_event(builders.a_plan(hall.campus, when=when, rooms=[hall]), actor=ADMINISTRATOR, now=NOW)
        db.session.execute(update(Event).values(status=Status.CONFIRMED, expected_heads=50))
    assert looked() == before


def test_two_employers_for_the_same_students_are_found_and_what_was_overridden_is_listed_apart(app):
    with transaction():
        campus = builders.a_campus("harbor")
        for name in ("port", "rail"):
            employer = builders.an_organization(name, kind=OrganizationKind.EMPLOYER)
            plan = builders.a_plan(
                campus, when=builders.at(FIRST), experts=[builders.an_expert(of=employer)], title=name, audience=(name,)
            )
            plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    assert found() == []
    with transaction():
        db.session.execute(update(Event).values(audience=["Nurses"]))
    assert found() == [("audience", "rail")]
    with transaction():
        why = Waiver((ClashKind.AUDIENCE,), "Agreed.")
        other = builders.an_organization("sea", kind=OrganizationKind.EMPLOYER)
        plan = builders.a_plan(
            campus, when=builders.at(LATER), experts=[builders.an_expert(of=other)], title="sea", audience=("Divers",)
        )
        plan_event(plan, actor=ADMINISTRATOR, now=NOW)
        last = builders.an_expert(of=builders.an_organization(kind=OrganizationKind.EMPLOYER))
        plan = builders.a_plan(
            campus, when=builders.at(LATER), experts=[last], title="lake", audience=("divers",), override=why
        )
        plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    assert found() == [("audience", "rail")]
    examination = doctor.examine(NOW)
    assert [(one.kind, one.reason) for one in examination.overridden] == [("audience", "Agreed.")]


def test_what_is_over_is_nobodys_worry(world):
    with transaction():
        db.session.execute(update(Travel).values(minutes=180))
    assert found(datetime(2027, 2, 12, tzinfo=UTC)) == []


def run(database_url: str, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["doctor", *arguments], env=databases.environment(database_url))


def test_the_command_lists_what_is_wrong_and_says_so_by_its_exit_code(world, database_url):
    with transaction():
        for row in db.session.scalars(select(Reservation)):
            row.hold_until = datetime(2090, 1, 1, tzinfo=UTC)
    before = run(database_url)
    assert (before.exit_code, before.output) == (0, "Everything is in order.\n")
    with transaction():
        db.session.execute(update(Travel).values(minutes=180))
    after = run(database_url)
    assert after.exit_code == 1
    assert "travel: At harbor (2027-02-10 14:00 America/Los_Angeles" in after.output
    assert after.output.endswith("1 thing found.\n")
    as_json = run(database_url, "--json")
    assert as_json.exit_code == 1
    (finding,) = json.loads(as_json.output)["findings"]
    assert (finding["kind"], finding["clash"]["travel_minutes"]) == ("travel", 180)
    assert run(database_url, "--help").output.count("Example: eventsvc doctor") == 1
