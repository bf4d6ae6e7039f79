"""A room that another office grants: asked by a letter, answered by its link, and what becomes of the event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.booking.models import IS_BOOKED, Reservation
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.interfaces.services import Services
from eventsvc.workflows.keep_promises import tick
from tests import builders
from tests.conftest import NOW
from tests.post_office import WAITED, PostOffice, link_in, open_post_office, words_of

pytestmark = pytest.mark.usefixtures("still")

FACILITIES, EXPERT = "facilities@college.example", "expert@port.example"


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture(autouse=True)
def world(bare_app: Flask) -> None:
    """A hall that Facilities grants, a lounge that needs nobody's yes, and an expert."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("pasadena")
        facilities = builders.an_office("facilities", of=campus.organization, mailbox=FACILITIES)
        facilities.telephone = "626-555-0123"
        hall = builders.a_room("big-hall", on=campus, setup=45, takedown=30, capacity=200)
        hall.office, hall.needs_approval, hall.outside_reference = facilities, True, "25L-77"
        builders.a_room("lounge", on=campus)
        builders.an_expert("expert", email=EXPERT)


class Day:
    """What happens on a day: the planner's acts, the post, and the office's answers."""

    def __init__(self, app: Flask, admin: FlaskClient, public: FlaskClient, office: PostOffice) -> None:
        self.app, self.admin, self.public, self.office = app, admin, public, office
        self.id = ""

    def plan(self, **more: Any) -> dict[str, Any]:
        wish = {
            "kind": "info_session",
            "title": "Careers at the port",
            "campus": "pasadena",
            "owner": self.host(),
            "starts_local": "2027-02-10T14:00",
            "duration_minutes": 90,
            "rooms": ["big-hall"],
            "experts": ["expert"],
            **more,
        }
        made = self.admin.post("/api/v1/events", json=wish)
        assert made.status_code == 201, made.json
        self.id = made.json["id"]
        return dict(made.json)

    def host(self) -> str:
        offices = self.admin.get("/api/v1/offices").json["items"]
        return next(row["slug"] for row in offices if row["slug"] != "facilities")

    def act(self, verb: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = self.admin.post(f"/api/v1/events/{self.id}/{verb}", json=body)
        assert answer.status_code == status, answer.json
        return dict(answer.json)

    def send_letters(self) -> None:
        made: Services = self.app.extensions["eventsvc"]
        now = NOW + WAITED
        with self.app.app_context():
            tick(transport=SmtpTransport(self.office.url), links=made.links, sender=made.sender, clock=lambda: now)

    def token(self, which: int = -1) -> str:
        """That of the newest letter that asks for the room."""
        self.send_letters()
        asked = [mail for mail in self.office.to(FACILITIES) if "/room-answer/" in words_of(mail)]
        return link_in(asked[which], "/room-answer/").removeprefix("/room-answer/")

    def room_says(self, word: str, *, token: str = "", status: int = 200, **more: Any) -> dict[str, Any]:
        body = {"answer": word, **more}
        answer = self.public.post(f"/api/v1/room-answers/{token or self.token()}", json=body)
        assert answer.status_code == status, answer.json
        return dict(answer.json)

    def expert_says_yes(self) -> None:
        self.send_letters()
        mail = [mail for mail in self.office.to(EXPERT) if "/answer/" in words_of(mail)][-1]
        token = link_in(mail, "/answer/").removeprefix("/answer/")
        assert self.public.post(f"/api/v1/answers/{token}", json={"answer": "accept"}).status_code == 200

    def event(self, who: FlaskClient | None = None) -> dict[str, Any]:
        return dict((who or self.admin).get(f"/api/v1/events/{self.id}").json)

    def missing(self) -> list[tuple[str, str | None, str]]:
        return [(yes["who"], yes["room"] or yes["expert"], yes["state"]) for yes in self.event()["missing_yes"]]

    def entry(self) -> icalendar.Event:
        (found,) = icalendar.Calendar.from_ical(self.public.get("/feeds/all.ics").data).events
        return found

    def held(self) -> list[str]:
        """What is reserved now, by slug."""
        with self.app.app_context():
            rows = db.session.scalars(select(Reservation).where(IS_BOOKED)).all()
            return sorted(row.resource.thing.slug for row in rows)

    def subjects(self, address: str) -> list[str]:
        self.send_letters()
        return [str(mail["Subject"]) for mail in self.office.to(address)]


@pytest.fixture
def day(bare_app: Flask, admin: FlaskClient, public: FlaskClient, post_office: PostOffice) -> Day:
    return Day(bare_app, admin, public, post_office)


def test_from_plan_to_the_last_yes_the_room_is_one_of_them(day, post_office):
    planned = day.plan(expected_heads=120, accommodations="Captions")
    assert (planned["status"], planned["rooms"], planned["room_state"]) == ("requested", ["big-hall"], "requested")
    assert day.missing() == [
        ("host", None, "needs_action"),
        ("expert", "expert", "needs_action"),
        ("room", "big-hall", "requested"),
    ]
    assert day.held() == ["big-hall", "expert"], "nobody else gets it meanwhile"
    day.send_letters()
    (letter,) = post_office.to(FACILITIES)
    assert letter["Subject"] == "May we have Big Hall? Careers at the port, Wed, Feb 10, 2:00 PM"
    assert "Where: Big Hall, Pasadena" in words_of(letter)
    assert "room requested" not in words_of(letter), "by the office itself"
    for words in ("25L-77", "45 minutes before", "120 people", "Captions", "Wednesday, February 10, 2027, 2:00 PM"):
        assert words in words_of(letter)

    assert "Where: room requested, Pasadena" in words_of(post_office.to(EXPERT)[0])

    day.act("confirm")
    day.expert_says_yes()
    assert day.missing() == [("room", "big-hall", "requested")]
    shown = day.public.get(f"/api/v1/room-answers/{day.token()}").json
    assert (shown["room_name"], shown["state"], shown["event"]["expected_heads"]) == ("Big Hall", "requested", 120)
    assert day.room_says("grant", reference="R-2027-0042")["state"] == "granted"
    settled = day.event()
    assert (settled["status"], settled["missing_yes"], settled["room_state"]) == ("confirmed", [], "granted")
    assert settled["room_approvals"][0]["reference"] == "R-2027-0042"


def test_calendars_and_the_public_are_promised_no_room_that_was_not_granted(day):
    day.plan()
    day.act("publish")
    waiting = day.entry()
    assert str(waiting["LOCATION"]).startswith("Room requested, Pasadena")
    assert (day.event(day.public)["rooms"], day.event(day.public)["room_state"]) == ([], "requested")
    assert "room_approvals" not in day.event(day.public)
    assert day.public.get("/api/v1/events?room=big-hall").json["items"] == []
    assert len(day.admin.get("/api/v1/events?room=big-hall").json["items"]) == 1
    assert "Careers at the port" not in day.public.get("/api/v1/search?q=big+hall").text
    assert "Careers at the port" in day.admin.get("/api/v1/search?q=big+hall").text

    day.room_says("grant")
    granted = day.entry()
    assert str(granted["LOCATION"]).startswith("Big Hall, Pasadena")
    assert int(granted["SEQUENCE"]) == int(waiting["SEQUENCE"]) + 1
    assert day.event(day.public)["rooms"] == ["big-hall"]
    assert len(day.public.get("/api/v1/events?room=big-hall").json["items"]) == 1

    day.room_says("decline", reason="A pipe burst")
    lost = day.entry()
    assert str(lost["LOCATION"]).startswith("Room to be announced, Pasadena")
    assert int(lost["SEQUENCE"]) == int(granted["SEQUENCE"]) + 1


def test_a_declined_room_is_given_back_and_the_expert_stays(day):
    host = day.plan()["owner"]
    day.act("confirm")
    day.expert_says_yes()
    asked = len(day.subjects(EXPERT))
    day.room_says("decline", reason="A concert")
    left = day.event()
    assert (left["status"], left["room_state"]) == ("requested", "to_be_announced")
    assert day.missing() == [("room", "big-hall", "declined")]
    assert day.held() == ["expert"]
    letter = day.office.to(f"{host}@college.example")[-1] if not day.send_letters() else None
    assert letter["Subject"] == "Room declined: Big Hall for Careers at the port"
    assert "A concert" in words_of(letter)
    assert "626-555-0123" in words_of(letter)

    moved = day.act("move", rooms=["lounge"])
    assert (moved["status"], moved["missing_yes"], moved["rooms"]) == ("confirmed", [], ["lounge"])
    assert day.held() == ["expert", "lounge"]
    assert [subject for subject in day.subjects(EXPERT)[asked:] if "answer" in subject] == [], "asked anew"


def test_an_event_planned_without_a_room_gets_one_later_and_asks_its_office_only(day):
    day.plan(rooms=[])
    day.act("confirm")
    day.expert_says_yes()
    assert day.event()["status"] == "confirmed"
    asked = len(day.subjects(EXPERT))
    moved = day.act("move", rooms=["big-hall"])
    assert (moved["status"], moved["room_state"]) == ("confirmed", "requested")
    assert day.missing() == [("room", "big-hall", "requested")]
    day.room_says("grant")
    assert day.missing() == []
    assert set(day.subjects(EXPERT)[asked:]) == {"Changed: Careers at the port"}


def test_after_a_move_the_office_is_asked_again_and_the_old_link_is_no_yes(day):
    day.plan()
    day.room_says("grant", reference="R-1")
    old = day.token()
    day.act("move", starts_local="2027-02-11T14:00")
    assert day.missing()[-1] == ("room", "big-hall", "requested")
    assert day.event()["room_approvals"][0]["reference"] == "", "the number was that of the old time"
    refused = day.room_says("grant", token=old, status=409)
    assert (refused["detail"], refused["turn"]) == (
        "The event has changed since you were asked. Look at it again, then answer.",
        1,
    )
    assert day.missing()[-1] == ("room", "big-hall", "requested")
    assert day.subjects(FACILITIES)[-1].startswith("New time, may we have Big Hall?")
    assert "Wednesday, February 10" in words_of(day.office.to(FACILITIES)[-1]), "the time it is instead of"
    assert day.room_says("grant")["state"] == "granted"


def test_only_other_people_leave_the_rooms_answer_as_it_is(day, bare_app):
    with bare_app.app_context(), transaction():
        builders.an_expert("other-expert")
    day.plan()
    day.room_says("grant")
    letters = len(day.subjects(FACILITIES))
    day.act("move", experts=["other-expert"])
    assert day.event()["room_approvals"][0]["state"] == "granted"
    assert len(day.subjects(FACILITIES)) == letters


def test_a_room_that_is_no_longer_wanted_is_called_off(day):
    day.plan()
    day.room_says("grant", reference="R-9")
    link = day.token()
    day.act("move", rooms=["lounge"])
    assert day.subjects(FACILITIES)[-1] == "No longer needed: Big Hall, Wed, Feb 10, 2:00 PM"
    assert "R-9" in words_of(day.office.to(FACILITIES)[-1])
    assert "Where: Big Hall, Pasadena" in words_of(day.office.to(FACILITIES)[-1]), "not the room that took its place"
    assert "no longer needed" in day.room_says("decline", token=link, status=409)["detail"]
    assert day.event()["room_approvals"] == []


@pytest.mark.parametrize("verb", ["withdraw", "decline"])
def test_an_event_that_is_off_leaves_nothing_to_do(day, verb):
    day.plan()
    link = day.token()
    day.act(verb)
    assert day.room_says("grant", token=link, status=409)["detail"].endswith("nothing has to be done.")
    assert day.subjects(FACILITIES)[-1].startswith("No longer needed:")
    assert "/room-answer/" not in words_of(day.office.to(FACILITIES)[-1])


def test_an_office_that_was_never_written_to_is_not_told_of_the_end(day):
    day.plan()
    day.act("withdraw")
    assert day.subjects(FACILITIES) == []


def test_postponed_and_restored_events_ask_again(day):
    day.plan()
    day.act("confirm")
    day.expert_says_yes()
    first = day.token()
    day.room_says("grant", token=first)
    assert day.event()["status"] == "confirmed"
    day.act("postpone")
    assert "new time" in day.room_says("grant", token=first, status=409)["detail"]
    day.act("move", starts_local="2027-03-10T14:00")
    assert ("room", "big-hall", "requested") in day.missing()
    day.act("cancel")
    restored = day.act("restore")
    assert restored["room_approvals"][0]["state"] == "requested"
    assert day.room_says("grant")["turn"] == 2


def test_a_restored_event_promises_the_room_only_once_it_is_granted_again(day):
    day.plan()
    day.act("publish")
    day.act("confirm")
    day.expert_says_yes()
    day.room_says("grant")
    day.act("cancel")
    assert str(day.entry()["LOCATION"]).startswith("Big Hall"), "as it was last promised"
    day.send_letters()
    day.act("restore")
    assert str(day.entry()["LOCATION"]).startswith("Room requested")


def test_saying_the_same_again_changes_nothing(day, bare_app):
    day.plan()
    link = day.token()
    day.room_says("grant", token=link, reference="R-1")
    version = day.event()["version"]
    day.room_says("grant", token=link, reference="R-1")
    day.room_says("grant", token=link)
    assert (day.event()["version"], day.event()["room_approvals"][0]["reference"]) == (version, "R-1")
    day.room_says("grant", token=link, reference="R-2")
    assert day.event()["room_approvals"][0]["reference"] == "R-2"
    with bare_app.app_context():
        verbs = select(AuditEntry.verb).where(AuditEntry.subject_kind == "room approval").order_by(AuditEntry.id)
        assert db.session.scalars(verbs).all() == ["grant", "grant"]


def test_a_yes_taken_back_alarms_the_host_and_a_yes_after_a_no_takes_the_room_again(day):
    host = f"{day.plan()['owner']}@college.example"
    day.act("confirm")
    day.expert_says_yes()
    link = day.token()
    day.room_says("grant", token=link)
    day.room_says("decline", token=link, reason="A pipe burst")
    lost = day.event()
    assert (lost["status"], day.held()) == ("confirmed", ["expert"])
    assert day.missing() == [("room", "big-hall", "declined")]
    assert day.subjects(host)[-1] == "Room lost: Big Hall for Careers at the port"
    assert "please act now" in words_of(day.office.to(host)[-1])
    day.room_says("grant", token=link)
    assert (day.missing(), day.held()) == ([], ["big-hall", "expert"])
    assert day.subjects(host)[-1] == "Room granted after all: Big Hall for Careers at the port"


def test_a_yes_after_a_no_is_refused_where_the_room_is_gone(day):
    day.plan()
    link = day.token()
    day.room_says("decline", token=link)
    first = day.id
    day.plan(experts=[], title="A secret")
    day.id = first
    refused = day.room_says("grant", token=link, status=409)
    assert [clash["kind"] for clash in refused["clashes"]] == ["overlap"]
    assert "A secret" not in str(refused)
    assert day.missing()[-1] == ("room", "big-hall", "declined")


def test_a_hold_that_lapsed_is_taken_again_by_the_yes(day, still):
    day.plan(experts=[])
    link = day.token()
    still.shift(timedelta(days=15))
    day.room_says("grant", token=link)
    day.act("confirm")
    assert day.event()["status"] == "confirmed"


def test_somebody_who_plans_writes_down_what_the_office_says_by_telephone(day, bare_app):
    day.plan()
    granted = day.act("rooms/big-hall/grant", reference="R-3", turn=0)
    assert granted["room_approvals"][0]["reference"] == "R-3"
    assert day.act("rooms/big-hall/decline", reason="They rang again")["room_state"] == "to_be_announced"
    with bare_app.app_context():
        actors = select(AuditEntry.actor).where(AuditEntry.subject_kind == "room approval").order_by(AuditEntry.id)
        assert set(db.session.scalars(actors)) == {"administrator, for the room's office"}
    assert day.public.post(f"/api/v1/events/{day.id}/rooms/big-hall/grant", json={}).status_code == 401


def test_what_is_written_down_as_a_rehearsal_is_not_written_down(day):
    day.plan()
    rehearsed = day.act("rooms/big-hall/grant?dry_run=true")
    assert rehearsed["room_approvals"][0]["state"] == "granted"
    assert day.event()["room_approvals"][0]["state"] == "requested"


def test_a_silent_office_is_asked_once_more_a_day_at_most(day, still):
    day.plan()
    day.send_letters()
    day.act("rooms/big-hall/nudge")
    assert day.subjects(FACILITIES)[-1] == "We still need your answer: Big Hall, Wed, Feb 10, 2:00 PM"
    assert "Where: Big Hall, Pasadena" in words_of(day.office.to(FACILITIES)[-1])
    assert "today already" in day.act("rooms/big-hall/nudge", status=409)["detail"]
    still.shift(timedelta(days=1))
    day.act("rooms/big-hall/nudge")
    day.room_says("grant")
    assert "answered already" in day.act("rooms/big-hall/nudge", status=409)["detail"]


def test_the_reminder_of_open_answers_names_the_room_and_whom_to_telephone(day, bare_app, still, post_office):
    host = f"{day.plan()['owner']}@college.example"
    day.expert_says_yes()
    made: Services = bare_app.extensions["eventsvc"]
    later = datetime.fromisoformat(day.event()["starts_at"]) - timedelta(days=1)
    still.move_to(later)
    with bare_app.app_context():
        tick(transport=SmtpTransport(post_office.url), links=made.links, sender=made.sender, clock=lambda: later)
    letter = post_office.to(host)[-1]
    assert letter["Subject"] == "Still without an answer: Careers at the port"
    assert "- Big Hall: the yes of Facilities, 626-555-0123" in words_of(letter)


def test_the_office_in_charge_of_the_event_is_not_asked_for_its_own_room(day):
    planned = day.plan(owner="facilities")
    assert (planned["room_approvals"], planned["room_state"]) == ([], "granted")
    assert day.subjects(FACILITIES) == []


def test_a_draft_asks_nobody_until_it_is_requested(day):
    assert day.plan(draft=True)["room_approvals"] == []
    assert day.act("request")["room_approvals"][0]["state"] == "requested"


def test_links_that_are_over_or_not_ours_are_refused(day, still):
    day.plan()
    link = day.token()
    for token in (link[:-2], "x", "%00", f"{link}x"):
        assert day.public.get(f"/api/v1/room-answers/{token}").status_code == 404, token
        assert day.public.post(f"/api/v1/room-answers/{token}", json={"answer": "grant"}).status_code == 404
    invitation = link_in(day.office.to(EXPERT)[-1], "/answer/").removeprefix("/answer/")
    assert day.public.get(f"/api/v1/room-answers/{invitation}").status_code == 404, "for another purpose"
    still.shift(timedelta(days=40))
    assert day.public.get(f"/api/v1/room-answers/{link}").status_code == 410
    assert day.room_says("grant", token=link, status=410)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer": "perhaps"},
        {"answer": "grant", "reference": "x" * 121},
        {"answer": "grant", "reference": "a\u0000b"},
        {"answer": "decline", "reason": "x" * 1001},
        {"answer": "grant", "turn": -1},
        {"answer": "grant", "turn": "0"},
        {"answer": "grant", "more": 1},
    ],
)
def test_bad_answers_are_refused_and_nothing_is_written(day, bare_app, body):
    day.plan()
    link = day.token()
    answer = day.public.post(f"/api/v1/room-answers/{link}", json=body)
    assert answer.status_code == 422, answer.json
    with bare_app.app_context():
        assert [str(row.state) for row in db.session.scalars(select(RoomApproval))] == ["requested"]


def test_a_room_that_nobody_has_to_grant_cannot_be_granted(day):
    day.plan(rooms=["lounge"])
    assert day.act("rooms/lounge/grant", status=404)["detail"] == "No office was asked for such a room."
    assert day.act("rooms/nowhere/decline", status=404)
    assert day.act("rooms/lounge/nudge", status=404)


def test_a_second_change_before_the_letter_left_is_one_letter(day, bare_app):
    day.plan()
    day.act("move", starts_local="2027-02-11T14:00")
    with bare_app.app_context():
        asked = select(Message).where(Message.letter == "room_request", Message.state == MessageState.QUEUED)
        (letter,) = db.session.scalars(asked)
        assert (letter.facts["turn"], letter.facts["was"]) == (1, None)
    assert day.room_says("grant")["turn"] == 1
