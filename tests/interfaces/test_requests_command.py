"""`eventsvc requests …`, `partner-settings` and `release`: what they say and what they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Organization, OrganizationKind
from eventsvc.domain.invitations import settings
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.requests import employers
from eventsvc.domain.requests.models import Request
from eventsvc.interfaces.cli import main
from eventsvc.workflows import answer_request, grant_rounds
from eventsvc.workflows.answer_request import Choice
from eventsvc.workflows.ask_partner import ask_partner
from tests import builders, databases
from tests.conftest import NOW
from tests.wishes import FIRST, World, a_wish, a_world, days

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


class Result(NamedTuple):
    """How a command ended, and what it said."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def run(bare_app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("requests", "board", "outreach"): the command line, on the same database."""
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def command(*words: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return Result(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        return a_world()


def asked(app: Flask, world: World, *, days_ago: int = 0, **more: object) -> str:
    with app.app_context(), transaction():
        made = ask_partner(a_wish(world, **more), actor=world.of_college, now=NOW - timedelta(days=days_ago))
        return str(made.public_id)


def opened(app: Flask) -> str:
    with app.app_context(), transaction():
        found = grant_rounds.open_round("outreach", "Spring", NOW.date() + timedelta(days=3), **WHO)
        return str(found.public_id)


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [str(state) for state in db.session.scalars(select(Request.state).order_by(Request.id))]


def test_the_board_says_what_waits_the_oldest_first_and_who_could_go(port, bare_app, run):
    assert run("requests", "board", "outreach").stdout == "Nothing waits.\n"
    newer = asked(bare_app, port, title="Newer", topics=("cranes",))
    older = asked(bare_app, port, title="Older", days_ago=12)
    lines = run("requests", "board", "outreach").stdout.splitlines()
    assert lines == [
        f"{older}  Older (a-college), 8 working days, by 2027-01-06, late: expert-one, 2027-02-01T09:00; "
        "expert-two, 2027-02-01T09:00",
        f"{newer}  Newer (a-college), 0 working days, by 2027-01-18: expert-one, 2027-02-01T09:00; "
        "expert-two, 2027-02-01T09:00",
    ]
    told = json.loads(run("requests", "board", "outreach", "--json").stdout)
    assert [one["request"]["id"] for one in told] == [older, newer]


def test_a_board_of_nobody_is_refused_in_a_sentence(port, run):
    refused = run("requests", "board", "none")
    assert refused.exit_code == 1
    assert (refused.stdout, refused.stderr) == ("", "Not found: There is no office 'none'.\n")


def test_a_request_is_shown_with_who_fits(port, bare_app, run):
    key = asked(bare_app, port, windows=(days(0, 4), days(7, 8, (8, 12))))
    assert run("requests", "show", key).stdout.splitlines() == [
        "Careers at the port, a-college asks port: open",
        "  2027-02-01 to 2027-02-05, 09:00-17:00",
        "  2027-02-08 to 2027-02-09, 08:00-12:00",
        "  expert-one, 2027-02-01T09:00",
        "  expert-two, 2027-02-01T09:00",
    ]
    told = json.loads(run("requests", "show", key, "--json").stdout)
    assert (told["request"]["id"], [one["expert"] for one in told["matches"]]) == (key, ["expert-one", "expert-two"])
    assert run("requests", "show", "no-such-id").exit_code == 1


def test_a_round_is_rehearsed_and_granted_once_its_day_is_over(port, bare_app, run, still):
    round_id = opened(bare_app)
    assert run("requests", "rehearse", round_id).stdout == "No request stands in this round.\n"
    for title in ("First", "Second"):
        asked(bare_app, port, title=title, round=round_id, windows=(days(0, 0, (9, 10)),))
    said = [
        "a-college (0.0 for 1,000): First: expert-one, 2027-02-01T09:00",
        "a-college (1.0 for 1,000): Second: nothing could be had",
    ]
    assert run("requests", "rehearse", round_id).stdout.splitlines() == said
    early = run("requests", "grant", round_id)
    assert (early.exit_code, states(bare_app)) == (1, ["open", "open"])
    assert "until the end of" in early.stderr
    still.shift(timedelta(days=5))
    dry = run("requests", "grant", round_id, "--dry-run")
    assert (dry.stdout.splitlines(), states(bare_app)) == (said, ["open", "open"])
    told = json.loads(run("requests", "grant", round_id, "--json").stdout)
    assert (told["round"]["standing"], [bool(one["event"]) for one in told["outcome"]]) == ("granted", [True, False])
    assert told["outcome"][1]["words"] == [
        "1 session of yours within a year",
        "Nobody has said how many students it has: it counts as 1,000",
    ]
    assert states(bare_app) == ["planned", "open"]
    again = run("requests", "grant", round_id)
    assert (again.exit_code, "granted already" in again.stderr) == (1, True)


def test_employers_wait_for_a_college_are_approved_and_declined(bare_app, still, run):
    with bare_app.app_context(), transaction():
        world = a_world(kind=OrganizationKind.EMPLOYER)
    assert run("requests", "employers", "a-college").stdout == "Nobody has asked.\n"
    asked(bare_app, world)
    assert run("requests", "employers", "a-college").stdout == "waiting   port\n"
    assert run("requests", "approve", "a-college", "port").stdout == "Noted.\n"
    assert run("requests", "employers", "a-college").stdout == "approved  port\n"
    run("requests", "approve", "a-college", "port", "--decline", "No address")
    assert run("requests", "employers", "a-college").stdout == "declined  port  No address\n"
    (told,) = json.loads(run("requests", "employers", "a-college", "--json").stdout)
    assert (told["employer"], told["state"], told["reason"]) == ("port", "declined", "No address")
    with bare_app.app_context():
        college, port = (directory.get(Organization, slug) for slug in ("a-college", "port"))
        assert employers.state_of(college, port) == "declined"


def test_settings_of_a_partner_are_shown_and_changed(port, bare_app, run):
    assert "asks_automatically: False" in run("partner-settings", "port").stdout.splitlines()
    said = run("partner-settings", "port", "--automatic", "--answer-by", "3").stdout.splitlines()
    assert {"asks_automatically: True", "answer_by_working_days: 3", "tell_after_working_days: 7"} <= set(said)
    refused = run("partner-settings", "port", "--pass-on-after", "2")
    assert refused.exit_code == 1
    with bare_app.app_context():
        own = settings.of_organization(directory.get(Organization, "port").id)
        assert (own.asks_automatically, own.answer_by_working_days, own.pass_on_after_working_days) == (True, 3, 8)


def test_who_awaits_a_release_is_listed_released_and_refused(port, bare_app, run):
    assert run("release", "list").stdout == "Nobody.\n"
    first, second = (asked(bare_app, port, windows=(days(number, number),)) for number in (0, 1))
    with bare_app.app_context(), transaction():
        builders.an_office("of-partner-too", of=directory.get(Organization, "port"))
        for number, key in enumerate((first, second)):
            at = builders.at(f"{FIRST + timedelta(days=number)}T10:00").starts_local
            choice = Choice(starts_local=at, experts=("expert-one",))
            answer_request.plan_request(key, choice, actor=ADMINISTRATOR, now=NOW)
        for one in db.session.scalars(select(Invitation)):
            one.state, one.released_at = InvitationState.AWAITS_RELEASE, None
    ids = [line.split("\t")[0] for line in run("release", "list").stdout.splitlines()]
    assert len(ids) == 2
    assert run("release", "give", ids[0]).exit_code == 0
    assert run("release", "refuse", ids[1], "--reason", "At sea").exit_code == 0
    assert run("release", "list").stdout == "Nobody.\n"
    assert run("release", "give", ids[0]).exit_code == 1
