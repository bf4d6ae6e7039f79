"""A database with many reservations or many published events, written by plain SQL: the doors would take hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, text

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import to_utc
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events.models import Event, EventKind, EventRoom, EventTopic, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.feeds import versions
from eventsvc.workflows import keep_search
from tests import builders, databases

ROOMS, EXPERTS = 25, 25  # each booking takes one of each
STARTS = (8, 10, 12, 14, 16, 18)  # local hours of the stored bookings; an evening hour stays free
FIRST_DAY = datetime(2040, 1, 2)
CHUNK = 2000


def fill(database_url: str, *, reservations: int, rooms: int = ROOMS, experts: int = EXPERTS) -> int:
    """Fill a fresh database; returns over how many days the bookings lie. There are no more rooms than experts."""
    with _app(database_url).app_context():
        with transaction():
            campus = builders.a_campus("harbor")
            for number in range(rooms):
                builders.a_room(f"hall-{number}", on=campus, setup=15, takedown=15)
            for number in range(experts):
                builders.an_expert(f"expert-{number}")
        bookings = reservations // 2
        _write_bookings(campus.id, bookings)
        settle()
    return -(-bookings // (rooms * len(STARTS)))


def fill_feed(database_url: str, *, events: int) -> None:
    """A fresh database with that many published events ahead."""
    with _app(database_url).app_context():
        with transaction():
            campus = builders.a_campus("harbor")
            builders.a_room("hall-0", on=campus)
            office = office_id()
            now = datetime.now(UTC).replace(microsecond=0)
            rows = []
            for number in range(events):
                start = now.replace(minute=0, second=0) + timedelta(days=1, hours=2 * number)
                words = "What we do, whom we hire, how to apply. Bring questions; there is time for all of them. " * 2
                rows.append(event_row(number + 1, office, campus.id, start, published_at=now, description=words))
            db.session.execute(insert(Event), rows)
            versions.touch({"all"}, now)
        settle()


def fill_pages(database_url: str, *, events: int) -> None:
    """A fresh database with that many published events, two thirds of them over: 30 campuses, 60 rooms, 25 experts."""
    with _app(database_url).app_context():
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        with transaction():
            campuses = [builders.a_campus(f"college-{number}") for number in range(30)]
            rooms = [builders.a_room(f"hall-{number}", on=campuses[number % 30]) for number in range(60)]
            topics = [builders.a_topic(f"topic-{number}") for number in range(12)]
            port = builders.an_organization("port")
            experts = [builders.an_expert(f"expert-{number}", of=port, topics=topics[:3]) for number in range(25)]
            office = office_id()
            rows, taken, seats, subjects = [], [], [], []
            for number in range(events):
                # A year ahead and two years back, ten events a day.
                start = now + timedelta(hours=24_000 * number // events - 16_000)
                room = rooms[number % 60]
                rows.append(_page_event(number, office, room, start, now))
                taken.append({"event_id": number + 1, "room_id": room.id})
                seats.append({"event_id": number + 1, "expert_id": experts[number % 25].id, "role": "presenter"})
                subjects.append({"event_id": number + 1, "topic_id": topics[number % 12].id})
            for table, values in ((Event, rows), (EventRoom, taken), (Seat, seats), (EventTopic, subjects)):
                db.session.execute(insert(table), values)
            keep_search.rebuild()
        settle()


def _page_event(number: int, office: int, room: Room, start: datetime, now: datetime) -> dict[str, Any]:
    words = f"What we do, whom we hire, how to apply. Session {number} of many. Bring questions; there is time. " * 3
    is_off = number % 20 == 7
    event = event_row(number + 1, office, room.campus_id, start, published_at=now, description=words)
    promised = {
        **{name: event[name] for name in ("zone", "duration_minutes")},
        "all_day": False,
        "starts_local": event["starts_local"].isoformat(timespec="minutes"),
        "starts_side": None,
        "starts_on": event["starts_on"].isoformat(),
        "days": 1,
        "campus": room.campus.slug,
        "rooms": [room.slug],
        "location": f"{room.name}, {room.campus.name}",
        "geo": None,
    }
    return {
        **event,
        "kind": list(EventKind)[number % 8],
        "status": Status.CANCELLED if is_off else Status.CONFIRMED,
        "promised": promised,
        "promised_campus_id": room.campus_id,
    }


def change_one(database_url: str, number: int) -> None:
    """Give one event in the midst another title, as a story does."""
    with _app(database_url).app_context():
        with transaction():
            middle = select(Event).order_by(Event.promised_starts_at).offset(50 * (number + 1)).limit(1)
            event = db.session.scalars(middle).one()
            with versions.following([event], datetime.now(UTC)):
                event.title = f"Careers at the port, changed {number}"
                event.version += 1
                event.revised_at += timedelta(seconds=1)
        db.engine.dispose()


def _app(database_url: str) -> Any:
    return create_app(databases.settings(database_url))


def office_id() -> int:
    return db.session.scalars(select(Office.id).order_by(Office.id)).first() or 0


def _write_bookings(campus_id: int, bookings: int) -> None:
    rooms = dict(db.session.execute(select(Room.id, Resource.id).join(Resource, Resource.room_id == Room.id)).all())
    experts = dict(
        db.session.execute(select(Expert.id, Resource.id).join(Resource, Resource.expert_id == Expert.id)).all()
    )
    in_turn = sorted(rooms), sorted(experts)
    office = office_id()
    numbers = iter(range(1, bookings + 1))
    while chunk := list(islice(numbers, CHUNK)):
        with transaction():
            slots = {number: _slot(number - 1, len(rooms)) for number in chunk}
            db.session.execute(
                insert(Event), [event_row(number, office, campus_id, start) for number, (_, start) in slots.items()]
            )
            taken = {
                number: (in_turn[0][room], in_turn[1][(number - 1) % len(experts)], start)
                for number, (room, start) in slots.items()
            }
            db.session.execute(
                insert(EventRoom), [{"event_id": n, "room_id": room} for n, (room, _, _) in taken.items()]
            )
            db.session.execute(
                insert(Seat),
                [{"event_id": n, "expert_id": expert, "role": "presenter"} for n, (_, expert, _) in taken.items()],
            )
            db.session.execute(insert(Reservation), list(_reservations(taken, rooms, experts, campus_id)))


def _slot(number: int, rooms: int) -> tuple[int, datetime]:
    """Which room, and when: all are filled evenly, day by day."""
    day, rest = divmod(number, rooms * len(STARTS))
    hour, room = divmod(rest, rooms)
    local = FIRST_DAY + timedelta(days=day, hours=STARTS[hour])
    return room, to_utc(local, builders.PACIFIC)


def _reservations(taken: dict, rooms: dict, experts: dict, campus_id: int) -> Iterator[dict[str, Any]]:
    quarter, hour = timedelta(minutes=15), timedelta(hours=1)
    for event, (room, expert, start) in taken.items():
        for resource, until in ((rooms[room], start + hour + quarter), (experts[expert], start + hour)):
            yield {
                "public_id": uuid4(),
                "resource_id": resource,
                "event_id": event,
                "state": State.CONFIRMED,
                "busy_from": start - quarter,
                "busy_until": until,
                "starts_at": start,
                "ends_at": start + hour,
                "place_id": campus_id,
                "hold_until": None,
            }


def event_row(number: int, office: int, campus: int, start: datetime, **more: Any) -> dict[str, Any]:
    end = start + timedelta(hours=1)
    return {
        "id": number,
        "public_id": uuid4(),
        "kind": EventKind.INFO_SESSION,
        "title": f"Careers at the port, session {number}",
        "audience": [],
        "owner_id": office,
        "campus_id": campus,
        "zone": builders.PACIFIC,
        "starts_local": start.replace(tzinfo=None),
        "duration_minutes": 60,
        "starts_on": start.date(),
        "starts_at": start,
        "ends_at": end,
        "promised": {},
        "awaits_time": False,
        "promised_starts_at": start,
        "promised_ends_at": end,
        "status": Status.CONFIRMED,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "revised_at": datetime(2026, 1, 1, tzinfo=UTC),
        **more,
    }


def settle() -> None:
    """Move PostgreSQL's number series behind our own numbers, and let both databases look at what they hold."""
    if db.engine.dialect.name == "postgresql":
        highest = "coalesce((SELECT max(id) FROM events), 0) + 1"
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('events', 'id'), {highest}, false)"))
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # autovacuum would, a minute later
    db.session.remove()
    db.engine.dispose()
