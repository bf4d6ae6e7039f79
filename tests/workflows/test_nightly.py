"""The doctor's nightly round: once a day, one letter for each office concerned, none where all is well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from eventsvc.workflows.nightly import examine_nightly
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW


@pytest.fixture
def world(app):
    """Two colleges, each with two events in rooms of their own."""
    with transaction():
        for name in ("harbor", "city"):
            campus = builders.a_campus(name)
            for wall in ("2027-01-20T14:00", "2027-01-21T14:00"):
                room = builders.a_room(on=campus)
                plan_event(
                    builders.a_plan(campus, when=builders.at(wall), rooms=[room], title=f"At {name} on {wall[:10]}"),
                    actor=ADMINISTRATOR,
                    now=NOW,
                )
    return app


def round_at(moment):
    return examine_nightly(lambda: moment)


def letters() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.letter == "doctor").order_by(Message.id)))


def lose_reservations_of(name: str) -> None:
    with transaction():
        campus = db.session.scalars(select(Campus.id).where(Campus.slug == name)).one()
        events = select(Event.id).where(Event.campus_id == campus)
        db.session.execute(update(Reservation).where(Reservation.event_id.in_(events)).values(state="released"))


def test_an_office_hears_once_a_day_of_what_is_amiss_and_the_others_hear_nothing(world):
    lose_reservations_of("harbor")
    assert round_at(NOW) == 1
    assert round_at(NOW) is None
    (letter,) = letters()
    assert [(one["kind"], one["event"]["title"]) for one in letter.facts["findings"]] == [
        ("not_reserved", "At harbor on 2027-01-20"),
        ("not_reserved", "At harbor on 2027-01-21"),
    ]
    db.session.rollback()
    assert round_at(NOW + timedelta(days=1)) == 1
    assert len({one.key for one in letters()}) == 2


def test_nothing_is_said_where_all_is_well_or_before_it_is_night(world):
    assert round_at(NOW.replace(hour=9)) is None
    assert round_at(NOW.replace(hour=10)) == 0
    assert letters() == []
