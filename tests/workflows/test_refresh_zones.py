"""A new tz database: the wall time is the promise, the instants follow, and what clashes now is left and listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from eventsvc.core.db import db, transaction
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.booking.models import IS_BOOKED, Reservation
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import When
from eventsvc.domain.feeds import versions
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import cli
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from eventsvc.workflows.refresh_zones import refresh_zones
from tests import builders, databases
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("still")

HOUR = timedelta(hours=1)


@pytest.fixture
def world(app: Flask) -> Flask:
    """Two events back to back in one room, and an all-day one in another."""
    with transaction():
        harbor = builders.a_campus("harbor")
        hall, annex = builders.a_room("hall", on=harbor), builders.a_room("annex", on=harbor)
        whole = When(all_day=True, starts_on=NOW.date() + timedelta(days=40), days=2)
        for room, when, title in (
            (hall, builders.at("2027-02-10T14:00"), "first"),
            (hall, builders.at("2027-02-10T15:00"), "second"),
            (annex, whole, "fair"),
        ):
            plan = builders.a_plan(harbor, when=when, rooms=[room], title=title)
            event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
            publish_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW)
    return app


def told_by_other_rules(shift: timedelta, *titles: str) -> None:
    """Put events and all that is theirs where rules that were off by so much had put them."""
    with transaction():
        events = db.session.scalars(select(Event).where(Event.title.in_(titles))).all()
        for event in events:
            for name in ("starts_at", "ends_at", "promised_starts_at", "promised_ends_at"):
                setattr(event, name, getattr(event, name) + shift)
        rows = db.session.scalars(select(Reservation).where(Reservation.event_id.in_([one.id for one in events]))).all()
        copies = []
        for row in rows:
            names = ("resource_id", "event_id", "hold_until", "place_id")
            times = ("busy_from", "busy_until", "starts_at", "ends_at")
            kept = {name: getattr(row, name) for name in names}
            copies.append(kept | {"state": row.state} | {name: getattr(row, name) + shift for name in times})
            row.state = "released"
        db.session.flush()
        db.session.add_all(Reservation(**copy) for copy in copies)


def spans() -> dict[str, tuple[Span, list[Span]]]:
    """Each event's time and those of its reservations."""
    with transaction(keep=False):
        rows = db.session.scalars(select(Reservation).where(IS_BOOKED)).all()
        return {
            event.title: (event.span, [Span(row.starts_at, row.ends_at) for row in rows if row.event_id == event.id])
            for event in db.session.scalars(select(Event))
        }


def refresh() -> dict[str, bool]:
    """What was shifted, by title; True where it was left."""
    with transaction():
        return {one.event.title: one.is_left for one in refresh_zones(actor=ADMINISTRATOR, now=NOW)}


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["they stood later", "they stood earlier"])
def test_instants_and_reservations_follow_the_wall_time(world, shift):
    right = spans()
    told_by_other_rules(shift, "first", "second", "fair")
    with transaction(keep=False):
        before = {event.title: (event.sequence, event.starts_local) for event in db.session.scalars(select(Event))}
        feed, _ = versions.read("all")
    letters = len(db.session.scalars(select(Message.id)).all())
    assert spans() != right
    assert refresh() == {"first": False, "second": False, "fair": False}
    assert spans() == right
    after = {event.title: (event.sequence, event.starts_local) for event in db.session.scalars(select(Event))}
    assert after == {title: (sequence + 1, wall) for title, (sequence, wall) in before.items()}
    assert len(db.session.scalars(select(Message.id)).all()) == letters
    acts = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "refresh-zone")).all()
    assert len(acts) == 3
    assert versions.read("all")[0] > feed
    db.session.rollback()
    assert refresh() == {}


def test_what_clashes_now_is_left_as_it_was_and_tried_again(world):
    told_by_other_rules(24 * HOUR, "first")
    with transaction():
        harbor_plan = {"when": builders.at("2027-02-10T14:00"), "title": "in the way"}
        event = db.session.scalars(select(Event).where(Event.title == "first")).one()
        plan = builders.a_plan(event.campus, rooms=event.rooms, **harbor_plan)
        plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    before = spans()
    assert refresh() == {"first": True}
    assert spans() == before
    with transaction():
        db.session.execute(
            update(Reservation).where(Reservation.event_id == _id("in the way")).values(state="released")
        )
    assert refresh() == {"first": False}
    assert spans()["first"][0].start == before["first"][0].start - 24 * HOUR


def _id(title: str) -> int:
    return db.session.scalars(select(Event.id).where(Event.title == title)).one()


def test_the_command_says_what_moves_and_a_dry_run_changes_nothing(world, database_url):
    told_by_other_rules(HOUR, "first", "second")
    before = spans()
    environment = databases.environment(database_url)
    dry = CliRunner().invoke(cli, ["zones", "refresh", "--dry-run"], env=environment)
    assert dry.exit_code == 0, dry.output
    assert "moved: first (America/Los_Angeles" in dry.output
    assert "2 would be moved, 0 left as before" in dry.output
    assert spans() == before
    wet = CliRunner().invoke(cli, ["zones", "refresh"], env=environment)
    assert (wet.exit_code, "2 moved, 0 left as before" in wet.output) == (0, True), wet.output
    assert spans() != before
