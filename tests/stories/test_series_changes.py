"""A series that is changed: this and following, all of it at once, and one letter a person whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.mail import threads
from eventsvc.domain.outbox import deliver
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.smtp import InboxOnly
from eventsvc.interfaces.services import services
from eventsvc.workflows.joint_letters import FOR_CALENDAR
from tests import builders
from tests.post_office import WAITED

AUGUST = datetime(2027, 8, 1, 17, 0, tzinfo=UTC)
FIRST = date(2027, 9, 7)  # a Tuesday
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def travelled() -> Any:
    with time_machine.travel(AUGUST, tick=False) as moment:
        yield moment


@pytest.fixture
def world(bare_app: Flask) -> Flask:
    with bare_app.app_context(), transaction():
        harbor = builders.a_campus("harbor")
        builders.a_room("hall", on=harbor)
        builders.a_room("annex", on=harbor)
        builders.an_expert("pelican")
        builders.an_expert("heron")
    return bare_app


def a_series(admin: FlaskClient, count: int = 6, **more: Any) -> dict[str, Any]:
    wish = {
        "kind": "info_session",
        "title": "Careers on Tuesdays",
        "campus": "harbor",
        "starts_local": f"{FIRST}T14:00",
        "duration_minutes": 60,
        "rooms": ["hall"],
        "experts": ["pelican"],
        "rule": {"kind": "weekly", "count": count},
        **more,
    }
    answer = admin.post("/api/v1/series", json=wish)
    assert answer.status_code == 201, answer.json
    return answer.json


def seen(admin: FlaskClient, series: dict[str, Any]) -> list[dict[str, Any]]:
    return admin.get(f"/api/v1/series/{series['id']}").json["events"]


def starts(events: list[dict[str, Any]]) -> list[str]:
    return [event["starts_local"] for event in events]


def all_letters(app: Flask, *states: MessageState) -> list[Message]:
    with app.app_context():
        wanted = states or (MessageState.QUEUED,)
        return list(db.session.scalars(select(Message).where(Message.state.in_(wanted)).order_by(Message.id)))


def letters(app: Flask, *states: MessageState) -> list[Message]:
    """Those to be read; each date of a joint one has a mail of its own for the calendar besides."""
    return [one for one in all_letters(app, *states) if one.letter != FOR_CALENDAR]


def calendars(app: Flask) -> list[tuple[str, str, int]]:
    """What those mails tell: the method, on which day, and the revision."""
    told = [one.facts for one in all_letters(app) if one.letter == FOR_CALENDAR]
    return [(one["calendar"]["method"], one["event"]["starts_on"], one["calendar"]["sequence"]) for one in told]


def send(app: Flask) -> None:
    """Let everything leave, the reminders aside."""
    with app.app_context():
        deliver.deliver_due(
            InboxOnly(), services().links, services().sender, lambda: AUGUST + WAITED, threads.name_addresses
        )


def on(number: int, at: str = "14:00") -> str:
    return f"{FIRST + number * WEEK}T{at}"


def test_this_and_following_move_by_as_many_days_and_hours_and_the_earlier_ones_stay(world, admin):
    events = a_series(admin)["events"]
    path = f"/api/v1/events/{events[2]['id']}/move"
    moved = admin.post(
        path, json={"starts_local": f"{FIRST + 2 * WEEK + timedelta(days=1)}T15:30", "scope": "following"}
    )
    assert moved.status_code == 200, moved.json
    now = seen(admin, {"id": moved.json["series"]})
    wednesdays = [f"{FIRST + number * WEEK + timedelta(days=1)}T15:30" for number in range(2, 6)]
    assert starts(now) == [on(0), on(1), *wednesdays]
    assert [event["id"] for event in now] == [event["id"] for event in events]
    assert [event["sequence"] for event in now] == [1, 1, 2, 2, 2, 2]


def test_a_move_onto_the_place_of_the_next_one_is_no_clash_for_the_next_one_moves_too(world, admin):
    series = a_series(admin)
    first = series["events"][0]["id"]
    assert admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(1)}).status_code == 409
    moved = admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(1), "scope": "following"})
    assert moved.status_code == 200, moved.json
    assert starts(seen(admin, series)) == [on(number) for number in range(1, 7)]


def test_every_clash_of_every_date_is_named_and_nothing_moves(world, admin):
    series = a_series(admin)
    for number in (1, 3):
        other = {
            "kind": "workshop",
            "title": "In the way",
            "campus": "harbor",
            "rooms": ["hall"],
            "duration_minutes": 60,
        }
        assert admin.post("/api/v1/events", json={**other, "starts_local": on(number, "16:00")}).status_code == 201
    first = series["events"][0]["id"]
    refused = admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(0, "16:00"), "scope": "following"})
    assert refused.status_code == 409
    named = [(found["starts_local"], found["event"]) for found in refused.json["occurrences"]]
    assert named == [(on(number), series["events"][number]["id"]) for number in (1, 3)]
    assert seen(admin, series) == series["events"]


def test_a_move_to_where_they_stand_already_changes_nothing_and_keeps_the_rooms(world, admin):
    series = a_series(admin)
    first = series["events"][0]["id"]
    moved = admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(0), "scope": "following"})
    assert moved.status_code == 200
    assert seen(admin, series) == series["events"]
    taken = {"kind": "workshop", "title": "Late", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    assert admin.post("/api/v1/events", json={**taken, "starts_local": on(3)}).status_code == 409


def test_what_has_begun_stays_where_it_is(world, admin, travelled):
    series = a_series(admin)
    first = series["events"][0]["id"]
    travelled.move_to(datetime(2027, 9, 15, 17, 0, tzinfo=UTC))  # two of them are over
    answer = admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(0, "15:00"), "scope": "following"})
    assert answer.status_code == 200, answer.json
    assert starts(seen(admin, series)) == [on(0), on(1), *(on(number, "15:00") for number in range(2, 6))]
    answer = admin.post(f"/api/v1/events/{first}/withdraw", json={"scope": "following"})
    assert Counter(event["status"] for event in seen(admin, series)) == {"requested": 2, "withdrawn": 4}
    last = series["events"][5]["id"]
    travelled.move_to(datetime(2027, 12, 1, tzinfo=UTC))
    refused = admin.post(f"/api/v1/events/{last}/move", json={"starts_local": on(9), "scope": "following"})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/wrong-state")


def test_words_of_this_and_following_are_edited_and_the_last_day_to_ask_keeps_its_distance(world, admin):
    series = a_series(admin)
    third = series["events"][2]
    due_on = str(FIRST + 2 * WEEK - timedelta(days=3))
    words = {"title": "Careers after noon", "accommodations_due_on": due_on, "scope": "following"}
    edited = admin.patch(f"/api/v1/events/{third['id']}", json=words, headers={"If-Match": f'"v{third["version"]}"'})
    assert (edited.status_code, edited.json["accommodations_due_on"]) == (200, due_on)
    now = seen(admin, series)
    assert [event["title"] for event in now] == ["Careers on Tuesdays"] * 2 + ["Careers after noon"] * 4
    assert now[5]["accommodations_due_on"] == str(FIRST + 5 * WEEK - timedelta(days=3))
    stale = admin.patch(f"/api/v1/events/{third['id']}", json={**words, "title": "x"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert seen(admin, series) == now


def test_a_date_that_could_not_be_had_is_taken_later_as_the_others_are_by_then(world, admin):
    other = {"kind": "workshop", "title": "In the way", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    blocker = admin.post("/api/v1/events", json={**other, "starts_local": on(2)}).json
    wish = {**other, "starts_local": on(0), "title": "Weekly", "rule": {"kind": "weekly", "count": 4}}
    series = admin.post("/api/v1/series?on_conflict=skip", json=wish).json
    path = f"/api/v1/events/{series['events'][1]['id']}"
    words = {"title": "Renamed", "topics": [], "scope": "following"}
    assert admin.patch(path, json=words, headers={"If-Match": "*"}).status_code == 200
    moved = admin.post(f"{path}/move", json={"starts_local": on(1, "14:30"), "rooms": ["annex"], "scope": "following"})
    assert moved.status_code == 200, moved.json
    (skipped,) = admin.get(f"/api/v1/series/{series['id']}").json["skipped"]
    assert skipped["starts_local"] == on(2, "14:30")
    had = admin.post(f"/api/v1/series/{series['id']}/skipped/{skipped['id']}/take")
    assert had.status_code == 201, (had.json, blocker)
    assert (had.json["title"], had.json["starts_local"], had.json["rooms"]) == ("Renamed", on(2, "14:30"), ["annex"])


def test_a_date_that_could_not_be_had_follows_in_people_modes_and_things(world, admin, bare_app):
    with bare_app.app_context(), transaction():
        builders.a_pool("projectors", on=db.session.scalars(select(Campus).filter_by(slug="harbor")).one())
    other = {"kind": "workshop", "title": "In the way", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    assert admin.post("/api/v1/events", json={**other, "starts_local": on(1)}).status_code == 201
    people = {"experts": ["pelican", "heron"], "online_experts": ["pelican", "heron"]}
    wish = {**other, **people, "starts_local": on(0), "title": "Weekly", "rule": {"kind": "weekly", "count": 3}}
    series = admin.post("/api/v1/series?on_conflict=skip", json=wish).json
    to = {"rooms": ["annex"], "experts": ["pelican"], "equipment": [{"slug": "projectors", "quantity": 2}]}
    path = f"/api/v1/events/{series['events'][0]['id']}/move"
    assert admin.post(path, json={**to, "scope": "following"}).status_code == 200
    (skipped,) = admin.get(f"/api/v1/series/{series['id']}").json["skipped"]
    had = admin.post(f"/api/v1/series/{series['id']}/skipped/{skipped['id']}/take")
    assert had.status_code == 201, had.json
    assert had.json["experts"] == ["pelican"]
    assert had.json["online_experts"] == ["pelican"]
    assert [(one["slug"], one["quantity"]) for one in had.json["equipment"]] == [("projectors", 2)]


@pytest.fixture
def city(world: Flask) -> None:
    """Another college with a room, and things of the harbor: some stay there, some go anywhere."""
    with world.app_context(), transaction():
        harbor = db.session.scalars(select(Campus).filter_by(slug="harbor")).one()
        builders.a_pool("projectors", on=harbor)
        builders.a_pool("banners", quantity=5)
        builders.a_room("attic", on=builders.a_campus("city"))


def a_series_with_a_gap(admin: FlaskClient, **more: Any) -> dict[str, Any]:
    """Four Tuesdays, of which the third could not be had."""
    blocker = {"kind": "workshop", "title": "In the way", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    assert admin.post("/api/v1/events", json={**blocker, "starts_local": on(2)}).status_code == 201
    things = [{"slug": "projectors", "quantity": 1}, {"slug": "banners", "quantity": 2}]
    due = f"{FIRST - timedelta(days=5)}"
    wish = {**blocker, "title": "Weekly", "experts": ["pelican"], "equipment": things, "accommodations_due_on": due}
    wish |= {"starts_local": on(0), "rule": {"kind": "weekly", "count": 4}, **more}
    answer = admin.post("/api/v1/series?on_conflict=skip", json=wish)
    assert [one["starts_local"] for one in answer.json["skipped"]] == [on(2)], answer.json
    return answer.json


def taken_later(admin: FlaskClient, series: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The skipped date as it is taken now, and the last date of the series."""
    (skipped,) = admin.get(f"/api/v1/series/{series['id']}").json["skipped"]
    had = admin.post(f"/api/v1/series/{series['id']}/skipped/{skipped['id']}/take")
    assert had.status_code == 201, had.json
    return had.json, admin.get(f"/api/v1/events/{series['events'][-1]['id']}").json


ALIKE = ("campus", "owner", "rooms", "experts", "equipment", "zone", "duration_minutes")


@pytest.mark.parametrize(
    ("to", "rooms", "things"),
    [
        ({"campus": "city"}, [], ["banners"]),
        ({"campus": "city", "rooms": ["attic"], "experts": ["heron"], "equipment": []}, ["attic"], []),
        ({"campus": "city", "starts_local": on(1, "16:30"), "duration_minutes": 45}, [], ["banners"]),
        ({"campus": None}, [], ["banners"]),
    ],
    ids=["campus alone", "place and people", "and another hour", "online only"],
)
def test_a_date_that_could_not_be_had_follows_to_another_campus(world, admin, city, to, rooms, things):
    series = a_series_with_a_gap(admin)
    moved = admin.post(f"/api/v1/events/{series['events'][1]['id']}/move", json={**to, "scope": "following"})
    assert moved.status_code == 200, moved.json
    had, last = taken_later(admin, series)
    assert {name: had[name] for name in ALIKE} == {name: last[name] for name in ALIKE}
    assert (had["campus"], had["rooms"], [one["slug"] for one in had["equipment"]]) == (to["campus"], rooms, things)
    assert had["starts_local"] == to.get("starts_local", on(1)).replace(on(1)[:10], on(2)[:10])


def test_the_last_day_to_ask_goes_with_a_date_that_could_not_be_had(world, admin, city):
    series = a_series_with_a_gap(admin)
    later = f"{FIRST + WEEK + timedelta(days=2)}T14:00"
    path = f"/api/v1/events/{series['events'][1]['id']}/move"
    assert admin.post(path, json={"starts_local": later, "scope": "following"}).status_code == 200
    had, _ = taken_later(admin, series)
    day = date.fromisoformat(had["starts_local"][:10])
    assert day == FIRST + 2 * WEEK + timedelta(days=2)
    assert had["accommodations_due_on"] == f"{day - timedelta(days=5)}"


def test_a_date_that_could_not_be_had_before_the_one_that_moves_stays(world, admin, city):
    """In a campaign that may be an earlier hour of the same day."""
    blocker = {"kind": "workshop", "title": "In the way", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    assert admin.post("/api/v1/events", json={**blocker, "starts_local": on(0, "09:00")}).status_code == 201
    stops = [{"starts_local": on(0, at)} for at in ("09:00", "12:00", "16:00")]
    wish = {**blocker, "title": "Three times", "starts_local": on(0), "rule": {"kind": "campaign", "stops": stops}}
    series = admin.post("/api/v1/series?on_conflict=skip", json=wish).json
    path = f"/api/v1/events/{series['events'][0]['id']}/move"
    moved = admin.post(path, json={"campus": "city", "rooms": ["attic"], "scope": "following"})
    assert moved.status_code == 200, moved.json
    (skipped,) = admin.get(f"/api/v1/series/{series['id']}").json["skipped"]
    assert (skipped["starts_local"], skipped["campus"]) == (on(0, "09:00"), "harbor")


@pytest.mark.parametrize(
    "told",
    [
        {"starts_local": "9999-12-31T23:59"},
        {"starts_local": "0001-01-01T00:00"},
        {"all_day": True, "starts_on": "9999-12-31"},
    ],
)
def test_a_series_is_not_moved_out_of_the_calendar(world, admin, told):
    series = a_series(admin)
    refused = admin.post(f"/api/v1/events/{series['events'][2]['id']}/move", json={**told, "scope": "following"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, list(told)[-1])
    assert starts(seen(admin, series)) == starts(series["events"])


def test_a_last_day_for_accommodations_leaves_no_calendar_either(world, admin):
    wish = {"kind": "workshop", "title": "Far", "campus": "harbor", "starts_local": on(0), "duration_minutes": 60}
    repeated = {**wish, "rule": {"kind": "weekly", "count": 2}}
    refused = admin.post("/api/v1/series", json={**repeated, "accommodations_due_on": "9999-12-31"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "accommodations_due_on")
    event = admin.post("/api/v1/events", json={**wish, "accommodations_due_on": "0001-01-02"}).json
    refused = admin.post(f"/api/v1/events/{event['id']}/move", json={"starts_local": f"{FIRST - 3 * WEEK}T14:00"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "accommodations_due_on")


def test_following_asks_for_a_series(world, admin):
    alone = {"kind": "workshop", "title": "Alone", "campus": "harbor", "starts_local": on(1), "duration_minutes": 60}
    event = admin.post("/api/v1/events", json=alone).json
    refused = admin.post(f"/api/v1/events/{event['id']}/withdraw", json={"scope": "following"})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/wrong-state")
    wrong = admin.post(f"/api/v1/events/{event['id']}/withdraw", json={"scope": "everything"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "scope")


def test_a_whole_series_is_published_confirmed_and_cancelled_in_one_call_each(world, admin, public):
    series = a_series(admin, experts=[])
    path = f"/api/v1/series/{series['id']}"
    published = admin.post(f"{path}/publish")
    assert published.status_code == 200, published.json
    assert len(public.get("/api/v1/events").json["items"]) == 6
    before = public.get("/feeds/all.ics")
    confirmed = admin.post(f"{path}/confirm").json
    assert {event["status"] for event in confirmed["events"]} == {"confirmed"}
    assert before.get_data() != public.get("/feeds/all.ics").get_data()
    assert [(letter.letter, len(letter.facts["dates"])) for letter in letters(world)] == [("confirmed_series", 6)]
    cancelled = admin.post(f"{path}/cancel", json={"reason": "The hall is closed"}).json
    assert {event["status"] for event in cancelled["events"]} == {"cancelled"}
    again = admin.post(f"{path}/cancel", json={})
    assert (again.status_code, again.json["type"]) == (409, "/problems/wrong-state")
    with world.app_context():
        mine = select(AuditEntry.verb).where(AuditEntry.subject == series["id"])
        verbs = db.session.scalars(mine.order_by(AuditEntry.id))
        assert list(verbs) == ["plan", "publish", "confirm", "cancel"]


def test_drafts_of_a_series_reserve_nothing_until_all_are_requested_at_once(world, admin):
    series = a_series(admin, draft=True)
    assert ({event["status"] for event in series["events"]}, letters(world)) == ({"draft"}, [])
    other = {"kind": "workshop", "title": "First come", "campus": "harbor", "rooms": ["hall"], "duration_minutes": 60}
    blocker = admin.post("/api/v1/events", json={**other, "starts_local": on(4)}).json
    refused = admin.post(f"/api/v1/series/{series['id']}/request")
    assert [found["starts_local"] for found in refused.json["occurrences"]] == [on(4)]
    admin.post(f"/api/v1/events/{blocker['id']}/withdraw", json={})
    done = admin.post(f"/api/v1/series/{series['id']}/request").json
    assert {event["status"] for event in done["events"]} == {"requested"}
    assert [letter.letter for letter in letters(world)] == ["invitation_series"]


def test_six_dates_are_one_letter_and_each_is_answered_by_its_own_link(world, admin, public):
    series = a_series(admin)
    (letter,) = letters(world)
    assert (letter.letter, letter.to_name, len(letter.facts["dates"])) == ("invitation_series", "Pelican", 6)
    assert calendars(world) == [("REQUEST", on(number)[:10], 1) for number in range(6)]
    with world.app_context():
        links = services().links
        tokens = [
            links.answer(one["invitation"], one["turn"], datetime.fromisoformat(one["expires_at"])).rsplit("/", 1)[1]
            for one in letter.facts["dates"]
        ]
    for number, word in ((0, "accept"), (1, "decline"), (5, "accept")):
        assert public.post(f"/api/v1/answers/{tokens[number]}", json={"answer": word}).status_code == 200
    states = [
        next(yes["state"] for yes in event["missing_yes"] if yes["who"] == "expert")
        if len(event["missing_yes"]) > 1
        else ""
        for event in seen(admin, series)
    ]
    assert states == ["", "declined", "needs_action", "needs_action", "needs_action", ""]


def test_calling_off_before_the_letter_has_left_takes_the_dates_out_of_it(world, admin):
    series = a_series(admin)
    third = series["events"][2]["id"]
    admin.post(f"/api/v1/events/{third}/withdraw", json={})
    (letter,) = letters(world)
    assert [one["event"]["starts_on"] for one in letter.facts["dates"]] == [on(n)[:10] for n in (0, 1, 3, 4, 5)]
    first = series["events"][0]["id"]
    admin.post(f"/api/v1/events/{first}/move", json={"starts_local": on(0, "09:00")})
    (letter,) = letters(world)
    assert letter.facts["dates"][0]["turn"] == 1
    revisions = zip((0, 1, 3, 4, 5), (2, 1, 1, 1, 1), strict=True)
    assert calendars(world) == [("REQUEST", on(number)[:10], revision) for number, revision in revisions]
    assert letter.facts["event"]["starts_at"] == f"{FIRST}T16:00:00Z"
    admin.post(f"/api/v1/series/{series['id']}/withdraw", json={})
    assert all_letters(world) == []


def test_calling_off_many_after_the_letter_is_one_letter_too(world, admin):
    series = a_series(admin)
    send(world)
    admin.post(f"/api/v1/events/{series['events'][2]['id']}/withdraw", json={"scope": "following"})
    (letter,) = letters(world)
    assert (letter.letter, letter.facts["because"], len(letter.facts["dates"])) == ("called_off_series", "withdrawn", 4)
    assert calendars(world) == [("CANCEL", on(number)[:10], 2) for number in (2, 3, 4, 5)]
    send(world)
    admin.post(f"/api/v1/events/{series['events'][0]['id']}/withdraw", json={})
    assert [letter.letter for letter in letters(world)] == ["called_off"]


def test_moving_many_asks_again_in_one_letter_and_a_new_person_in_one(world, admin):
    series = a_series(admin)
    send(world)
    first = series["events"][0]["id"]
    to = {"starts_local": on(0, "16:00"), "experts": ["pelican", "heron"], "scope": "following"}
    assert admin.post(f"/api/v1/events/{first}/move", json=to).status_code == 200
    found = {(letter.letter, letter.to_name): letter for letter in letters(world)}
    assert set(found) == {("asked_again_series", "Pelican"), ("invitation_series", "Heron")}
    assert len(calendars(world)) == 12
    again = found["asked_again_series", "Pelican"].facts["dates"]
    assert [one["was"]["starts_at"] for one in again] == [event["starts_at"] for event in series["events"]]
    # Moved again before that has left: the same letters say the newest.
    assert admin.post(f"/api/v1/events/{first}/move", json={**to, "starts_local": on(0, "18:00")}).status_code == 200
    now = {(letter.letter, letter.to_name): letter for letter in letters(world)}
    assert set(now) == set(found)
    assert {one["turn"] for one in now["asked_again_series", "Pelican"].facts["dates"]} == {2}
    hours = {one["event"]["starts_at"][11:16] for one in now["invitation_series", "Heron"].facts["dates"]}
    assert hours == {"01:00"}
    send(world)
    admin.post(f"/api/v1/events/{first}/move", json={"rooms": ["annex"], "scope": "following"})
    assert [letter.letter for letter in letters(world)] == ["changed_series", "changed_series"]
    send(world)
    admin.post(f"/api/v1/events/{first}/move", json={"experts": ["heron"], "scope": "following"})
    (letter,) = letters(world)
    assert (letter.letter, letter.to_name, letter.facts["because"]) == ("called_off_series", "Pelican", "uninvited")
