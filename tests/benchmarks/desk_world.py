"""60 rooms, 150 experts and as many reservations as told, for measuring the desk itself without any door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, islice
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, text

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import Span
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.events.models import Event, Status
from tests import builders, databases
from tests.benchmarks import world

ROOMS, EXPERTS, CAMPUSES = 60, 150, 5
HOURS = (15, 17, 19, 21, 23)  # UTC; the hour from 19:00 to 20:00 stays free on every day: see free_span
FIRST_DAY = datetime(2035, 1, 1, tzinfo=UTC)
CHUNK = 5000
FREE = HOURS[2]
TAKEN = tuple(hour for hour in HOURS if hour != FREE)
HOLDERS = 1500


def fill(database_url: str, *, reservations: int) -> int:
    """Fill a fresh database; returns over how many days the reservations lie. One event holds them all."""
    with create_app(databases.settings(database_url)).app_context():
        with transaction():
            campuses = [builders.a_campus(f"campus-{number}") for number in range(CAMPUSES)]
            for origin, destination in combinations(campuses, 2):
                builders.a_way(origin, destination, 20)
            for number in range(ROOMS):
                builders.a_room(f"room-{number}", on=campuses[number % CAMPUSES], setup=15, takedown=15)
            for number in range(EXPERTS):
                builders.an_expert(f"expert-{number}", max_per_day=6, max_per_week=40)
            places = [campus.id for campus in campuses]
            office = world.office_id()
            rows = [
                world.event_row(number + 1, office, places[0], FIRST_DAY, status=Status.DRAFT)
                for number in range(HOLDERS)
            ]
            db.session.execute(insert(Event), rows)
            resources = list(db.session.scalars(select(Resource).order_by(Resource.id)))
            stands_at = {one.id: one.room.campus_id if one.room else places[one.id % CAMPUSES] for one in resources}
        store = _copy if db.engine.dialect.name == "postgresql" else _insert
        store(_rows(stands_at, reservations))
        world.settle()
    return -(-reservations // (len(stands_at) * len(TAKEN)))


def _insert(rows: Iterator[dict[str, Any]]) -> None:
    while chunk := list(islice(rows, CHUNK)):
        with transaction():
            db.session.execute(insert(Reservation), chunk)


def _copy(rows: Iterator[dict[str, Any]]) -> None:
    """A million rows come in by COPY, and the constraint looks at them once, when it is put back."""
    rule = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ex_reservations_overlap'")
    with transaction():
        definition = db.session.scalar(rule)
        db.session.execute(text("ALTER TABLE reservations DROP CONSTRAINT ex_reservations_overlap"))
        first = next(rows)
        cursor = db.session.connection().connection.cursor()
        with cursor.copy(f"COPY reservations ({', '.join(first)}) FROM STDIN") as copy:
            for row in chain([first], rows):
                copy.write_row([str(row["state"]) if name == "state" else value for name, value in row.items()])
        db.session.execute(text(f"ALTER TABLE reservations ADD CONSTRAINT ex_reservations_overlap {definition}"))


def free_span(day: int) -> Span:
    """The free hour of a day."""
    start = FIRST_DAY + timedelta(days=day, hours=FREE)
    return Span(start, start + timedelta(hours=1))


def _rows(stands_at: dict[int, int], reservations: int) -> Iterator[dict[str, Any]]:
    """All resources at the first hour of the first day, then at the next, and so on."""
    quarter, hour = timedelta(minutes=15), timedelta(hours=1)
    resources = list(stands_at)
    for number in range(reservations):
        day, rest = divmod(number, len(resources) * len(TAKEN))
        at, which = divmod(rest, len(resources))
        start = FIRST_DAY + timedelta(days=day, hours=TAKEN[at])
        yield {
            "public_id": uuid4(),
            "resource_id": resources[which],
            "event_id": 1,
            "state": State.CONFIRMED,
            "busy_from": start - quarter,
            "busy_until": start + hour,
            "starts_at": start,
            "ends_at": start + hour,
            "place_id": stands_at[resources[which]],
        }
