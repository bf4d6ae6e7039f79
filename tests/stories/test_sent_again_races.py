"""The same call twenty times at once with one key: it happens once, whoever answers it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.events.models import Event
from tests import builders, databases
from tests.servers import Server

RACERS = 20
THREADS = 12
WISH = {"kind": "info_session", "title": "Careers", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a racer was told."""

    status: int
    body: bytes
    location: str | None
    etag: str | None
    is_replayed: bool
    retry_after: str | None

    @property
    def is_under_way(self) -> bool:
        return self.status == 409 and json.loads(self.body)["type"] == "/problems/under-way"


@pytest.fixture
def database_url(emptied: str) -> str:
    """All races of this file run at one server."""
    return emptied


@pytest.fixture
def server(bare_app, standing):
    """A hall, and a server of two processes with twelve threads each."""
    with bare_app.app_context(), transaction():
        builders.a_room("hall", on=builders.a_campus("harbor"))
    with standing.watched() as running:
        yield running


def post(server: Server, key: str, wish: dict, barrier: Barrier | None = None) -> Answer:
    connection = server.connection()
    try:
        connection.connect()
        if barrier:
            barrier.wait(timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
        connection.request("POST", "/api/v1/events", json.dumps(wish), {**headers, "Idempotency-Key": key})
        response = connection.getresponse()
        told = {name: response.getheader(name) for name in ("Location", "ETag", "Retry-After")}
        is_replayed = response.getheader("Idempotency-Replayed") == "true"
        body = response.read()
        return Answer(response.status, body, told["Location"], told["ETag"], is_replayed, told["Retry-After"])
    finally:
        connection.close()


def test_the_same_post_twenty_times_at_once_makes_one_event(server, bare_app):
    with ThreadPoolExecutor(RACERS) as pool:
        for number in range(3):
            wish = {**WISH, "starts_local": f"2090-03-0{number + 1}T14:00"}
            barrier = Barrier(RACERS)
            answers = list(pool.map(lambda _: post(server, f"key-{number}", wish, barrier), range(RACERS)))  # noqa: B023  # all are told before the next round begins
            told = [answer for answer in answers if not answer.is_under_way]
            assert {answer.retry_after for answer in answers if answer.is_under_way} <= {"1"}
            assert sum(not answer.is_replayed for answer in told) == 1
            later = post(server, f"key-{number}", wish)
            assert later.is_replayed
            assert {(one.status, one.body, one.location, one.etag) for one in [*told, later]} == {
                (201, later.body, later.location, later.etag)
            }
    with bare_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Event)) == 3
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == 3


def patch(server: Server, event: str, number: int, barrier: Barrier) -> tuple[int, dict]:
    connection = server.connection()
    try:
        connection.connect()
        barrier.wait(timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
        words = json.dumps({"title": f"Words of {number}"})
        connection.request("PATCH", f"/api/v1/events/{event}", words, {**headers, "If-Match": '"v1"'})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_of_twenty_who_change_the_version_that_all_have_read_one_does(server, bare_app):
    made = post(server, "plan", {**WISH, "starts_local": "2090-03-01T14:00", "draft": True})
    assert made.etag == '"v1"'
    event, barrier = json.loads(made.body)["id"], Barrier(RACERS)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda number: patch(server, event, number, barrier), range(RACERS)))
    assert sorted(status for status, _ in answers) == [200] + [412] * (RACERS - 1)
    assert {body["etag"] for status, body in answers if status == 412} == {'"v2"'}
    with bare_app.app_context():
        (title,) = [body["title"] for status, body in answers if status == 200]
        assert db.session.scalars(select(Event.title)).one() == title


def test_the_same_post_with_twenty_keys_is_twenty_calls(server, bare_app):
    """What the key is for: without one key for all, nineteen are told that the hall is taken."""
    wish = {**WISH, "starts_local": "2090-03-01T14:00"}
    barrier = Barrier(RACERS)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda number: post(server, f"key-{number}", wish, barrier), range(RACERS)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * (RACERS - 1)
    assert not any(answer.is_under_way or answer.is_replayed for answer in answers)
