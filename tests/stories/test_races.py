"""Many want the same at once, over real connections, from a real server of several processes."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.models import Reservation
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.models import Event
from tests import builders, databases
from tests.servers import Server
from tests.standing import Standing

RACERS = 100
FIRST_SLOT = datetime(2090, 3, 6, 8, 0)  # the server's clock is the real one, so slots lie far ahead


@dataclass(frozen=True, slots=True)
class Answer:
    """What a racer was told."""

    status: int
    body: dict[str, Any]


@pytest.fixture
def database_url(emptied: str) -> str:
    """All races of this file run at one server."""
    return emptied


@pytest.fixture
def server(bare_app: Flask, standing: Standing) -> Iterator[Server]:
    """Four rooms, four experts and a server of two processes with eight threads each."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("harbor")
        for number in range(4):
            builders.a_room(f"hall-{number}", on=campus, setup=15, takedown=15)
            builders.an_expert(f"expert-{number}")
        builders.a_pool("screens", quantity=2, on=campus)
    with standing.watched() as running:
        yield running


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


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> range:
    """Twenty with --matrix, a few in the plain run."""
    return range(20 if request.config.option.matrix else 3)


def booked(server: Server, number: int, **what: Sequence[str]) -> str:
    """The id of an event that was planned in peace."""
    answer = post(server, "/api/v1/events", a_wish(number, **what))
    assert answer.status == 201, answer
    return answer.body["id"]


def let_lapse(app: Flask, event_id: str, until: datetime) -> None:
    """Let an event's hold end at that moment, as if it had been made two weeks before."""
    with app.app_context(), transaction():
        event = db.session.scalars(select(Event.id).where(Event.public_id == UUID(event_id))).one()
        db.session.execute(update(Reservation).where(Reservation.event_id == event).values(hold_until=until))


def test_a_hundred_racers_for_one_room_make_one_booking_and_99_named_clashes(server, bare_app, pool, rounds):
    for number in rounds:
        wishes = [("/api/v1/events", a_wish(number, rooms=["hall-0"], title=f"Racer {n}")) for n in range(RACERS)]
        answers = race(server, wishes, pool)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: RACERS - 1}, (number, answers)
        winner = next(answer.body for answer in answers if answer.status == 201)
        for loser in (answer.body for answer in answers if answer.status == 409):
            (clash,) = loser["clashes"]
            assert (clash["resource"]["slug"], clash["kind"]) == ("hall-0", "overlap")
            assert clash["with"]["event"] == winner["id"]
    assert live_rows(bare_app) == len(rounds)


def test_resources_named_in_different_orders_never_deadlock(server, bare_app, pool, rounds):
    shuffled = random.Random(2)
    everything = [f"expert-{n}" for n in range(4)], [f"hall-{n}" for n in range(4)]
    for number in rounds:
        wishes = []
        for _ in range(24):
            experts, rooms = (shuffled.sample(names, k=3) for names in everything)
            wishes.append(("/api/v1/events", a_wish(number, experts=experts, rooms=rooms)))
        answers = race(server, wishes, pool)
        # Any two wishes of three out of four share an expert, so one wish wins and it wins whole.
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 23}, (number, answers)
        assert live_rows(bare_app) == 6 * (number + 1)


def test_moving_into_a_slot_races_with_planning_there_and_one_wins(server, bare_app, pool, rounds):
    rows = 0
    for number in rounds:
        aside = [booked(server, 1000 + 10 * number + n, experts=["expert-1"], rooms=["hall-1"]) for n in range(6)]
        wishes = [(f"/api/v1/events/{event}/move", {"starts_local": slot(number)}) for event in aside]
        wishes += [("/api/v1/events", a_wish(number, experts=["expert-1"], rooms=["hall-2"])) for _ in range(6)]
        answers = race(server, wishes, pool)
        statuses = Counter(answer.status for answer in answers)
        assert statuses == Counter({409: 11, 200: statuses[200], 201: 1 - statuses[200]}), (number, answers)
        rows += 12 + 2 * statuses[201]
        # Whoever was refused a move still holds the old slot.
        assert live_rows(bare_app) == rows


def test_two_requests_for_one_room_whose_holds_have_lapsed_are_never_both_confirmed(server, bare_app, pool, rounds):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for number in rounds:
        rivals = []
        for _ in range(2):  # the second one finds the room free, because the first one's hold has lapsed
            rivals.append(booked(server, number, rooms=["hall-0"]))
            let_lapse(bare_app, rivals[-1], long_ago)
        answers = race(server, [(f"/api/v1/events/{event}/confirm", {}) for event in rivals * 6], pool)
        confirmed = {answer.body["id"] for answer in answers if answer.status == 200}
        assert len(confirmed) == 1, (number, answers)
        refused = [answer for answer in answers if answer.status != 200]
        assert {answer.status for answer in refused} == {409}, (number, answers)
        assert {clash["with"]["event"] for answer in refused for clash in answer.body.get("clashes", [])} <= confirmed
        assert live_rows(bare_app) == number + 1


def test_a_hold_that_ends_meanwhile_is_confirmed_or_booked_by_somebody_else_and_never_both(
    server, bare_app, pool, rounds
):
    winners: Counter[str] = Counter()
    for number in rounds:
        event = booked(server, number, rooms=["hall-0"])
        let_lapse(bare_app, event, datetime.now(UTC) + timedelta(milliseconds=random.Random(number).randint(0, 60)))
        wishes = [(f"/api/v1/events/{event}/confirm", {})] * 2
        wishes += [("/api/v1/events", a_wish(number, rooms=["hall-0"]))] * 10
        answers = race(server, wishes, pool)
        statuses = [Counter(answer.status for answer in part) for part in (answers[:2], answers[2:])]
        was_confirmed = statuses[0][200] > 0
        winners["confirmed" if was_confirmed else "booked"] += 1
        assert statuses[1] == ({409: 10} if was_confirmed else {201: 1, 409: 9}), (number, answers)
        assert statuses[0] == ({200: 2} if was_confirmed else {409: 2}), (number, answers)
        assert live_rows(bare_app) == number + 1
    assert winners.total() == len(rounds)


def test_a_series_races_with_single_events_and_each_slot_has_one_winner(server, bare_app, pool, rounds):
    for number in rounds:
        dates = [(FIRST_SLOT + timedelta(days=100 + 10 * number + n)).isoformat(timespec="minutes") for n in range(4)]
        single = {**a_wish(0, rooms=["hall-3"]), "starts_local": dates[2]}
        series = {**a_wish(0, rooms=["hall-3"]), "rule": {"kind": "dates", "dates": [date[:10] for date in dates]}}
        series["starts_local"] = dates[0]
        wishes = [("/api/v1/series", series)] * 4 + [("/api/v1/events", single)] * 8
        answers = race(server, wishes, pool)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 11}, (number, answers)


def test_campaigns_that_name_their_stops_in_opposite_orders_never_deadlock(server, bare_app, pool, rounds):
    for number in rounds:
        stops = [
            {"rooms": [f"hall-{n}"], "experts": [f"expert-{n}"], "starts_local": slot(200 + number)} for n in range(4)
        ]
        wishes = []
        for racer in range(12):
            rule = {"kind": "campaign", "stops": stops if racer % 2 else stops[::-1]}
            wishes.append(("/api/v1/series", {**a_wish(200 + number), "rule": rule}))
        answers = race(server, wishes, pool)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 11}, (number, answers)
        assert {len(answer.body["occurrences"]) for answer in answers if answer.status == 409} == {4}
        assert live_rows(bare_app) == 8 * (number + 1)


def test_moves_of_whole_series_race_with_moves_of_their_dates_and_nothing_is_lost(server, bare_app, pool):
    dates = [slot(6 * 7 * week)[:10] for week in range(5)]
    wish = {**a_wish(0, rooms=["hall-0"], experts=["expert-0"]), "rule": {"kind": "dates", "dates": dates}}
    series = post(server, "/api/v1/series", wish).body
    later = [{"starts_local": f"{dates[0]}T{hour:02}:00", "scope": "following"} for hour in range(10, 20, 2)]
    wishes = [(f"/api/v1/events/{series['events'][0]['id']}/move", to) for to in later]
    wishes += [(f"/api/v1/events/{one['id']}/move", {"rooms": ["hall-1"]}) for one in series["events"]]
    wishes += [(f"/api/v1/series/{series['id']}/publish", {})] * 2
    answers = race(server, wishes, pool)
    assert {answer.status for answer in answers} <= {200, 409}, answers
    assert [answer.status for answer in answers[:10]] == [200] * 10, answers
    assert live_rows(bare_app) == 10


def test_an_override_books_what_is_closed_once_and_never_what_is_taken(server, bare_app, pool, rounds):
    """Everybody overrides the closed campus at once: the room goes to one, the others hear of the overlap."""
    with bare_app.app_context(), transaction():
        campus_id = db.session.scalars(select(Campus.id)).one()
        begins = datetime(2090, 1, 1, tzinfo=UTC)
        closed = {"starts_at": begins, "ends_at": begins + timedelta(days=200), "title": "Rebuilding"}
        db.session.add(Block(kind=BlockKind.BLACKOUT, campus_id=campus_id, **closed))
    override = {"kinds": ["closed"], "reason": "The site is open to us."}
    for number in rounds:
        wishes = [("/api/v1/events", {**a_wish(number, rooms=["hall-0"]), "override": override})] * 20
        wishes += [("/api/v1/events", a_wish(number, rooms=["hall-0"]))] * 4
        answers = race(server, wishes, pool)
        assert Counter(answer.status for answer in answers[:20]) == {201: 1, 409: 19}, (number, answers)
        assert {answer.status for answer in answers[20:]} == {409}
        reasons = {
            tuple(clash["kind"] for clash in answer.body["clashes"]) for answer in answers[:20] if answer.status == 409
        }
        assert reasons == {("overlap",)}
        assert live_rows(bare_app) == number + 1


def test_two_answers_for_one_room_at_once_leave_one_of_them_and_the_reservation_that_belongs_to_it(
    server, bare_app, pool, rounds
):
    with bare_app.app_context(), transaction():
        hall = db.session.scalars(select(Room).where(Room.slug == "hall-0")).one()
        hall.office, hall.needs_approval = builders.an_office("the-rooms", of=hall.campus.organization), True
    for number in rounds:
        event = booked(server, number, rooms=["hall-0"])
        path = f"/api/v1/events/{event}/rooms/hall-0"
        before = live_rows(bare_app)
        answers = race(server, [(f"{path}/grant", {}), (f"{path}/decline", {})] * 4, pool)
        assert {answer.status for answer in answers} == {200}, answers
        shown = server_says(server, event)
        is_held = live_rows(bare_app) == before
        assert (shown["room_state"], is_held) in (("granted", True), ("to_be_announced", False))


def server_says(server: Server, event_id: str) -> dict[str, Any]:
    """An event as it is now."""
    connection = server.connection()
    try:
        headers = {"Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
        connection.request("GET", f"/api/v1/events/{event_id}", headers=headers)
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def test_what_is_given_back_while_it_changes_places_in_its_pool_is_given_back(server, bare_app, pool):
    for number in range(12):
        day = slot(6 * number)[:11]
        first, second = f"{day}08:00", f"{day}09:00"
        one = {"kind": "info_session", "title": "A screen", "campus": "harbor", "duration_minutes": 60}
        one["equipment"] = [{"slug": "screens", "quantity": 1}]

        def planned(starts: str, one: dict = one) -> str:
            return post(server, "/api/v1/events", {**one, "starts_local": starts}).body["id"]

        planned(first)
        aside = planned(second)
        leaving = planned(second)  # on the other screen, because this one is taken
        assert post(server, f"/api/v1/events/{aside}/withdraw", {}).status == 200
        # A screen for both hours: none is free throughout, so the one that leaves would change to the first screen.
        both = {**one, "starts_local": first, "duration_minutes": 120}
        answers = race(server, [("/api/v1/events", both), (f"/api/v1/events/{leaving}/withdraw", {})], pool)
        assert [answer.status for answer in answers] == [201, 200], (number, answers)
        assert live_rows(bare_app) == 2 * (number + 1)
