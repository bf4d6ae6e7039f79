"""What is wrong is refused in words: the field, the reason, the request's id; nothing is written, nothing breaks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.interfaces import schema
from tests import builders, databases
from tests.conftest import ENGINES
from tests.databases import ADMIN_TOKEN

GOOD = {
    "kind": "info_session",
    "title": "Careers at the port",
    "campus": "harbor",
    "starts_local": "2090-02-10T14:00",
    "duration_minutes": 60,
    "rooms": ["hall"],
    "experts": ["expert"],
    "topics": ["ships"],
    "expected_heads": 30,
}
GONE = object()


@pytest.fixture(scope="module", params=ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """A small world on each engine; what is refused writes nothing, so all tests here can share it."""
    made = request.getfixturevalue(f"{request.param}_databases")
    url = made.fresh()
    # Bugs are answered as they would be in production.
    app = create_app(databases.settings(url, PROPAGATE_EXCEPTIONS=False))
    with app.app_context(), transaction():
        harbor = builders.a_campus("harbor")
        builders.a_room("hall", on=harbor)
        builders.a_room("elsewhere", on=builders.a_campus("other-campus"))
        builders.an_expert("expert", topics=[builders.a_topic("ships")])
        builders.a_campus("retired").retired_on = builders.at("2020-01-01T00:00").starts_local.date()
    yield app
    with app.app_context():
        db.engine.dispose()
    made.drop(url)


@pytest.fixture(scope="module")
def door(house: Flask) -> FlaskClient:
    """The administrator."""
    client = house.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {ADMIN_TOKEN}"
    return client


COUNTS = text(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in sorted(schema.METADATA.tables)))


def counts(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context():
        rows = db.session.execute(COUNTS).all()
        db.session.rollback()
    return dict(rows)


def problem_of(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem document of an answer that must be one."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    members = json.loads(answer.text)
    assert members["status"] == status
    assert members["request_id"] == answer.headers["X-Request-Id"]
    assert members["title"]
    assert members["detail"]
    assert "Traceback" not in answer.text
    return members


def changed(**fields: Any) -> dict[str, Any]:
    """The good wish with some fields changed or gone."""
    return {name: value for name, value in {**GOOD, **fields}.items() if value is not GONE}


# What is changed in the good wish, the field that is named, and a word of the reason.
FIELDS = [
    ("unknown campus", {"campus": "atlantis"}, "campus", "no campus 'atlantis'"),
    ("retired campus", {"campus": "retired", "rooms": []}, "campus", "out of use"),
    ("no campus and no owner", {"campus": GONE, "rooms": []}, "owner", "names the office"),
    ("unknown owner", {"owner": "nobody"}, "owner", "no office"),
    ("room of another campus", {"rooms": ["hall", "elsewhere"]}, "rooms[1]", "not on campus"),
    ("room of a campus not named", {"campus": GONE, "owner": GONE, "rooms": ["hall"]}, "owner", "names the office"),
    ("unknown room", {"rooms": ["hall", "no-such-hall"]}, "rooms[1]", "no room"),
    ("the same room twice", {"rooms": ["hall", "hall"]}, "rooms[1]", "twice"),
    ("unknown expert", {"experts": ["nobody"]}, "experts[0]", "no expert"),
    ("the same expert twice", {"experts": ["expert", "expert"]}, "experts[1]", "twice"),
    ("unknown topic", {"topics": ["magic"]}, "topics[0]", "no topic"),
    ("unknown co-host", {"co_hosts": ["nobody"]}, "co_hosts[0]", "no organization"),
    ("fifty-one rooms", {"rooms": [f"hall-{n}" for n in range(51)]}, "rooms", "maximum"),
    ("zero length", {"duration_minutes": 0}, "duration_minutes", "between"),
    ("negative length", {"duration_minutes": -30}, "duration_minutes", "between"),
    ("endless length", {"duration_minutes": 10**9}, "duration_minutes", "between"),
    ("length beyond any number", {"duration_minutes": 10**400}, "duration_minutes", ""),
    ("length in words", {"duration_minutes": "90"}, "duration_minutes", "integer"),
    ("length with a fraction", {"duration_minutes": 90.5}, "duration_minutes", "integer"),
    ("length true", {"duration_minutes": True}, "duration_minutes", "integer"),
    ("length null", {"duration_minutes": None}, "duration_minutes", ""),
    ("no length", {"duration_minutes": GONE}, "duration_minutes", "needed"),
    ("no time", {"starts_local": GONE}, "starts_local", "needed"),
    ("a time in a gap", {"starts_local": "2027-03-14T02:30"}, "starts_local", "does not exist"),
    ("a fold without its side", {"starts_local": "2027-11-07T01:30"}, "starts_local", "comes twice"),
    ("a side that is none", {"starts_side": "left"}, "starts_side", "one of"),
    ("a time with a zone", {"starts_local": "2090-02-10T14:00Z"}, "starts_local", "leave out"),
    ("a time that is none", {"starts_local": "next week"}, "starts_local", "not a local time"),
    ("a time as a number", {"starts_local": 2090}, "starts_local", "local time"),
    ("a day that is none", {"starts_local": "2090-02-30T14:00"}, "starts_local", "not a local time"),
    ("the year one", {"starts_local": "0001-01-01T00:00"}, "starts_local", "between"),
    ("the last year there is", {"starts_local": "9999-12-31T23:59"}, "starts_local", "between"),
    ("the past", {"starts_local": "2020-02-10T14:00"}, "starts_local", "past"),
    ("all day with a time", {"all_day": True}, "all_day", "not a time"),
    (
        "all day without a day",
        {"all_day": True, "starts_local": GONE, "duration_minutes": GONE},
        "starts_on",
        "first day",
    ),
    (
        "no days",
        {"all_day": True, "starts_local": GONE, "duration_minutes": GONE, "starts_on": "2090-02-10", "days": 0},
        "days",
        "between",
    ),
    (
        "the past, all day",
        {"all_day": True, "starts_local": GONE, "duration_minutes": GONE, "starts_on": "2020-02-10"},
        "starts_on",
        "past",
    ),
    ("all day in words", {"all_day": "yes"}, "all_day", "boolean"),
    ("ten thousand letters", {"title": "x" * 10_000}, "title", "10,000"),
    ("an empty title", {"title": "  "}, "title", "empty"),
    ("no title", {"title": GONE}, "title", "required"),
    ("title null", {"title": None}, "title", "null"),
    ("title a number", {"title": 7}, "title", "string"),
    ("title a list", {"title": ["a"]}, "title", "string"),
    ("a title over two lines", {"title": "one\ntwo"}, "title", "control"),
    ("a bell in the title", {"title": "ding\x07"}, "title", "control"),
    ("NUL in the title", {"title": "a\x00b"}, "title", "control"),
    ("half a letter", {"title": "half \ud800"}, "title", "control"),
    ("an escape in the description", {"description": "\x1b[31m"}, "description", "control"),
    ("a long description", {"description": "x" * 20_001}, "description", "20,000"),
    ("a link that runs", {"online_url": "javascript:alert(1)"}, "online_url", "https"),
    ("a link with a bad port", {"online_url": "https://[::1"}, "online_url", "https"),
    ("NUL in a slug", {"campus": "har\x00bor"}, "campus", "slug"),
    ("NUL in a list of slugs", {"rooms": ["ha\x00ll"]}, "rooms[0]", "slug"),
    ("a slug as a number", {"campus": 7}, "campus", "string"),
    ("a slug of 10,000 letters", {"campus": "x" * 10_000}, "campus", ""),
    ("rooms as a word", {"rooms": "hall"}, "rooms", "list"),
    ("rooms as numbers", {"rooms": [1]}, "rooms[0]", "string"),
    ("unknown kind", {"kind": "party"}, "kind", "one of"),
    ("kind null", {"kind": None}, "kind", "null"),
    ("kind a list", {"kind": ["info_session"]}, "kind", ""),
    ("unknown visibility", {"visibility": "secret"}, "visibility", "one of"),
    ("negative heads", {"expected_heads": -1}, "expected_heads", "than or equal"),
    ("more heads than people", {"expected_heads": 10**12}, "expected_heads", "than or equal"),
    ("an audience of nothing", {"audience": [""]}, "audience[0]", "length"),
    ("NUL in the audience", {"audience": ["a\x00b"]}, "audience[0]", "control"),
    ("unknown field", {"colour": "red"}, "colour", "unknown"),
    ("a field of somebody else's", {"status": "confirmed"}, "status", "unknown"),
    ("draft in words", {"draft": "no"}, "draft", "boolean"),
]


@pytest.mark.parametrize(("change", "field", "reason"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS])
def test_a_plan_with_something_wrong_is_refused_by_field(door, house, change, field, reason):
    before = counts(house)
    members = problem_of(door.post("/api/v1/events", json=changed(**change)), 422)
    assert [error["field"] for error in members["errors"]] == [field]
    assert reason.casefold() in members["errors"][0]["reason"].casefold()
    assert counts(house) == before


def test_everything_that_is_wrong_is_named_at_once(door):
    wrong = changed(title=7, duration_minutes="90", kind="party", colour="red")
    members = problem_of(door.post("/api/v1/events", json=wrong), 422)
    assert {error["field"] for error in members["errors"]} == {"title", "duration_minutes", "kind", "colour"}


JSON = "application/json"
BODIES = [
    ("malformed JSON", b'{"title": ', JSON, 400),
    ("not UTF-8", b'{"title": "\xff\xfe"}', JSON, 400),
    ("nothing at all", b"", JSON, 422),
    ("a list", b"[]", JSON, 422),
    ("a number", b"7", JSON, 422),
    ("null", b"null", JSON, 422),
    ("a word", b'"hello"', JSON, 422),
    ("NaN", b'{"duration_minutes": NaN}', JSON, 422),
    ("a number of 5,000 digits", b'{"duration_minutes": ' + b"9" * 5000 + b"}", JSON, 400),
    ("a very deep list", b"[" * 100_000, JSON, 400),
    ("a form", b"title=x", "application/x-www-form-urlencoded", 415),
    ("XML", b"<event/>", "text/xml", 415),
    ("over the limit", b'{"title": "' + b"x" * 1_000_001 + b'"}', JSON, 413),
]


@pytest.mark.parametrize(("body", "kind", "status"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_body_that_cannot_be_read_is_refused(door, house, body, kind, status):
    before = counts(house)
    problem_of(door.post("/api/v1/events", data=body, content_type=kind), status)
    assert counts(house) == before


def a_cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


UNKNOWN = "00000000-0000-4000-8000-000000000000"
ADDRESSES = [
    ("no such route", "GET", "/api/v1/nothing", 404),
    ("no such event", "GET", f"/api/v1/events/{UNKNOWN}", 404),
    ("an event that is no id", "GET", "/api/v1/events/1", 404),
    ("an event of NULs", "GET", "/api/v1/events/%00", 404),
    ("no such event to move", "POST", f"/api/v1/events/{UNKNOWN}/move", 404),
    ("no such verb", "POST", f"/api/v1/events/{UNKNOWN}/explode", 404),
    ("no such campus", "GET", "/api/v1/campuses/atlantis", 404),
    ("NUL in a path", "GET", "/api/v1/campuses/a%00b", 404),
    ("no such campus in a query", "GET", "/api/v1/rooms?campus=atlantis", 404),
    ("NUL in a query", "GET", "/api/v1/rooms?campus=a%00b", 422),
    ("no such kind in a query", "GET", "/api/v1/events?kind=party", 422),
    ("an unknown name in a query", "GET", "/api/v1/events?colour=red", 422),
    ("a limit of nothing", "GET", "/api/v1/events?limit=0", 422),
    ("a limit beyond sense", "GET", "/api/v1/events?limit=99999999999999999999", 422),
    ("a limit in words", "GET", "/api/v1/events?limit=many", 422),
    ("a time without a zone", "GET", "/api/v1/events?from=2027-02-10T00:00:00", 422),
    ("a time before all times", "GET", "/api/v1/events?from=0001-01-01T00:00:00%2B14:00", 422),
    ("a cursor of rubbish", "GET", "/api/v1/events?cursor=rubbish", 400),
    ("a cursor of nothing", "GET", "/api/v1/events?cursor=", 400),
    ("a cursor that is not ASCII", "GET", "/api/v1/events?cursor=%C3%A9", 400),
    ("a cursor of another list", "GET", f"/api/v1/events?cursor={a_cursor('harbor')}", 400),
    ("a cursor without a zone", "GET", f"/api/v1/events?cursor={a_cursor(['2027-02-10T00:00:00', 1])}", 400),
    ("a cursor in another zone", "GET", f"/api/v1/events?cursor={a_cursor(['0001-01-01T00:00:00+14:00', 1])}", 400),
    (
        "a cursor of a huge number",
        "GET",
        f"/api/v1/events?cursor={a_cursor(['2027-02-10T00:00:00+00:00', 10**30])}",
        400,
    ),
    ("a cursor of NULs", "GET", f"/api/v1/campuses?cursor={a_cursor(chr(0))}", 400),
    ("a cursor that is a list", "GET", f"/api/v1/campuses?cursor={a_cursor(['a'])}", 400),
    ("a dry run in words", "POST", "/api/v1/events?dry_run=perhaps", 422),
    ("an answer with rubbish", "GET", "/api/v1/answers/rubbish", 404),
    ("an answer of NULs", "GET", "/api/v1/answers/%00", 404),
    ("no such feed", "GET", "/feeds/campus/atlantis.ics", 404),
    ("a feed of NULs", "GET", "/feeds/campus/%00.ics", 404),
    ("no such kind of feed", "GET", "/feeds/kind/party.ics", 404),
    ("no such event as a file", "GET", f"/events/{UNKNOWN}.ics", 404),
]


@pytest.mark.parametrize(
    ("method", "address", "status"), [row[1:] for row in ADDRESSES], ids=[row[0] for row in ADDRESSES]
)
def test_an_address_that_leads_nowhere_is_refused(door, house, method, address, status):
    before = counts(house)
    body = {} if "/move" in address else GOOD
    problem_of(door.open(address, method=method, json=body if method == "POST" else None), status)
    assert counts(house) == before


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("DELETE", "/api/v1/events", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", f"/api/v1/events/{UNKNOWN}", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("POST", "/api/v1/campuses", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/feeds/all.ics", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_is_not_allowed_says_which_are(door, method, address, allowed):
    answer = door.open(address, method=method)
    problem_of(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.fixture(scope="module")
def event(door: FlaskClient) -> str:
    answer = door.post("/api/v1/events", json=GOOD)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


EDITS = [
    ("an empty title", "PATCH", "", {"title": ""}, "title"),
    ("a place by patch", "PATCH", "", {"campus": "harbor"}, "campus"),
    ("a bell", "PATCH", "", {"description": "\x07"}, "description"),
    ("topics null", "PATCH", "", {"topics": None}, "topics"),
    ("visibility null", "PATCH", "", {"visibility": None}, "visibility"),
    ("audience null", "PATCH", "", {"audience": None}, "audience"),
    ("online_url null", "PATCH", "", {"online_url": None}, "online_url"),
    ("a move into a gap", "POST", "/move", {"starts_local": "2027-03-14T02:30"}, "starts_local"),
    ("a move into the past", "POST", "/move", {"starts_local": "2020-03-14T02:30"}, "starts_local"),
    ("a move to another campus's room", "POST", "/move", {"rooms": ["elsewhere"]}, "rooms[0]"),
    ("a move to no length", "POST", "/move", {"duration_minutes": 0}, "duration_minutes"),
    ("a move to nobody", "POST", "/move", {"experts": ["nobody"]}, "experts[0]"),
    ("a move with a word too many", "POST", "/move", {"title": "x"}, "title"),
    ("a reason of 2,000 letters", "POST", "/withdraw", {"reason": "x" * 2000}, "reason"),
    ("NUL in a reason", "POST", "/withdraw", {"reason": "a\x00b"}, "reason"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_a_change_with_something_wrong_is_refused_by_field(door, house, event, method, path, body, field):
    address = f"/api/v1/events/{event}"
    before, was = counts(house), door.get(address).json
    sent = door.open(address + path, method=method, json=body, headers={"If-Match": "*"})
    members = problem_of(sent, 422)
    assert [error["field"] for error in members["errors"]] == [field]
    assert (counts(house), door.get(address).json) == (before, was)


@pytest.mark.parametrize("tag", ["rubbish", '"x"', '"v-1"', '"v99999999999999999999999"', '"v²"'])
def test_an_if_match_that_is_no_version_of_ours_is_refused(door, event, tag):
    answer = door.patch(f"/api/v1/events/{event}", json={"title": "New"}, headers={"If-Match": tag})
    assert problem_of(answer, 412)["etag"] == door.get(f"/api/v1/events/{event}").headers["ETag"]
    assert door.get(f"/api/v1/events/{event}").json["title"] == GOOD["title"]


def test_a_bug_is_answered_without_a_word_about_it(door, house, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret about the inside")

    monkeypatch.setattr("eventsvc.workflows.plan_event.plan_event", broken)
    answer = door.post("/api/v1/events", json=GOOD)
    problem_of(answer, 500)
    assert "secret" not in answer.text
