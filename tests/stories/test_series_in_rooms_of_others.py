"""A series in a room of another office: one letter to the office whatever happens to many dates, a link for each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import deliver
from eventsvc.domain.outbox import letters as written
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import InboxOnly
from eventsvc.interfaces.services import services
from tests import builders
from tests.conftest import NOW
from tests.post_office import WAITED

pytestmark = pytest.mark.usefixtures("still")

FACILITIES = "facilities@college.example"
FIRST, WEEK = date(2027, 2, 10), timedelta(days=7)  # a Wednesday, a month before the clocks change


@pytest.fixture(autouse=True)
def world(bare_app: Flask) -> Flask:
    """A hall that Facilities grants, another of theirs, and a lounge that needs nobody's yes."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("pasadena")
        facilities = builders.an_office("facilities", of=campus.organization, mailbox=FACILITIES)
        for name in ("big-hall", "old-hall"):
            hall = builders.a_room(name, on=campus, setup=45)
            hall.office, hall.needs_approval = facilities, True
        builders.a_room("lounge", on=campus)
    return bare_app


def a_series(admin: FlaskClient, count: int = 4, **more: Any) -> dict[str, Any]:
    offices = admin.get("/api/v1/offices").json["items"]
    wish = {
        "kind": "info_session",
        "title": "Careers on Wednesdays",
        "campus": "pasadena",
        "owner": next(row["slug"] for row in offices if row["slug"] != "facilities"),
        "starts_local": f"{FIRST}T14:00",
        "duration_minutes": 60,
        "rooms": ["big-hall"],
        "rule": {"kind": "weekly", "count": count},
        **more,
    }
    answer = admin.post("/api/v1/series", json=wish)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def waiting(app: Flask) -> list[Message]:
    """The letters to Facilities that have not left."""
    queued = select(Message).where(Message.to_address == FACILITIES, Message.state == MessageState.QUEUED)
    with app.app_context():
        return list(db.session.scalars(queued.order_by(Message.id)))


def names(app: Flask) -> list[tuple[str, int]]:
    return [(one.letter, len(one.facts.get("dates", [one]))) for one in waiting(app)]


def read(app: Flask, message: Message) -> tuple[str, str]:
    with app.app_context():
        return written.render_text(message, services().links)


def send(app: Flask) -> None:
    with app.app_context():
        deliver.deliver_due(
            InboxOnly(), services().links, services().sender, lambda: NOW + WAITED, threads.name_addresses
        )


def tokens(app: Flask, letter: Message) -> list[str]:
    """Those of the links in the letter, by its dates."""
    _, text = read(app, letter)
    return [line.rsplit("/", 1)[1] for line in text.splitlines() if "/room-answer/" in line]


def act(admin: FlaskClient, path: str, **body: Any) -> dict[str, Any]:
    answer = admin.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def states(admin: FlaskClient, series: dict[str, Any]) -> list[str]:
    return [one["room_state"] for one in admin.get(f"/api/v1/series/{series['id']}").json["events"]]


def test_thirty_dates_are_one_letter_and_each_is_answered_by_its_own_link(world, admin, public):
    series = a_series(admin, 30, expected_heads=40)
    assert names(world) == [("room_request_series", 30)]
    (letter,) = waiting(world)
    subject, text = read(world, letter)
    assert subject == "May we have Big Hall on 30 dates? Careers on Wednesdays"
    for words in (
        "Wednesday, February 10, 2027, 2:00 PM",
        "Wednesday, September 1, 2027, 2:00 PM",
        "45 minutes before",
    ):
        assert words in text
    assert text.count("Big Hall, Pasadena") == 30
    assert ("room requested" in text, "40 people" in text) == (False, True)
    links = tokens(world, letter)
    assert len(set(links)) == 30
    for number, word in ((0, "grant"), (1, "decline"), (29, "grant")):
        assert public.post(f"/api/v1/room-answers/{links[number]}", json={"answer": word}).status_code == 200
    assert states(admin, series) == ["granted", "to_be_announced", *["requested"] * 27, "granted"]


def test_moving_many_asks_again_in_one_letter_that_names_the_old_times(world, admin, public):
    series = a_series(admin)
    send(world)
    second, to = series["events"][1]["id"], f"{FIRST + WEEK}T16:00"
    act(admin, f"events/{second}/move", starts_local=to, scope="following")
    (letter,) = waiting(world)
    assert (letter.letter, len(letter.facts["dates"])) == ("room_request_series", 3)
    subject, text = read(world, letter)
    assert subject == "3 new dates, may we have Big Hall? Careers on Wednesdays"
    assert text.count(", instead of Wednesday,") == 3
    # Moved again before that has left: the same letter says the newest, and still what the office knows.
    act(admin, f"events/{second}/move", starts_local=f"{FIRST + WEEK}T17:00", scope="following")
    (letter,) = waiting(world)
    assert {(one["turn"], one["was"]["starts_at"][11:16]) for one in letter.facts["dates"]} == {(2, "22:00")}
    assert "5:00 PM – 6:00 PM (Pacific Standard Time), Big Hall" in read(world, letter)[1]
    link = tokens(world, letter)[-1]
    assert public.post(f"/api/v1/room-answers/{link}", json={"answer": "grant"}).status_code == 200
    assert states(admin, series) == ["requested"] * 3 + ["granted"]


def test_another_room_spares_the_old_one_and_asks_for_the_new_one_in_a_letter_each(world, admin):
    series = a_series(admin)
    send(world)
    act(admin, f"events/{series['events'][0]['id']}/move", rooms=["old-hall"], scope="following")
    letters = {one.letter: read(world, one) for one in waiting(world)}
    assert len(letters) == len(waiting(world)) == 2
    assert letters["room_request_series"][0] == "May we have Old Hall on 4 dates? Careers on Wednesdays"
    assert letters["room_off_series"][0] == "No longer needed on 4 dates: Big Hall"
    assert "Old Hall" not in letters["room_off_series"][1]


def test_calling_many_off_is_one_letter_with_each_reservation(world, admin, public):
    series = a_series(admin)
    links = tokens(world, waiting(world)[0])
    send(world)
    granted = {"answer": "grant", "reference": "R-2"}
    assert public.post(f"/api/v1/room-answers/{links[1]}", json=granted).status_code == 200
    act(admin, f"events/{series['events'][1]['id']}/withdraw", scope="following")
    (letter,) = waiting(world)
    assert (letter.letter, len(letter.facts["dates"])) == ("room_off_series", 3)
    _, text = read(world, letter)
    assert (text.count("your reservation: R-2"), text.count("your reservation:")) == (1, 1)
    assert "/room-answer/" not in text
    send(world)
    act(admin, f"events/{series['events'][0]['id']}/withdraw")
    assert names(world) == [("room_off", 1)]


def test_a_date_that_changes_before_the_letter_has_left_is_rewritten_in_it_or_taken_out(world, admin):
    series = a_series(admin)
    ids = [event["id"] for event in series["events"]]
    act(admin, f"events/{ids[2]}/withdraw")
    act(admin, f"events/{ids[0]}/move", starts_local=f"{FIRST}T09:00")
    act(admin, f"events/{ids[1]}/move", rooms=["lounge"])
    (letter,) = waiting(world)
    assert (letter.letter, len(letter.facts["dates"])) == ("room_request_series", 2)
    subject, text = read(world, letter)
    assert subject == "May we have Big Hall on 2 dates? Careers on Wednesdays"
    assert "February 10, 2027, 9:00 AM" in text
    act(admin, f"series/{series['id']}/withdraw")
    assert names(world) == []


def test_drafts_ask_when_all_are_requested_and_a_room_for_each_letter(world, admin):
    series = a_series(admin, draft=True, rooms=["big-hall", "old-hall"])
    assert names(world) == []
    act(admin, f"series/{series['id']}/request")
    assert names(world) == [("room_request_series", 4)] * 2
    assert {one.facts["dates"][0]["room"] for one in waiting(world)} == {"Big Hall", "Old Hall"}


def test_a_silent_office_is_asked_once_more_about_one_date_after_a_joint_letter(world, admin):
    series = a_series(admin)
    send(world)
    first = series["events"][0]
    act(admin, f"events/{first['id']}/rooms/big-hall/nudge")
    (letter,) = waiting(world)
    assert letter.letter == "room_nudge"
    assert datetime.fromisoformat(letter.facts["event"]["starts_at"]) == datetime.fromisoformat(first["starts_at"])
    act(admin, f"events/{first['id']}/withdraw")
    assert names(world) == [("room_off", 1)], "what has not left is not sent after the end"
