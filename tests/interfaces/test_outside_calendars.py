"""Outside calendars and leave at the doors: JSON, command line, scheduler."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.interfaces import scheduler
from eventsvc.interfaces.cli import cli
from tests import builders, databases
from tests.databases import ADMIN_TOKEN
from tests.ical.calendars import calendar, timed
from tests.web_server import Page, WebServer, web_server

# Far ahead of the real clock, which the doors read, and within the window.
SOON = timed("20200101T220000Z", "20200101T230000Z", "RRULE:FREQ=DAILY", "SUMMARY:Board meeting")


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        running.pages["/a.ics"] = Page(calendar(SOON))
        yield running


@pytest.fixture
def client(database_url, server):
    """A planner's client of an app that may read that server, with a room, an expert and a campus."""
    app = create_app(databases.settings(database_url, FETCH_ALLOW=(server.place,)))
    with app.app_context(), transaction():
        campus = builders.a_campus("college")
        builders.a_room("hall", on=campus)
        builders.an_expert("expert-one")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {ADMIN_TOKEN}"
    yield client
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


NONE_YET = {"If-None-Match": "*"}


def path(kind: str, slug: str) -> str:
    return f"/api/v1/{kind}/{slug}/calendar"


@pytest.mark.parametrize(("kind", "slug"), [("rooms", "hall"), ("experts", "expert-one"), ("campuses", "college")])
def test_a_calendar_is_attached_looked_at_by_the_scheduler_and_removed(client, server, kind, slug):
    assert client.get(path(kind, slug)).status_code == 404
    put = client.put(path(kind, slug), json={"url": server.at("/a.ics")}, headers=NONE_YET)
    assert put.status_code == 200
    assert (put.json["fetched_at"], put.json["blocks"]) == (None, 0)
    assert server.asked == []  # nothing is fetched in a request
    scheduler.run_refresh(client.application)
    answer = client.get(path(kind, slug))
    got = answer.json
    singular = {"rooms": "room", "experts": "expert", "campuses": "campus"}[kind]
    assert (got["kind"], got["slug"], got["error"], got["failures"]) == (singular, slug, "", 0)
    assert got["blocks"] > 390
    assert got["fetched_at"] is not None
    assert client.get("/api/v1/outside-calendars").json["items"] == [got]
    # A look changes nothing of what people have chosen.
    assert answer.headers["ETag"] == put.headers["ETag"]
    assert client.delete(path(kind, slug), headers={"If-Match": put.headers["ETag"]}).status_code == 204
    assert client.get(path(kind, slug)).status_code == 404


def test_a_text_is_read_at_once(client):
    put = client.put(path("rooms", "hall"), json={"text": calendar(SOON).decode()}, headers=NONE_YET)
    assert put.status_code == 200
    assert put.json["url"] is None
    assert put.json["blocks"] > 390


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://127.0.0.1/a.ics"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/a.ics"}, "url"),
        ({"url": "ftp://example.edu/a.ics"}, "url"),
        ({"url": ""}, "url"),
        ({"url": 1}, "url"),
        ({}, "url"),
        ({"url": "https://example.edu/a.ics", "text": "x"}, "url"),
        ({"text": "x"}, "text"),
        ({"text": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY\r\n"}, "text"),
        ({"text": calendar(timed("20270112T100000Z", "20270112T110000Z", "RRULE:FREQ=SECONDLY")).decode()}, "text"),
        ({"other": 1}, "other"),
    ],
)
def test_what_is_no_calendar_is_refused_by_its_field(client, body, field):
    answer = client.put(path("rooms", "hall"), json=body, headers=NONE_YET)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert client.get("/api/v1/outside-calendars").json["items"] == []


def test_leave_over_json(client):
    wish = {"from": "2090-03-01", "until": "2090-03-05"}
    posted = client.post("/api/v1/experts/expert-one/leave", json=wish)
    assert posted.status_code == 201
    assert posted.headers["Location"].endswith(f"/leave/{posted.json['id']}")
    assert client.get("/api/v1/experts/expert-one/leave").json["items"] == [posted.json]
    one = f"/api/v1/experts/expert-one/leave/{posted.json['id']}"
    read = client.get(one)
    assert (read.json, read.headers["ETag"]) == (posted.json, posted.headers["ETag"])
    assert client.delete(one, headers={"If-Match": '"v2"'}).status_code == 412
    assert client.delete(one, headers={"If-Match": read.headers["ETag"]}).status_code == 204
    assert client.get(one).status_code == 404
    assert client.get("/api/v1/experts/expert-one/leave").json["items"] == []
    refused = client.post("/api/v1/experts/expert-one/leave", json={"from": "2090-03-05", "until": "2090-03-01"})
    assert [error["field"] for error in refused.json["errors"]] == ["until"]
    assert client.post("/api/v1/experts/nobody/leave", json=wish).status_code == 404


def test_a_round_that_fails_is_logged_and_ends_nothing(client, monkeypatch, caplog):
    monkeypatch.setattr(scheduler, "refresh_due", lambda *_: 1 // 0)
    monkeypatch.setattr(scheduler.log.parent, "propagate", True)
    scheduler.run_refresh(client.application)
    assert "looking at outside calendars failed" in caplog.text


def test_looking_is_a_job_beside_the_tick(client):
    running = scheduler.in_background(client.application)
    try:
        job = running.get_job("look")
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    finally:
        running.shutdown(wait=True)


# The command line


@pytest.fixture
def run(client, server):
    url = client.application.config["DATABASE_URL"]
    environment = {"DATABASE_URL": url, "SECRET_KEY": "a key", "FETCH_ALLOW": server.place}

    def runner(*arguments: str):
        return CliRunner().invoke(cli, arguments, env=environment)

    return runner


def test_calendars_on_the_command_line(run, server, tmp_path):
    attached = run("calendars", "attach", "room", "hall", server.at("/a.ics"))
    assert (attached.exit_code, "not looked at yet" in attached.output) == (0, True)
    refreshed = run("calendars", "refresh")
    assert (refreshed.exit_code, refreshed.stdout) == (0, "1 looked at, 0 failed.\n")
    assert "what it blocks has changed" in refreshed.stderr
    assert run("calendars", "refresh").stdout == "0 looked at, 0 failed.\n"
    server.pages["/a.ics"] = Page(status=500)
    failed = run("calendars", "refresh", "--all")
    assert (failed.exit_code, failed.stdout) == (1, "1 looked at, 1 failed.\n")
    listed = run("calendars", "list").output
    assert listed.startswith(f"room hall  {server.at('/a.ics')}  known as of ")
    assert "failed 1 times, last: It answered with status 500." in listed
    file = tmp_path / "mine.ics"
    file.write_bytes(calendar(SOON))
    assert "uploaded" in run("calendars", "attach", "expert", "expert-one", str(file)).output
    assert run("calendars", "remove", "room", "hall").exit_code == 0
    assert "hall" not in run("calendars", "list").output


def test_leave_on_the_command_line(run):
    added = run("leave", "add", "expert-one", "2090-03-01", "2090-03-05")
    assert added.exit_code == 0
    assert "2090-03-01 00:00 to 2090-03-06 00:00 America/Los_Angeles" in added.output
    listed = run("leave", "list", "expert-one").output
    assert listed == added.output
    assert run("leave", "remove", "expert-one", listed.split()[0]).exit_code == 0
    assert run("leave", "list", "expert-one").output == ""
