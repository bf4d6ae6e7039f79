"""60 rooms, 150 experts and as many reservations as told, for measuring the desk itself without any door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, islice
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

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
        rows = _rows(stands_at, reservations)
        while chunk := list(islice(rows, CHUNK)):
            with transaction():
                db.session.execute(insert(Reservation), chunk)
        world.settle()
    return -(-reservations // (len(stands_at) * len(TAKEN)))


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
