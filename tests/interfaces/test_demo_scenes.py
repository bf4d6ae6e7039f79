"""What the booking desk has to reckon with in a demo: each scene says its no, or shows what it is there to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.models import Event, EventKind, Series, Status
from eventsvc.domain.events.schedule import When
from eventsvc.domain.events.series import events_of
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.demo import scenes
from eventsvc.interfaces.demo.days import ZONE, first_day, working_day
from eventsvc.workflows.keep_absences import absences_seen
from eventsvc.workflows.keep_leave import leave_of
from eventsvc.workflows.plan_event import Plan, plan_event
from tests import demos
from tests.conftest import NOW
from tests.databases import SqliteDatabases

TODAY = first_day(NOW)


@pytest.fixture(scope="module")
def demo(sqlite_databases: SqliteDatabases) -> Iterator[Flask]:
    """One demo for all that only look; what they plan is rolled back."""
    with demos.running(sqlite_databases, NOW) as app, app.app_context():
        yield app


def clashes(
    day: date, clock: str, campus: str, *, rooms: tuple[str, ...] = (), experts: tuple[str, ...] = ()
) -> list[Clash]:
    """What stands against a session of an hour."""
    starts = datetime.fromisoformat(f"{day}T{clock}")
    when = When(starts_local=starts, duration_minutes=60)
    plan = Plan(kind=EventKind.INFO_SESSION, title="A try", when=when, campus=campus, rooms=rooms, experts=experts)
    with pytest.raises(SlotTaken) as refusal, transaction(keep=False):
        plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    return refusal.value.clashes


def kinds(found: list[Clash]) -> list[str]:
    return [str(clash.kind) for clash in found]


def weekly() -> Series:
    return db.session.scalars(select(Series).where(Series.title == scenes.WEEKLY)).one()


def test_somebody_is_on_leave(demo):
    day = working_day(TODAY, 11)
    assert kinds(clashes(day, "12:00", "los-angeles-southwest-college", experts=(scenes.ON_LEAVE,))) == ["leave"]


def test_pages_of_absence_are_not_empty(demo):
    (absence,) = absences_seen(actor=ADMINISTRATOR, now=NOW)
    assert absence.starts_at < NOW < absence.ends_at
    assert (absence.account.email, absence.cover.email) == (scenes.AWAY, scenes.COVERING)
    (leave,) = leave_of(scenes.ON_LEAVE, actor=ADMINISTRATOR, after=NOW)
    assert leave.cover.slug == scenes.ASKED_INSTEAD


def test_somebody_is_busy_in_another_calendar_and_the_no_says_how_old_that_is(demo):
    (clash,) = clashes(working_day(TODAY, 4), "10:00", "pasadena-city-college", experts=(scenes.BUSY_ELSEWHERE,))
    assert str(clash.kind) == "busy_elsewhere"
    assert NOW - dict(clash.facts)["as_of"] < timedelta(days=2)


def test_somebody_is_at_the_weekly_limit(demo):
    booked = db.session.scalars(select(Event).where(Event.title == "Welding: see it and try it")).one()
    other = next(
        day
        for day in (booked.starts_on + timedelta(days=number) for number in (-2, -1, 1, 2))
        if day.isocalendar()[:2] == booked.starts_on.isocalendar()[:2] and day.weekday() < 5
    )
    found = clashes(other, "12:00", "los-angeles-city-college", experts=("curlew-example",))
    assert [(str(clash.kind), dict(clash.facts)["per"]) for clash in found] == [("limit", "week")]


def test_a_divisible_hall_takes_its_parts(demo):
    hall = db.session.scalars(select(Room).where(Room.slug == "pcc-colonnade-hall")).one()
    fair = db.session.scalars(select(Event).where(Event.rooms.contains(hall), ~Event.all_day)).first()
    (clash,) = clashes(fair.starts_on, "10:00", "pasadena-city-college", rooms=("pcc-colonnade-north",))
    assert (str(clash.kind), clash.event_id) == ("overlap", fair.id)


def test_a_room_needs_three_quarters_of_an_hour_before(demo):
    assert db.session.scalars(select(Room.setup_minutes).where(Room.slug == "lattc-auditorium")).one() == 45


def test_the_weekly_series_keeps_its_hour_over_the_clock_change_and_leaves_finals_week_out(demo):
    events = events_of(weekly())
    offsets = {to_wall(event.starts_at, ZONE) - event.starts_at.replace(tzinfo=None) for event in events}
    assert len(offsets) == 2
    assert {to_wall(event.starts_at, ZONE).hour for event in events} == {15}
    assert {event.status for event in events} == {Status.CONFIRMED}
    (skipped,) = weekly().skipped
    assert len(events) == scenes.WEEKS - 1
    assert [(clash["kind"], clash["title"]) for clash in skipped.reasons["clashes"]] == [("closed", "Finals week")]


def test_nine_campuses_share_a_saturday(demo):
    events = list(db.session.scalars(select(Event).where(Event.title.startswith("Port Saturday"))))
    assert len({event.campus_id for event in events}) == len(events) == 9
    assert {event.starts_on.weekday() for event in events} == {5}
    assert len({event.starts_on for event in events}) == 1
    assert len(set().union(*({expert.id for expert in event.experts} for event in events))) == 9


def test_a_room_of_another_office_is_asked_for_and_its_expert_is_reserved_meanwhile(demo):
    event = db.session.scalars(select(Event).where(Event.title.startswith("Evening on stage"))).one()
    (room,) = event.rooms
    assert (room.needs_approval, room.office.slug, event.owner.slug) == (
        True,
        "lacc-event-services",
        "lacc-career-center",
    )
    (asked,) = db.session.scalars(select(RoomApproval).where(RoomApproval.event_id == event.id))
    assert asked.state is ApprovalState.REQUESTED
    assert {row.state for row in db.session.scalars(select(Reservation).where(Reservation.event_id == event.id))} == {
        State.HELD
    }
    assert (
        db.session.scalars(select(Message.to_address).where(Message.event == str(event.public_id)))
        .all()
        .count("rooms@lacc.example")
        == 1
    )


def test_pools_run_short_and_interpreters_want_notice(demo):
    booked = db.session.scalars(select(Event).where(Event.title == "Speaking with employers")).one()
    assert [(one.pool.slug, one.quantity) for one in booked.equipment] == [("pcc-microphones", 2)]
    assert db.session.scalars(select(Pool.notice_days).where(Pool.slug == "asl-interpreters")).one() == 5
