"""`eventsvc import events FILE.ics` and `eventsvc import subscribe …` through their door, on a fresh database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.events.models import Event
from eventsvc.interfaces.cli import cli
from tests import builders
from tests.ical.calendars import calendar, entry, timed
from tests.web_server import Page, WebServer, web_server

# The command goes by the real clock: what it imports lies in days that are named.
DAYS = ("--from", "2027-02-01", "--until", "2027-02-28")
TWO = ("20270210T220000Z", "20270210T230000Z")
IN_OFFICE = ("--owner", "career-center", "--campus", "main-campus")


@pytest.fixture
def run(database_url, tmp_path, bare_app) -> Callable[..., Result]:
    """Runs `eventsvc import …`; bytes among the words become a file."""
    with bare_app.app_context():
        with transaction():
            college = builders.an_organization("harbor-college")
            builders.an_office("career-center", of=college)
            builders.a_room("hall", on=builders.a_campus("main-campus", of=college))
        db.session.remove()

    def call(*words: str | bytes, **environment: str) -> Result:
        said = []
        for word in words:
            if isinstance(word, bytes):
                (tmp_path / "a.ics").write_bytes(word)
            said.append(str(tmp_path / "a.ics") if isinstance(word, bytes) else word)
        known = {"SECRET_KEY": "a key for tests", "DATABASE_URL": database_url, **environment}
        result = CliRunner().invoke(cli, ["import", *said], env=known)
        # A refusal is made a sentence by `main`, around every command.
        assert result.exception is None or isinstance(result.exception, SystemExit | Refusal), result.exception
        return result

    return call


@pytest.fixture
def number_of_events(bare_app) -> Callable[[], int]:
    def count() -> int:
        with bare_app.app_context():
            try:
                return db.session.scalar(select(func.count()).select_from(Event)) or 0
            finally:
                db.session.remove()

    return count


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def test_a_calendar_is_imported_and_again_it_changes_nothing(run, number_of_events):
    raw = calendar(timed(*TWO, "SUMMARY:Weekly", "LOCATION:hall", "RRULE:FREQ=WEEKLY;COUNT=2"))
    done = run("events", raw, *IN_OFFICE, *DAYS)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == (
        "2 dates: 2 created, 0 updated, 0 cancelled, 0 unchanged, 0 skipped, 0 refused."
    )
    again = run("events", raw, *IN_OFFICE, *DAYS)
    assert again.stdout.splitlines()[-1].startswith("2 dates: 0 created, 0 updated, 0 cancelled, 2 unchanged")
    assert number_of_events() == 2


def test_the_report_names_each_entry_that_was_refused_or_bent_with_its_line(run):
    raw = calendar(
        entry("DTSTART:nonsense", "SUMMARY:Bad", uid="bad"),
        timed(*TWO, "SUMMARY:One", "URL:mailto:a@college.example", uid="one"),
        ["BEGIN:VTODO", "UID:t", "END:VTODO"],
    )
    done = run("events", raw, *IN_OFFICE, *DAYS)
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if "over" not in line] == [
        "line 18: Line 18: a task is no event.",
        "line 4: refused: Its start on line 7 cannot be read.",
        "line 10 'One' 2027-02-10T22:00:00Z: created: Its URL is no web address and is left out.",
        "2 dates: 1 created, 0 updated, 0 cancelled, 0 unchanged, 0 skipped, 1 refused.",
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(run, number_of_events):
    raw = calendar(timed(*TWO, "SUMMARY:One", "LOCATION:hall"))
    done = run("events", raw, *IN_OFFICE, *DAYS, "--dry-run")
    assert done.stdout.splitlines()[-1].endswith("1 created, 0 updated, 0 cancelled, 0 unchanged, 0 skipped, 0 refused."
                                                 " Dry run: nothing was written.")  # fmt: skip
    assert number_of_events() == 0


def test_the_report_as_json(run):
    done = run("events", calendar(timed(*TWO, "SUMMARY:One")), *IN_OFFICE, *DAYS, "--json")
    facts = json.loads(done.stdout)
    assert facts["counts"]["created"] == 1
    (one,) = facts["entries"]
    assert (one["line"], one["title"], one["starts"], one["outcome"]) == (4, "One", "2027-02-10T22:00:00Z", "created")


@pytest.mark.parametrize(
    ("raw", "options", "words"),
    [
        (b"<html>", (), "line 1: It is not a calendar: nothing in it begins with BEGIN:VCALENDAR."),
        (
            calendar(entry("SUMMARY:No start")),
            (),
            "line 4: Not one of its entries can be read. Line 4: It has no start.",
        ),
        (b"a" * 2_000_000, (), "A calendar may be 1,000,000 bytes long."),
        (calendar(), ("--map", "a=b"), "--map: is for rows, not for calendars"),
        (calendar(), ("--kind", "party"), "kind: 'party' is none of info_session"),
        (calendar(), ("--until", "2027-01-01"), "until: is before the first day"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence_and_nothing_is_written(run, number_of_events, raw, options, words):
    done = run("events", raw, *IN_OFFICE, *DAYS, *options)
    assert done.exit_code == 1
    assert words in done.stderr
    assert number_of_events() == 0


def test_whose_events_they_become_must_be_known(run):
    raw = calendar(timed(*TWO, "SUMMARY:One"))
    assert "--owner: is needed" in run("events", raw, *DAYS).stderr
    assert "There is no office 'nobody'." in run("events", raw, *DAYS, "--owner", "nobody").stderr
    by_campus = run("events", raw, *DAYS, "--campus", "main-campus")
    assert by_campus.exit_code == 0


def test_subscribing_looking_pausing_and_ending(run, server, number_of_events):
    server.pages["/a.ics"] = Page(calendar(timed(*TWO, "SUMMARY:One")))
    open_to = {"FETCH_ALLOW": server.place}
    made = run("subscribe", server.at("/a.ics"), *IN_OFFICE, "--publish", **open_to)
    assert made.exit_code == 0, made.output
    own = made.stdout.split()[0]
    looked = run("refresh", **open_to)
    assert looked.stdout == "1 looked at, 0 failed.\n"
    assert "1 dates:" in looked.stderr or "0 dates:" in looked.stderr
    assert "paused" in run("pause", own).stdout
    assert "paused" not in run("pause", own, "--go-on").stdout
    server.pages.clear()
    failed = run("refresh", "--all", **open_to)
    assert (failed.exit_code, failed.stdout) == (1, "1 looked at, 1 failed.\n")
    assert "failed 1 times, last: It answered with status 404." in run("subscriptions").stdout
    (facts,) = json.loads(run("subscriptions", "--json").stdout)
    assert (facts["id"], facts["failures"], facts["publish"]) == (own, 1, True)
    assert run("unsubscribe", own).stdout == "Ended. Its events stay.\n"
    assert run("subscriptions").stdout == ""
    before = number_of_events()
    assert run("refresh", "--all", **open_to).stdout == "0 looked at, 0 failed.\n"
    assert number_of_events() == before


def test_addresses_of_the_inside_are_refused(run):
    done = run("subscribe", "https://127.0.0.1/a.ics", *IN_OFFICE)
    assert done.exit_code == 1
    assert "not an address in the open internet" in str(done.exception)
