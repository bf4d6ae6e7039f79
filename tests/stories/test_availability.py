"""What is free: at a time, for a set, as a grid; each "no" with its reason, and nobody's name for the public."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar
from eventsvc.domain.directory.models import Campus
from eventsvc.interfaces.cli import cli
from tests import builders
from tests.conftest import NOW
from tests.stories.test_holds import held, plan, world

__all__ = ["world"]
PASADENA = "pasadena-city-college"


def asked(client: FlaskClient, **query: object) -> dict:
    answer = client.get("/api/v1/availability", query_string={"campus": PASADENA, **query})
    assert answer.status_code == 200, answer.json
    return answer.json


def at(client: FlaskClient, **query: object) -> dict:
    return asked(client, **{"starts_local": "2027-02-10T14:00", "duration_minutes": 90, **query})


def reasons(facts: dict, kind: str) -> dict[str, list[str]]:
    return {one["slug"]: [reason["kind"] for reason in one["reasons"]] for one in facts[kind]}


def test_each_room_person_and_pool_is_free_or_says_why_not(world, admin):
    assert plan(admin, rooms=["great-hall-east"]).status_code == 201
    held(admin, rooms=["lounge"], experts=[], equipment=[{"slug": "projectors"}])
    facts = at(admin, heads=70, equipment="projectors:2")
    assert reasons(facts, "rooms") == {
        "great-hall": ["overlap"],
        "great-hall-east": ["overlap"],
        "great-hall-west": [],
        "lounge": ["overlap", "capacity"],
    }
    assert reasons(facts, "experts") == {"first-expert": ["overlap"], "second-expert": []}
    assert [(one["slug"], one["free"], one["is_free"]) for one in facts["pools"]] == [("projectors", 1, False)]
    lounge = facts["rooms"][-1]
    assert lounge["reasons"][0]["detail"] == "Lounge is on hold for somebody else Wed Feb 10, 2027, 13:30–15:45."
    assert lounge["reasons"][0]["with"] is None
    assert (facts["from"], facts["zone"]) == ("2027-02-10T22:00:00Z", builders.PACIFIC)
    assert reasons(at(admin, starts_local="2027-02-10T17:00"), "rooms")["great-hall"] == []


def test_only_experts_of_the_topic_are_asked(world, admin, bare_app):
    with bare_app.app_context(), transaction():
        builders.an_expert("knows", topics=[builders.a_topic("ships")])
    assert list(reasons(at(admin, topic="ships"), "experts")) == ["knows"]
    answer = admin.get("/api/v1/availability", query_string={**AT, "topic": "no-such-topic"})
    assert answer.status_code == 404


def test_the_public_learns_of_rooms_and_of_nobody(world, public, admin):
    assert plan(admin, title="A secret meeting").status_code == 201
    facts = at(public)
    assert "experts" not in facts
    assert reasons(facts, "rooms")["lounge"] == ["overlap"]
    everything = [facts, asked(public, view="grid", **{"from": "2027-02-10"})]
    assert not [word for word in ("secret", "expert", "with", "office") if word in str(everything).lower()]
    for query in ({"view": "grid", "from": "2027-02-10"}, {"view": "free", "from": "2027-02-10", "to": "2027-02-10"}):
        query |= {"campus": PASADENA, "experts": "first-expert", "duration_minutes": 60}
        assert public.get("/api/v1/availability", query_string=query).status_code == 401


def test_what_an_outside_calendar_calls_its_entries_is_for_planners(world, public, admin, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        own = {"campus_id": campus.id, "starts_at": NOW.replace(month=2, day=10)}
        own["ends_at"] = own["starts_at"].replace(day=12)
        calendar = OutsideCalendar(campus_id=campus.id, url="", etag="", last_modified="", fetched_at=NOW)
        for kind in (BlockKind.BLACKOUT, BlockKind.FINALS, BlockKind.HOLIDAY):
            db.session.add(Block(**own, kind=kind, title="Secret layoffs", outside_calendar=calendar))
    details = [one["detail"] for room in at(public)["rooms"] for one in room["reasons"]]
    assert len(details) == 3 * 4
    assert "Secret layoffs" not in str(details)
    assert "Lounge cannot be had Wed Feb 10, 2027, 09:00 to Fri Feb 12, 2027, 09:00. So the" in str(details)
    assert "Secret layoffs" not in public.get(f"/board?campus={PASADENA}&day=2027-02-11").text
    planners = [one["detail"] for room in at(admin)["rooms"] for one in room["reasons"]]
    assert all("Secret layoffs" in one for one in planners)


def test_when_a_set_is_free_is_said_in_spans_that_hold_every_start(world, admin, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.query(Campus).filter_by(slug=PASADENA).one()
        campus.hours = [(weekday, 8 * 60, 18 * 60) for weekday in range(5)]
        nine = NOW.replace(month=2, day=11, hour=17)
        db.session.add(Block(campus_id=campus.id, kind=BlockKind.HOLIDAY, starts_at=nine, ends_at=nine.replace(day=13)))
    assert plan(admin).status_code == 201
    facts = asked(
        admin,
        view="free",
        rooms=["lounge", "great-hall"],
        experts="first-expert",
        equipment="projectors:2",
        duration_minutes=60,
        **{"from": "2027-02-10", "to": "2027-02-14"},
    )
    spans = [(span["from_local"], span["until_local"]) for span in facts["spans"]]
    # Set-up of 30 and take-down of 15 minutes lie within the hours, and around the booking from 13:30 to 15:45.
    assert spans == [("2027-02-10T08:30", "2027-02-10T13:15"), ("2027-02-10T16:15", "2027-02-10T17:45")]
    for starts in ("2027-02-10T12:15", "2027-02-10T16:45"):
        body = {"starts_local": starts, "duration_minutes": 60, "rooms": ["lounge", "great-hall"]}
        held(admin, **body, equipment=[{"slug": "projectors", "quantity": 2}], minutes=1)


def test_a_grid_shows_set_up_and_titles_to_those_who_may_know_them(world, admin):
    assert plan(admin).status_code == 201
    facts = asked(admin, view="grid", experts="first-expert", **{"from": "2027-02-10"})
    lounge = next(room for room in facts["rooms"] if room["slug"] == "lounge")
    assert [(one["kind"], one["from_local"][11:], one["until_local"][11:]) for one in lounge["spans"]] == [
        ("setup", "13:30", "14:00"),
        ("presence", "14:00", "15:30"),
        ("takedown", "15:30", "15:45"),
    ]
    assert {one["title"] for one in lounge["spans"]} == {"Careers"}
    person = facts["experts"][0]
    assert [(one["kind"], one["from_local"][11:]) for one in person["spans"]] == [
        ("lead", "13:45"),
        ("presence", "14:00"),
    ]
    week = asked(admin, view="grid", days=7, **{"from": "2027-02-08"})
    assert [room["spans"] for room in week["rooms"] if room["slug"] == "lounge"] == [lounge["spans"]]


def test_a_grid_says_which_rooms_are_too_small_and_how_many_of_a_pool_are_free(world, admin, public):
    held(admin, rooms=[], experts=[], equipment=[{"slug": "projectors"}])
    facts = asked(public, view="grid", heads=101, equipment="projectors:2", **{"from": "2027-02-10"})
    assert reasons(facts, "rooms") == {
        "great-hall": [],
        "great-hall-east": ["capacity"],
        "great-hall-west": ["capacity"],
        "lounge": ["capacity"],
    }
    assert facts["rooms"][-1]["reasons"][0]["detail"].startswith("Lounge seats")
    (pool,) = facts["pools"]
    assert (pool["slug"], pool["quantity"]) == ("projectors", 2)
    kept = ("from_local", "until_local", "free", "is_free")
    assert [tuple(span[name] for name in kept) for span in pool["spans"]] == [
        ("2027-02-10T14:00", "2027-02-10T15:30", 1, False)
    ]
    plain = asked(public, view="grid", **{"from": "2027-02-10"})
    assert plain["pools"][0]["spans"][0]["is_free"]
    assert "reasons" not in plain["rooms"][0]
    spans = asked(
        public, view="free", equipment="projectors:2", duration_minutes=60, **{"from": "2027-02-10", "to": "2027-02-10"}
    )["spans"]
    assert [span["from_local"][11:] for span in spans] == ["00:00", "15:30"]
    query = {"rooms": "lounge", "heads": 70, "duration_minutes": 60, "from": "2027-02-10", "to": "2027-02-10"}
    assert asked(public, view="free", **query)["spans"] == []


def test_the_command_says_the_same_in_lines(world, admin, bare_app, database_url):
    assert plan(admin).status_code == 201
    environment = {"DATABASE_URL": database_url, "SECRET_KEY": "a key"}
    arguments = ["availability", PASADENA, "2027-02-10T14:00", "--minutes", "30"]
    answer = CliRunner().invoke(cli, arguments, env=environment)
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert "rooms    no    lounge  Lounge is taken Wed Feb 10, 2027, 13:30–15:45." in lines
    assert "rooms    free  great-hall" in lines
    assert "experts  free  second-expert" in lines
    assert "pools    free  projectors" in lines


AT = {"campus": PASADENA, "starts_local": "2027-02-10T14:00", "duration_minutes": 90}
BAD = {
    "no campus": ({"view": "grid", "from": "2027-02-10"}, "campus"),
    "no time": ({"campus": PASADENA}, "starts_local"),
    "a negative length": ({**AT, "duration_minutes": -1}, "duration_minutes"),
    "a length in words": ({**AT, "duration_minutes": "long"}, "duration_minutes"),
    "an unknown view": ({**AT, "view": "all"}, "view"),
    "an unknown name": ({**AT, "room": "lounge"}, "room"),
    "a thing of nothing": ({**AT, "equipment": "projectors:0"}, "equipment[0]"),
    "a grid of a month": ({"campus": PASADENA, "view": "grid", "from": "2027-02-10", "days": 31}, "days"),
    "a grid of no day": ({"campus": PASADENA, "view": "grid"}, "from"),
    "the last of days": ({"campus": PASADENA, "view": "grid", "from": "9999-12-31", "days": 7}, "from"),
    "a year of spans": ({**AT, "view": "free", "rooms": "lounge", "from": "2027-02-10", "to": "2028-02-10"}, "to"),
    "backwards": ({**AT, "view": "free", "rooms": "lounge", "from": "2027-02-10", "to": "2027-02-09"}, "to"),
    "a set of nothing": ({**AT, "view": "free", "from": "2027-02-10", "to": "2027-02-10"}, "rooms"),
}


@pytest.mark.parametrize(("query", "field"), BAD.values(), ids=list(BAD))
def test_a_question_that_cannot_be_answered_is_refused_by_its_field(world, admin, query, field):
    answer = admin.get("/api/v1/availability", query_string=query)
    assert answer.status_code == 422, answer.json
    assert field in [error["field"] for error in answer.json["errors"]]
