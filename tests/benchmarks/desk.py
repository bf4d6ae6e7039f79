"""The booking desk without any door: one taking beside the raw insert of its rows under the databases' constraint."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import Span
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.models import State
from eventsvc.domain.directory.models import Expert, Room
from tests import databases
from tests.benchmarks import desk_world, measure
from tests.benchmarks.trials import Row, Say, a_database

NOW = datetime(2034, 1, 1, tzinfo=UTC)
WARM = 30  # the first ones fill caches
COLUMNS = "public_id, resource_id, event_id, state, busy_from, busy_until, starts_at, ends_at, place_id"


def taking(engine: str, say: Say, *, stored: int, times: int) -> list[Row]:
    """A room and an expert taken in the midst of what is stored, and as many raw inserts of two such rows."""
    with a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations of {desk_world.ROOMS} rooms and {desk_world.EXPERTS} experts")
        days = desk_world.fill(url, reservations=stored)
        with create_app(databases.settings(url)).app_context():
            say(f"{engine}: {times} takings and raw inserts in turn")
            rooms, experts = (list(db.session.scalars(select(one).order_by(one.id))) for one in (Room, Expert))
            booked = Booked(engine, url, [room.id for room in rooms], [expert.id for expert in experts], days // 2)
            db.session.rollback()
            pairs = [_one(booked, number) for number in range(WARM + times)][WARM:]
            db.session.remove()
            db.engine.dispose()
    (take, take_95), (raw, raw_95) = (measure.percentiles_ms([pair[which] for pair in pairs]) for which in (0, 1))
    figures = f"{take:.2f} / {take_95:.2f} ms; raw insert {raw:.2f} / {raw_95:.2f} ms; {take / raw:.1f} times"
    return [Row(f"`take` of a room and an expert, {stored:,} stored, p50 / p95", engine, figures)]


@dataclass(frozen=True)
class Booked:
    """The database, whom and what to book in it, and the day in the midst of what is stored."""

    engine: str
    url: str
    rooms: list[int]
    experts: list[int]
    day: int


def _one(booked: Booked, number: int) -> tuple[float, float]:
    """Seconds of one taking and of one raw insert, side by side, each with its begin and commit."""
    day, pair = divmod(number, desk_world.ROOMS)
    taken = _take(number, booked.rooms[pair], booked.experts[pair], desk_world.free_span(booked.day + day))
    with _raw(booked.engine, booked.url) as insert:
        return taken, insert(desk_world.free_span(20_000 + number))


def _take(number: int, room_id: int, expert_id: int, span: Span) -> float:
    begun = perf_counter()
    with transaction():
        opened = perf_counter() - begun
        # A story has read what it books by their slugs before it comes to the desk.
        room, expert = db.session.get_one(Room, room_id), db.session.get_one(Expert, expert_id)
        place = room.campus.id
        begun = perf_counter()
        locked = resources.lock(room_ids=[room.id], expert_ids=[expert.id])
        asks = [Ask(resource, span, place) for resource in (locked.rooms[0][0], *locked.experts)]
        desk.take(asks, event_id=2 + number, state=State.HELD, hold_until=span.end, now=NOW)
    return opened + perf_counter() - begun


@contextmanager
def _raw(engine: str, url: str) -> Iterator[Callable[[Span], float]]:
    """The driver alone: begin, two inserts, commit."""
    connection = _connected(engine, url)
    resource_ids = [
        row[0] for row in connection.execute("SELECT min(id) FROM resources UNION SELECT max(id) FROM resources")
    ]
    (place_id,) = connection.execute("SELECT min(id) FROM campuses").fetchone()
    mark = "?" if engine == "sqlite" else "%s"
    statement = f"INSERT INTO reservations ({COLUMNS}) VALUES ({', '.join([mark] * 9)})"

    def insert(span: Span) -> float:
        rows = [_row(engine, resource_id, place_id, span) for resource_id in resource_ids]
        begun = perf_counter()
        connection.execute("BEGIN IMMEDIATE" if engine == "sqlite" else "BEGIN")
        for row in rows:
            connection.execute(statement, row)
        connection.execute("COMMIT")
        return perf_counter() - begun

    try:
        yield insert
    finally:
        connection.close()


def _connected(engine: str, url: str) -> Any:
    if engine == "postgresql":
        return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _row(engine: str, resource_id: int, place_id: int, span: Span) -> tuple[Any, ...]:
    if engine == "postgresql":
        return (uuid4(), resource_id, 1, "held", span.start, span.end, span.start, span.end, place_id)
    start, end = (moment.strftime("%Y-%m-%d %H:%M:%S.%f") for moment in (span.start, span.end))
    return (uuid4().hex, resource_id, 1, "held", start, end, start, end, place_id)
