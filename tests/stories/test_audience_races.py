"""Many employers for the same students at once, over real connections: one meets them, and nobody waits in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.events.models import Event, Status
from tests import builders
from tests.servers import Server
from tests.standing import Standing
from tests.stories.test_races import FIRST_SLOT, Answer, post, race, slot

EMPLOYERS = 16
CAMPUSES = ("harbor", "city", "valley")


@pytest.fixture
def database_url(emptied: str) -> str:
    """All races of this file run at one server."""
    return emptied


@pytest.fixture
def server(bare_app: Flask, standing: Standing) -> Iterator[Server]:
    """Three campuses, many experts of an employer each, and a server of two processes with eight threads each."""
    with bare_app.app_context(), transaction():
        for slug in CAMPUSES:
            builders.a_campus(slug)
        for number in range(EMPLOYERS):
            builders.an_expert(f"expert-{number}")
    with standing.watched() as running:
        yield running


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(EMPLOYERS) as racers:
        yield racers


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> range:
    """Twenty with --matrix, a few in the plain run."""
    return range(20 if request.config.option.matrix else 3)


def a_wish(employer: int, at: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "info_session",
        "title": f"Employer {employer}",
        "campus": "harbor",
        "starts_local": at,
        "duration_minutes": 60,
        "experts": [f"expert-{employer}"],
        "audience": ["Nursing students"],
        **more,
    }


def live_events(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Event.status == Status.REQUESTED))


def ensure_one_won(answers: list[Answer], number: int) -> None:
    assert Counter(answer.status for answer in answers) == {201: 1, 409: len(answers) - 1}, (number, answers)
    losers = [answer.body for answer in answers if answer.status == 409]
    assert {clash["kind"] for loser in losers for clash in loser["clashes"]} == {"audience"}


def test_of_many_employers_at_once_one_meets_the_students_and_the_others_are_told_why(server, bare_app, pool, rounds):
    for number in rounds:
        wishes = [("/api/v1/events", a_wish(employer, slot(number))) for employer in range(EMPLOYERS)]
        ensure_one_won(race(server, wishes, pool), number)
    assert live_events(bare_app) == len(rounds)


def a_campaign(employer: int, number: int, **more: Any) -> dict[str, Any]:
    """A round through all campuses, which every other employer makes, and names, from the last to the first."""
    day = FIRST_SLOT.date() + timedelta(days=number)
    hours = [f"{day}T{9 + 3 * index:02}:00" for index in range(len(CAMPUSES))]
    campuses = CAMPUSES if employer % 2 else CAMPUSES[::-1]
    stops = [
        {"campus": campus, "starts_local": hour, "duration_minutes": 30}
        for campus, hour in zip(campuses, hours, strict=True)
    ]
    return a_wish(employer, hours[0], rule={"kind": "campaign", "stops": stops}, **more)


def test_campaigns_through_the_campuses_in_opposite_orders_never_deadlock(server, bare_app, pool, rounds):
    for number in rounds:
        wishes = [("/api/v1/series", a_campaign(employer, number)) for employer in range(EMPLOYERS)]
        answers = race(server, wishes, pool)
        # All are at the middle campus at noon; who is not alone there has lost, and meets others nowhere else either.
        ensure_one_won(answers, number)
    assert live_events(bare_app) == len(rounds) * len(CAMPUSES)


def test_campaigns_that_move_through_the_campuses_in_opposite_orders_never_deadlock(server, pool, rounds):
    """Each has students of its own, so that nothing stands against any of them."""
    for number in rounds:
        firsts = []
        for employer in range(6):
            planned = post(server, "/api/v1/series", a_campaign(employer, number, audience=[f"Class {employer}"]))
            assert planned.status == 201, planned
            firsts.append(planned.body["events"][0])
        later = [(first["id"], first["starts_local"].replace("09:00", "10:00")) for first in firsts]
        moves = [(f"/api/v1/events/{one}/move", {"starts_local": start, "scope": "following"}) for one, start in later]
        answers = race(server, moves, pool)
        assert [answer.status for answer in answers] == [200] * len(moves), answers
