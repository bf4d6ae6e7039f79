"""The main job, end to end through real doors: plan, publish, answer by link, confirm, be reminded by mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.interfaces.services import Services
from eventsvc.workflows.keep_promises import tick
from tests import builders
from tests.conftest import NOW
from tests.post_office import WAITED, PostOffice, link_in, open_post_office, words_of


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def world(bare_app: Flask) -> None:
    """Pasadena with a lounge that needs setting up, Harbor with a hall 70 minutes away, and the Port's people."""
    with bare_app.app_context(), transaction():
        pasadena = builders.a_campus("pasadena-city-college")
        harbor = builders.a_campus("los-angeles-harbor-college")
        builders.a_way(pasadena, harbor, 70)
        builders.a_room("creveling-lounge", on=pasadena, setup=30, takedown=15, capacity=60)
        builders.a_room("harbor-hall", on=harbor, capacity=200)
        outreach = builders.an_office("port-outreach", mailbox="outreach@port.example")
        topic = builders.a_topic("zero-emission")
        builders.an_expert("first-expert", office=outreach, topics=[topic], email="first@port.example")
        builders.an_expert("second-expert", office=outreach, topics=[topic], email="")


def a_wish(**more: object) -> dict[str, object]:
    return {
        "kind": "info_session",
        "title": "Zero-emission careers",
        "campus": "pasadena-city-college",
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 90,
        "rooms": ["creveling-lounge"],
        "experts": ["first-expert"],
        "topics": ["zero-emission"],
        "expected_heads": 30,
        **more,
    }


def planned(admin: FlaskClient, **more: object) -> dict[str, object]:
    answer = admin.post("/api/v1/events", json=a_wish(**more))
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def moved_on(admin: FlaskClient, event: dict[str, object], verb: str, **body: object) -> dict[str, object]:
    answer = admin.post(f"/api/v1/events/{event['id']}/{verb}", json=body)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def ticked(app: Flask, office: PostOffice, now: datetime, *, after: timedelta = WAITED) -> None:
    """What is due then, and by default after the wait of letters about changes."""
    made: Services = app.extensions["eventsvc"]
    with app.app_context():
        tick(transport=SmtpTransport(office.url), links=made.links, sender=made.sender, clock=lambda: now + after)


def answered(client: FlaskClient, office: PostOffice, address: str, word: str, **body: str) -> TestResponse:
    token = link_in(office.to(address)[-1], "/answer/").removeprefix("/answer/")
    return client.post(f"/api/v1/answers/{token}", json={"answer": word, **body})


def entries(client: FlaskClient, feed: str = "/feeds/all.ics") -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(client.get(feed).data).events)


@pytest.mark.parametrize(
    ("starts_local", "reminder_says", "utc_hour"),
    [
        ("2027-03-12T14:00", "Friday, March 12, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)", 22),
        ("2027-03-15T14:00", "Monday, March 15, 2027, 2:00 PM – 3:30 PM (Pacific Daylight Time)", 21),
    ],
)
def test_from_plan_to_reminder_on_both_sides_of_the_clock_change(
    bare_app, world, admin, public, post_office, starts_local, reminder_says, utc_hour
):
    with time_machine.travel(NOW, tick=False):
        event = planned(admin, starts_local=starts_local)
        assert event["status"] == "requested"
        assert event["starts_at"].endswith(f"T{utc_hour}:00:00Z")
        assert [(yes["who"], yes["expert"]) for yes in event["missing_yes"]] == [
            ("host", None),
            ("expert", "first-expert"),
        ]
        assert entries(public) == []
        moved_on(admin, event, "publish")
        assert [entry["STATUS"] for entry in entries(public)] == ["TENTATIVE"]

        ticked(bare_app, post_office, NOW)
        letter = post_office.to("first@port.example")[0]
        assert letter["Subject"] == "Will you come? Zero-emission careers"
        assert reminder_says in words_of(letter)
        assert public.get(link_in(letter, "/answer/")).status_code in (200, 404)  # a scanner's GET
        assert moved_on(admin, event, "confirm")["status"] == "requested"
        assert answered(public, post_office, "first@port.example", "accept").status_code == 200

        confirmed = admin.get(f"/api/v1/events/{event['id']}").json
        assert (confirmed["status"], confirmed["missing_yes"]) == ("confirmed", [])
        assert [entry["STATUS"] for entry in entries(public)] == ["CONFIRMED"]

    starts = datetime.fromisoformat(event["starts_at"])
    before = len(post_office.to("first@port.example"))
    instant = starts - timedelta(hours=2)
    with time_machine.travel(instant - timedelta(seconds=1), tick=False):
        ticked(bare_app, post_office, instant, after=-timedelta(seconds=1))
        told = len(post_office.to("first@port.example"))
        assert told == before + 1  # a day ahead; a week ahead is missed, because nobody ticked
        ticked(bare_app, post_office, instant, after=timedelta())
        ticked(bare_app, post_office, instant, after=timedelta())
    reminders = post_office.to("first@port.example")[told:]
    day = f"{datetime.fromisoformat(starts_local):%a, %b %-d, %-I:%M %p}"
    assert [mail["Subject"] for mail in reminders] == [f"Reminder, {day}: Zero-emission careers"]
    assert reminder_says in words_of(reminders[0])


@time_machine.travel(NOW, tick=False)
def test_a_refused_plan_names_every_clash_and_writes_nothing(world, admin):
    planned(admin)
    refused = admin.post(
        "/api/v1/events",
        json=a_wish(title="Too close", experts=["second-expert", "first-expert"], expected_heads=61),
    )
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert [(clash["resource"]["slug"], clash["kind"]) for clash in refused.json["clashes"]] == [
        ("creveling-lounge", "overlap"),
        ("creveling-lounge", "capacity"),
        ("first-expert", "overlap"),
    ]
    room = refused.json["clashes"][0]
    assert room["with"]["title"] == "Zero-emission careers"
    assert (room["busy"]["from_local"], room["busy"]["until_local"]) == ("2027-02-10T13:30", "2027-02-10T15:45")
    assert len(admin.get("/api/v1/events").json["items"]) == 1


@time_machine.travel(NOW, tick=False)
def test_an_expert_cannot_be_in_two_places_closer_than_the_way(world, admin):
    planned(admin, starts_local="2027-02-10T09:00")
    there = {"campus": "los-angeles-harbor-college", "rooms": ["harbor-hall"], "title": "Harbor"}
    refused = admin.post("/api/v1/events", json=a_wish(starts_local="2027-02-10T11:54", **there))
    assert [clash["kind"] for clash in refused.json["clashes"]] == ["travel"]
    assert (refused.json["clashes"][0]["travel_minutes"], refused.json["clashes"][0]["gap_minutes"]) == (70, 69)
    planned(admin, starts_local="2027-02-10T11:55", **there)


@time_machine.travel(NOW, tick=False)
def test_a_decline_frees_the_time_and_tells_both_offices(bare_app, world, admin, public, post_office):
    event = planned(admin)
    ticked(bare_app, post_office, NOW)
    assert answered(public, post_office, "first@port.example", "decline", reason="On leave").status_code == 200
    other = planned(admin, title="Same hour elsewhere", rooms=[])
    assert other["experts"] == ["first-expert"]
    ticked(bare_app, post_office, NOW)
    subject = "Declined: First Expert for Zero-emission careers"
    host = admin.get(f"/api/v1/events/{event['id']}").json["owner"]
    for address in (f"{host}@college.example", "outreach@port.example"):
        letter = post_office.to(address)[-1]
        assert letter["Subject"] == subject
        assert "Reason given: On leave" in words_of(letter)
    missing = admin.get(f"/api/v1/events/{event['id']}").json["missing_yes"]
    assert [yes["state"] for yes in missing] == ["needs_action", "declined"]


@time_machine.travel(NOW, tick=False)
def test_a_yes_after_a_no_takes_the_time_again_or_is_refused(bare_app, world, admin, public, post_office):
    planned(admin)
    ticked(bare_app, post_office, NOW)
    answered(public, post_office, "first@port.example", "decline")
    assert answered(public, post_office, "first@port.example", "accept").json["state"] == "accepted"
    answered(public, post_office, "first@port.example", "decline")
    planned(admin, title="Took the hour", rooms=[])
    refused = answered(public, post_office, "first@port.example", "accept")
    assert (refused.status_code, refused.json["clashes"][0]["kind"]) == (409, "overlap")
    # A stranger learns when, not what: the other event is not published.
    assert refused.json["clashes"][0]["with"]["title"] is None


@time_machine.travel(NOW, tick=False)
def test_an_expert_without_an_address_is_asked_through_the_partners_office(bare_app, world, admin, post_office):
    planned(admin, experts=["second-expert"])
    ticked(bare_app, post_office, NOW)
    letter = post_office.to("outreach@port.example")[0]
    assert "Second Expert" in words_of(letter)
    assert "/answer/" in words_of(letter)


def confirmed_event(app: Flask, admin: FlaskClient, public: FlaskClient, office: PostOffice) -> dict[str, object]:
    event = planned(admin)
    moved_on(admin, event, "publish")
    moved_on(admin, event, "confirm")
    ticked(app, office, NOW)
    answered(public, office, "first@port.example", "accept")
    return dict(admin.get(f"/api/v1/events/{event['id']}").json)


def test_a_move_keeps_the_uid_asks_again_and_replans_the_reminders(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = confirmed_event(bare_app, admin, public, post_office)
        before = entries(public)[0]
        moved = moved_on(admin, event, "move", starts_local="2027-02-17T10:00")
        assert (moved["status"], moved["duration_minutes"]) == ("confirmed", 90)
        assert [yes["expert"] for yes in moved["missing_yes"]] == ["first-expert"]
        after = entries(public)[0]
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] > before["SEQUENCE"]
        assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
        assert after["DTSTART"].dt == datetime(2027, 2, 17, 18, 0, tzinfo=UTC)
        ticked(bare_app, post_office, NOW)
        letter = post_office.to("first@port.example")[-1]
        assert letter["Subject"] == "Rescheduled, please answer again: Zero-emission careers"
        assert "Instead of: Wednesday, February 10, 2027, 2:00 PM" in words_of(letter)
        answered(public, post_office, "first@port.example", "accept")
        planned(admin, title="The old hour is free again")
    old_day = datetime(2027, 2, 9, 22, 0, tzinfo=UTC)
    with time_machine.travel(old_day, tick=False):
        count = len(post_office.to("first@port.example"))
        ticked(bare_app, post_office, old_day)
        letters = [mail["Subject"] for mail in post_office.to("first@port.example")[count:]]
    # At the old "one day before" only the second event's reminders may come; that one is not confirmed.
    assert [subject for subject in letters if "Reminder" in subject] == []


@time_machine.travel(NOW, tick=False)
def test_changes_before_the_letter_has_left_are_one_letter(bare_app, world, admin, public, post_office):
    event = planned(admin)
    moved_on(admin, event, "move", starts_local="2027-02-17T10:00")
    moved_on(admin, event, "move", rooms=[])
    ticked(bare_app, post_office, NOW)
    (letter,) = post_office.to("first@port.example")
    assert letter["Subject"] == "Will you come? Zero-emission careers"
    assert "Wednesday, February 17, 2027, 10:00 AM" in words_of(letter)
    assert "room to be announced" in words_of(letter)
    assert answered(public, post_office, "first@port.example", "accept").json["state"] == "accepted"


@time_machine.travel(NOW, tick=False)
def test_who_was_never_sent_the_question_is_not_told_of_its_end(bare_app, world, admin, post_office):
    moved_on(admin, planned(admin), "withdraw")
    ticked(bare_app, post_office, NOW)
    assert post_office.to("first@port.example") == []
    event = planned(admin, experts=[])
    moved_on(admin, event, "confirm")
    moved_on(admin, event, "move", experts=["first-expert"])
    moved_on(admin, event, "cancel")
    ticked(bare_app, post_office, NOW)
    assert post_office.to("first@port.example") == []
    moved_on(admin, event, "restore")
    ticked(bare_app, post_office, NOW)
    assert post_office.to("first@port.example")[-1]["Subject"] == "Will you come? Zero-emission careers"
    moved_on(admin, event, "cancel")
    ticked(bare_app, post_office, NOW)
    post_office.forget()
    event = planned(admin)
    ticked(bare_app, post_office, NOW)
    moved_on(admin, event, "move", starts_local="2027-02-17T10:00")
    moved_on(admin, event, "withdraw")
    ticked(bare_app, post_office, NOW)
    subjects = [mail["Subject"] for mail in post_office.to("first@port.example")]
    assert subjects == ["Will you come? Zero-emission careers", "Not taking place: Zero-emission careers"]


@time_machine.travel(NOW, tick=False)
def test_a_move_online_gives_the_room_back_and_needs_no_way(world, admin):
    event = planned(admin)
    there = {"campus": "los-angeles-harbor-college", "rooms": ["harbor-hall"], "title": "Harbor"}
    close = a_wish(starts_local="2027-02-10T15:45", **there)
    assert admin.post("/api/v1/events", json=close).json["clashes"][0]["kind"] == "travel"
    moved = moved_on(admin, event, "move", campus=None)
    assert (moved["campus"], moved["rooms"], moved["starts_at"]) == (None, [], "2027-02-10T22:00:00Z")
    assert admin.post("/api/v1/events", json=close).status_code == 201
    planned(admin, title="In the room that was given back", experts=[])


@time_machine.travel(NOW, tick=False)
def test_a_cancelled_event_stays_in_the_feed_and_can_be_restored(bare_app, world, admin, public, post_office):
    event = confirmed_event(bare_app, admin, public, post_office)
    sequence = entries(public)[0]["SEQUENCE"]
    assert moved_on(admin, event, "cancel", reason="Flood")["status"] == "cancelled"
    entry = entries(public)[0]
    assert (entry["STATUS"], entry["TRANSP"], str(entry["SUMMARY"])) == (
        "CANCELLED",
        "TRANSPARENT",
        "Cancelled: Zero-emission careers",
    )
    assert entry["SEQUENCE"] > sequence
    ticked(bare_app, post_office, NOW)
    assert post_office.to("first@port.example")[-1]["Subject"] == "Cancelled: Zero-emission careers"
    taker = planned(admin, title="Took the lounge", experts=[])
    refused = admin.post(f"/api/v1/events/{event['id']}/restore")
    assert [clash["resource"]["slug"] for clash in refused.json["clashes"]] == ["creveling-lounge"]
    assert admin.get(f"/api/v1/events/{event['id']}").json["status"] == "cancelled"
    moved_on(admin, taker, "withdraw")
    restored = moved_on(admin, event, "restore")
    assert (restored["status"], [yes["expert"] for yes in restored["missing_yes"]]) == ("confirmed", ["first-expert"])
    assert entries(public)[0]["STATUS"] == "CONFIRMED"


@time_machine.travel(NOW, tick=False)
def test_a_postponed_event_shows_its_old_time_as_cancelled_until_it_is_confirmed_anew(
    bare_app, world, admin, public, post_office
):
    event = confirmed_event(bare_app, admin, public, post_office)
    moved_on(admin, event, "postpone")
    moved_on(admin, event, "move", starts_local="2027-02-24T14:00")
    entry = entries(public)[0]
    assert (entry["STATUS"], entry["DTSTART"].dt) == ("CANCELLED", datetime(2027, 2, 10, 22, 0, tzinfo=UTC))
    ticked(bare_app, post_office, NOW)
    moved_on(admin, event, "confirm")
    answered(public, post_office, "first@port.example", "accept")
    entry = entries(public)[0]
    assert (entry["STATUS"], entry["DTSTART"].dt) == ("CONFIRMED", datetime(2027, 2, 24, 22, 0, tzinfo=UTC))


@time_machine.travel(NOW, tick=False)
def test_nobody_answers_for_an_event_that_is_put_off_and_its_end_is_told(bare_app, world, admin, public, post_office):
    event = confirmed_event(bare_app, admin, public, post_office)
    moved_on(admin, event, "postpone")
    for word in ("accept", "decline"):
        refused = answered(public, post_office, "first@port.example", word)
        assert (refused.status_code, "put off" in refused.json["detail"]) == (409, True)
    ticked(bare_app, post_office, NOW)
    planned(admin, title="Everything was given back")
    moved_on(admin, event, "move", starts_local="2027-02-24T14:00")
    ticked(bare_app, post_office, NOW)
    moved_on(admin, event, "cancel")
    ticked(bare_app, post_office, NOW)
    subjects = [mail["Subject"].partition(":")[0] for mail in post_office.to("first@port.example")]
    assert subjects == [
        "Will you come? Zero-emission careers",
        "Postponed",
        "Will you come? Everything was given back",
        "Rescheduled, please answer again",
        "Cancelled",
    ]


def test_a_yes_that_is_not_the_last_needs_only_the_persons_own_time(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = planned(admin, experts=["first-expert", "second-expert"])
        ticked(bare_app, post_office, NOW)
    later = NOW + timedelta(days=14)
    with time_machine.travel(later, tick=False):
        planned(admin, title="Took the lounge whose hold had lapsed", experts=[])
        assert answered(public, post_office, "first@port.example", "accept").json["state"] == "accepted"
        moved_on(admin, event, "confirm")
        assert answered(public, post_office, "outreach@port.example", "accept").json["state"] == "accepted"
        waiting = admin.get(f"/api/v1/events/{event['id']}").json
        assert (waiting["status"], waiting["missing_yes"]) == ("requested", [])
        ticked(bare_app, post_office, later)
        letter = post_office.to(f"{event['owner']}@college.example")[-1]
        assert letter["Subject"] == "Cannot be confirmed yet: Zero-emission careers"
        assert "- Creveling Lounge" in words_of(letter)
        # The first expert's time is held anew, so nobody else can have it.
        again = admin.post("/api/v1/events", json=a_wish(title="Too late", rooms=[]))
        assert [clash["resource"]["slug"] for clash in again.json["clashes"]] == ["first-expert"]


@time_machine.travel(NOW, tick=False)
def test_an_old_link_or_an_old_page_is_no_yes_to_a_new_time(bare_app, world, admin, public, post_office):
    event = planned(admin)
    moved_on(admin, event, "confirm")
    ticked(bare_app, post_office, NOW)
    old = link_in(post_office.to("first@port.example")[0], "/answer/").removeprefix("/answer/")
    moved_on(admin, event, "move", starts_local="2027-02-12T14:00")
    refused = public.post(f"/api/v1/answers/{old}", json={"answer": "accept"})
    assert (refused.status_code, refused.json["turn"]) == (409, 1)
    assert public.post(f"/answer/{old}", data={"answer": "accept", "turn": "0"}).status_code == 409
    assert admin.get(f"/api/v1/events/{event['id']}").json["status"] == "requested"
    # Who has read the briefing as it is now may answer by the old link too.
    turn = public.get(f"/api/v1/answers/{old}").json["turn"]
    assert public.post(f"/api/v1/answers/{old}", json={"answer": "accept", "turn": turn}).status_code == 200
    assert admin.get(f"/api/v1/events/{event['id']}").json["status"] == "confirmed"


@time_machine.travel(NOW, tick=False)
def test_a_new_place_and_then_a_new_time_is_one_question(bare_app, world, admin, public, post_office):
    event = confirmed_event(bare_app, admin, public, post_office)
    moved_on(admin, event, "move", rooms=[])
    moved_on(admin, event, "move", starts_local="2027-02-17T10:00")
    ticked(bare_app, post_office, NOW)
    subjects = [mail["Subject"] for mail in post_office.to("first@port.example")]
    assert subjects[1:] == ["Rescheduled, please answer again: Zero-emission careers"]


@time_machine.travel(NOW, tick=False)
def test_who_declined_is_neither_booked_nor_written_to_by_a_change_of_rooms(
    bare_app, world, admin, public, post_office
):
    event = planned(admin)
    ticked(bare_app, post_office, NOW)
    answered(public, post_office, "first@port.example", "decline")
    moved_on(admin, event, "move", rooms=[])
    planned(admin, title="The expert is free", rooms=[])
    moved_on(admin, event, "withdraw")
    ticked(bare_app, post_office, NOW)
    subjects = [mail["Subject"] for mail in post_office.to("first@port.example")]
    assert subjects == ["Will you come? Zero-emission careers", "Will you come? The expert is free"]


@time_machine.travel(NOW, tick=False)
def test_a_change_of_mind_is_told_to_both_offices_if_the_decline_was(bare_app, world, admin, public, post_office):
    event = planned(admin)
    ticked(bare_app, post_office, NOW)
    host = f"{event['owner']}@college.example"
    for words in ("decline", "accept"):
        answered(public, post_office, "first@port.example", words)
    ticked(bare_app, post_office, NOW)
    assert post_office.to(host) == []
    answered(public, post_office, "first@port.example", "decline")
    ticked(bare_app, post_office, NOW)
    answered(public, post_office, "first@port.example", "accept")
    ticked(bare_app, post_office, NOW)
    for address in (host, "outreach@port.example"):
        subjects = [mail["Subject"].partition(":")[0] for mail in post_office.to(address)]
        assert subjects == ["Declined", "Coming after all"]


@time_machine.travel(NOW, tick=False)
def test_adding_somebody_troubles_nobody_else_and_the_uninvited_read_the_time_they_know(
    bare_app, world, admin, public, post_office
):
    event = confirmed_event(bare_app, admin, public, post_office)
    moved_on(admin, event, "move", experts=["first-expert", "second-expert"])
    ticked(bare_app, post_office, NOW)
    assert len(post_office.to("first@port.example")) == 1
    moved_on(admin, event, "move", experts=["second-expert"], starts_local="2027-02-17T10:00")
    ticked(bare_app, post_office, NOW)
    letter = post_office.to("first@port.example")[-1]
    assert letter["Subject"] == "You are no longer needed: Zero-emission careers"
    assert "Wednesday, February 10, 2027, 2:00 PM" in words_of(letter)


@time_machine.travel(NOW, tick=False)
def test_a_move_cannot_undercut_the_seats_and_wakes_nothing_that_is_out_of_use(bare_app, world, admin):
    event = planned(admin, campus="los-angeles-harbor-college", rooms=["harbor-hall"], expected_heads=150)
    with bare_app.app_context(), transaction():
        hall = db.session.scalars(select(Campus).where(Campus.slug == "los-angeles-harbor-college")).one()
        builders.a_room("harbor-closet", on=hall, capacity=5)
    both = moved_on(admin, event, "move", rooms=["harbor-hall", "harbor-closet"])
    refused = admin.post(f"/api/v1/events/{both['id']}/move", json={"rooms": ["harbor-closet"]})
    assert [clash["kind"] for clash in refused.json["clashes"]] == ["capacity"]
    draft = planned(admin, draft=True)
    with bare_app.app_context(), transaction():
        db.session.execute(update(Room).where(Room.slug == "creveling-lounge").values(retired_on=NOW.date()))
    refused = admin.post(f"/api/v1/events/{draft['id']}/request")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "rooms[0]")


@time_machine.travel(NOW, tick=False)
def test_an_event_that_is_off_is_shown_as_it_was_promised(bare_app, world, admin, public, post_office):
    event = confirmed_event(bare_app, admin, public, post_office)
    moved_on(admin, event, "postpone")
    elsewhere = {"campus": "los-angeles-harbor-college", "rooms": ["harbor-hall"]}
    moved_on(admin, event, "move", all_day=True, starts_on="2027-03-01", **elsewhere)
    entry = entries(public, "/feeds/campus/pasadena-city-college.ics")[0]
    assert (entry["STATUS"], entry["DTSTART"].dt) == ("CANCELLED", datetime(2027, 2, 10, 22, 0, tzinfo=UTC))
    assert str(entry["LOCATION"]).startswith("Creveling Lounge, Pasadena City College")
    assert entries(public, "/feeds/campus/los-angeles-harbor-college.ics") == []
    shown = public.get(f"/api/v1/events/{event['id']}").json
    assert (shown["campus"], shown["rooms"], shown["starts_local"], shown["all_day"]) == (
        "pasadena-city-college",
        ["creveling-lounge"],
        "2027-02-10T14:00",
        False,
    )
    page = public.get(f"/events/{event['id']}").get_data(as_text=True)
    assert "Creveling Lounge, Pasadena City College" in page
    assert "Harbor" not in page
    moved_on(admin, event, "cancel")
    assert moved_on(admin, event, "restore")["status"] == "postponed"
    taken = admin.post("/api/v1/events", json=a_wish(starts_local="2027-03-01T10:00", experts=[], **elsewhere))
    assert [clash["resource"]["slug"] for clash in taken.json["clashes"]] == ["harbor-hall"]


@time_machine.travel(NOW, tick=False)
def test_a_zone_that_was_corrected_shifts_nothing_that_nobody_moved(bare_app, world, admin):
    event = planned(admin)
    with bare_app.app_context(), transaction():
        db.session.execute(update(Campus).where(Campus.slug == "pasadena-city-college").values(zone="America/New_York"))
    assert moved_on(admin, event, "move", rooms=[])["starts_at"] == event["starts_at"]


@time_machine.travel(NOW, tick=False)
def test_a_dry_run_answers_like_the_real_thing_and_writes_nothing(world, admin):
    answer = admin.post("/api/v1/events?dry_run=true", json=a_wish())
    assert (answer.status_code, answer.json["status"]) == (200, "requested")
    assert admin.get("/api/v1/events").json["items"] == []
    event = planned(admin)
    answer = admin.post(f"/api/v1/events/{event['id']}/move?dry_run=true", json={"starts_local": "2027-02-11T14:00"})
    assert answer.json["starts_local"] == "2027-02-11T14:00"
    assert admin.get(f"/api/v1/events/{event['id']}").json["starts_local"] == "2027-02-10T14:00"


@time_machine.travel(NOW, tick=False)
def test_the_public_reads_published_public_events_and_no_names(world, admin, public):
    event = planned(admin)
    assert public.get(f"/api/v1/events/{event['id']}").status_code == 404
    assert public.post("/api/v1/events", json=a_wish()).status_code == 401
    moved_on(admin, event, "publish")
    shown = public.get(f"/api/v1/events/{event['id']}").json
    assert {"experts", "missing_yes", "version"} & set(shown) == set()
    assert "first-expert" not in public.get("/api/v1/events").get_data(as_text=True)
    assert public.get("/api/v1/events?expert=first-expert").status_code == 401
    assert len(admin.get("/api/v1/events?expert=first-expert").json["items"]) == 1
    assert public.get("/api/v1/experts/first-expert").json == {
        "slug": "first-expert",
        "organization": shown_organization(admin),
        "topics": ["zero-emission"],
    }


def shown_organization(admin: FlaskClient) -> str:
    return str(admin.get("/api/v1/experts/first-expert").json["organization"])


def test_the_office_is_told_three_days_before_if_somebody_has_not_answered(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = planned(admin)
        ticked(bare_app, post_office, NOW)
    due = datetime(2027, 2, 7, 22, 0, tzinfo=UTC)
    with time_machine.travel(due, tick=False):
        ticked(bare_app, post_office, due)
        host = admin.get(f"/api/v1/events/{event['id']}").json["owner"]
        letters = {letter["Subject"]: letter for letter in post_office.to(f"{host}@college.example")}
        letter = letters["Still without an answer: Zero-emission careers"]
        assert "A seat is open: Zero-emission careers" in letters
        assert "- First Expert" in words_of(letter)
    start = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        count = len(post_office.mails)
        ticked(bare_app, post_office, start)
        assert len(post_office.mails) == count


def test_an_event_that_confirms_takes_again_what_lapsed_or_refuses(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = planned(admin)
        moved_on(admin, event, "confirm")
        ticked(bare_app, post_office, NOW)
    later = NOW + timedelta(days=14)
    with time_machine.travel(later, tick=False):
        taker = planned(admin, title="Free again from that instant on", experts=[])
        assert answered(public, post_office, "first@port.example", "accept").json["state"] == "accepted"
        refused = admin.post(f"/api/v1/events/{event['id']}/confirm", json={})
        assert [clash["resource"]["slug"] for clash in refused.json["clashes"]] == ["creveling-lounge"]
        moved_on(admin, taker, "withdraw")
        moved_on(admin, event, "confirm")
        assert admin.get(f"/api/v1/events/{event['id']}").json["status"] == "confirmed"


def test_a_past_event_is_completed_without_a_byte_of_its_feed_changing(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = confirmed_event(bare_app, admin, public, post_office)
    over = datetime(2027, 2, 10, 23, 30, tzinfo=UTC)
    with time_machine.travel(over, tick=False):
        before = public.get("/feeds/all.ics").data
        ticked(bare_app, post_office, over)
        assert admin.get(f"/api/v1/events/{event['id']}").json["status"] == "completed"
        assert public.get("/feeds/all.ics").data == before


def test_links_that_are_over_say_so(bare_app, world, admin, public, post_office):
    with time_machine.travel(NOW, tick=False):
        event = confirmed_event(bare_app, admin, public, post_office)
        moved_on(admin, event, "cancel")
        answer = answered(public, post_office, "first@port.example", "decline")
        assert (answer.status_code, answer.json["detail"]) == (
            409,
            "This event is cancelled; nothing has to be done.",
        )
        assert public.post("/api/v1/answers/nonsense", json={"answer": "accept"}).status_code == 404
    with time_machine.travel(datetime(2027, 2, 11, tzinfo=UTC), tick=False):
        assert answered(public, post_office, "first@port.example", "accept").status_code == 410
