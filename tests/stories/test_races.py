"""Many want the same at once, over real connections, from a real server of several processes."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from eventsvc.core.db import db, transaction
from tests import builders, databases, servers
from tests.servers import Server

RACERS = 50
ROUNDS = 20
FIRST_SLOT = datetime(2090, 3, 6, 8, 0)  # the server's clock is the real one, so slots lie far ahead


@dataclass(frozen=True, slots=True)
class Answer:
    """What a racer was told."""

    status: int
    body: dict[str, Any]


@pytest.fixture
def server(bare_app: Flask, database_url: str) -> Iterator[Server]:
    """Four rooms, four experts and a server of two processes with eight threads each."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("harbor")
        for number in range(4):
            builders.a_room(f"hall-{number}", on=campus, setup=15, takedown=15)
            builders.an_expert(f"expert-{number}")
    with servers.serving(databases.environment(database_url)) as running:
        yield running
        assert "Traceback" not in running.log()


def slot(number: int) -> str:
    """The wall time of the n-th slot; slots of 60 minutes with lead, set-up and take-down stay apart."""
    return (FIRST_SLOT + timedelta(hours=4 * number)).isoformat(timespec="minutes")


def a_wish(number: int, *, experts: Sequence[str] = (), rooms: Sequence[str] = (), title: str = "A race") -> dict:
    return {
        "kind": "info_session",
        "title": title,
        "campus": "harbor",
        "starts_local": slot(number),
        "duration_minutes": 60,
        "experts": list(experts),
        "rooms": list(rooms),
    }


def post(server: Server, path: str, body: dict, barrier: Barrier | None = None) -> Answer:
    """One request on a connection of its own; with a barrier, sent when everybody is ready."""
    connection = server.connection()
    try:
        connection.connect()
        if barrier:
            barrier.wait(timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()))
    finally:
        connection.close()


def race(server: Server, wishes: Sequence[tuple[str, dict]], pool: ThreadPoolExecutor) -> list[Answer]:
    """All wishes at the same moment."""
    barrier = Barrier(len(wishes))
    return list(pool.map(lambda wish: post(server, *wish, barrier), wishes))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(RACERS) as racers:
        yield racers


def live_rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(text("SELECT count(*) FROM reservations WHERE state IN ('held', 'confirmed')"))


def test_fifty_racers_for_one_expert_and_slot_make_one_booking_twenty_times(server, bare_app, pool):
    for number in range(ROUNDS):
        wishes = [("/api/v1/events", a_wish(number, experts=["expert-0"], title=f"Racer {n}")) for n in range(RACERS)]
        answers = race(server, wishes, pool)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: RACERS - 1}, (number, answers)
        winner = next(answer.body for answer in answers if answer.status == 201)
        for loser in (answer.body for answer in answers if answer.status == 409):
            (clash,) = loser["clashes"]
            assert (clash["resource"]["slug"], clash["kind"]) == ("expert-0", "overlap")
            assert clash["with"]["event"] == winner["id"]
    assert live_rows(bare_app) == ROUNDS


def test_racers_that_name_resources_in_different_orders_never_deadlock(server, bare_app, pool):
    shuffled = random.Random(2)
    everything = [f"expert-{n}" for n in range(4)], [f"hall-{n}" for n in range(4)]
    for number in range(5):
        wishes = []
        for _ in range(24):
            experts, rooms = (shuffled.sample(names, k=3) for names in everything)
            wishes.append(("/api/v1/events", a_wish(number, experts=experts, rooms=rooms)))
        answers = race(server, wishes, pool)
        # Any two wishes of three out of four share an expert, so one wish wins and it wins whole.
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 23}, (number, answers)
        assert live_rows(bare_app) == 6 * (number + 1)


def test_moving_into_a_slot_races_with_planning_there_and_one_wins(server, bare_app, pool):
    moving = [
        post(server, "/api/v1/events", a_wish(100 + n, experts=["expert-1"], rooms=["hall-1"])).body["id"]
        for n in range(10)
    ]
    wishes = [(f"/api/v1/events/{event}/move", {"starts_local": slot(1)}) for event in moving]
    wishes += [("/api/v1/events", a_wish(1, experts=["expert-1"], rooms=["hall-2"])) for _ in range(10)]
    answers = race(server, wishes, pool)
    statuses = Counter(answer.status for answer in answers)
    assert statuses == Counter({409: 19, 200: statuses[200], 201: 1 - statuses[200]}), answers
    # Whoever was refused a move still holds the old slot.
    assert live_rows(bare_app) == 20 + 2 * statuses[201]
