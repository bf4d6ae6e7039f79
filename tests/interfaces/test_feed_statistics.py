"""How feeds are asked for, at each door: counted by real polls, shown to who plans: page, JSON, command."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.models import FeedPoll
from eventsvc.interfaces.cli import cli
from tests import databases
from tests.conftest import NOW

GOOGLE, CURL = "Google-Calendar-Importer", "curl/8.5.0"


def poll(client, path="/feeds/all.ics", agent=GOOGLE, **headers) -> str:
    """As a server does: what is to be written is written when the answer has gone."""
    with client.get(path, headers={"User-Agent": agent, **headers}) as answer:
        return answer.headers["ETag"]


@pytest.fixture
def polled(bare_app, public, still):
    with bare_app.app_context(), transaction():
        versions.touch({"all"}, NOW)
    tag = poll(public)
    poll(public, **{"If-None-Match": tag})
    poll(public, agent=CURL)
    still.shift(timedelta(hours=1))
    with bare_app.app_context(), transaction():
        versions.touch({"all"}, NOW + timedelta(hours=1))
    still.shift(timedelta(minutes=25))
    poll(public)
    return public


def test_the_json_counts_polls_and_says_how_soon_a_change_is_seen(polled, admin):
    found = admin.get("/api/v1/feeds/statistics").json
    google, script = found["items"]
    assert google == {
        "feed": "all",
        "calendar": "https://events.example/feeds/all.ics",
        "family": "google",
        "polls": 3,
        "not_modified": 1,
        "first_at": "2027-01-11T17:00:00Z",
        "last_at": "2027-01-11T18:25:00Z",
        "version_served": 2,
        "usual_lag_seconds": 1800,
        "lags": 1,
    }
    assert (script["family"], script["polls"], script["usual_lag_seconds"]) == ("script", 1, None)
    first = admin.get("/api/v1/feeds/statistics?limit=1").json
    assert [one["family"] for one in first["items"]] == ["google"]
    rest = admin.get(first["next"].removeprefix("https://events.example")).json
    assert ([one["family"] for one in rest["items"]], rest["next"]) == (["script"], None)


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "eyJhIjoxfQ", "WyJhIl0"])
def test_a_cursor_that_is_none_of_ours_is_400(admin, cursor):
    assert admin.get(f"/api/v1/feeds/statistics?cursor={cursor}").status_code == 400


def test_strangers_see_none_of_it(public):
    assert public.get("/api/v1/feeds/statistics").status_code == 401
    assert public.get("/calendars/statistics").status_code in (302, 303)


def test_the_page_says_the_same_in_words_and_what_there_is_before_anybody_asked(bare_app, public, still, planner):
    planner.get("/calendars/statistics")
    assert "No program has asked for a calendar yet." in planner.text
    poll(public)
    planner.get("/calendars/statistics")
    assert "Google Calendar" in planner.text
    assert "not known yet" in planner.text
    planner.get("/home")
    assert planner.page.find("a", href="/calendars/statistics") is not None


def test_the_command_prints_a_line_a_family(database_url):
    settings = {"DATABASE_URL": database_url, "SECRET_KEY": "k" * 40}

    def run(*more: str) -> str:
        result = CliRunner().invoke(cli, ["feeds", "statistics", *more], env=settings)
        assert result.exit_code == 0, result.output
        return result.output

    assert run() == "No program has asked for a calendar yet.\n"
    app = create_app(databases.settings(database_url))
    poll(app.test_client())
    assert run().startswith("all  google: 1 polls, 0 not modified, last ")
    assert json.loads(run("--json"))[0]["feed"] == "all"


def test_a_poll_of_what_is_no_feed_counts_nothing(public, bare_app, still):
    with public.get("/feeds/campus/nowhere.ics") as answer:
        assert answer.status_code == 404
    with bare_app.app_context():
        assert db.session.query(FeedPoll).count() == 0
