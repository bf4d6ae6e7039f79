"""Whoever is asked instead of somebody does not go on leave unseen: pages, JSON and the command line say the same."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.interfaces.cli import main
from eventsvc.workflows import keep_accounts
from tests import builders, databases
from tests.interfaces.test_pages_leave import DORA, PELICAN, WHO, at_home, port
from tests.stories.test_hand_over import ANA, BEN, house, program, signed_in

__all__ = ["house", "port"]
pytestmark = pytest.mark.usefixtures("still")
LEAVE = "/api/v1/experts/{}/leave"
REASON = "is needed: this expert is asked instead of Pelican then; name who is asked in turn (2027-03-01 to 2027-03-05)"
THEN = {"from": "2027-03-04", "until": "2027-03-10"}


@pytest.fixture
def covered(port):
    """Heron is asked instead of Pelican in the first days of March; Egret is there, too."""
    with port.app_context(), transaction():
        builders.an_expert("egret", of=lookup.get(Organization, "port"), office=lookup.get(Office, "outreach"))
    days = {"from": "2027-03-01", "until": "2027-03-05", "cover": "heron"}
    assert program(port, DORA).post(LEAVE.format("pelican"), json=days).status_code == 201
    return port


def test_json_refuses_with_whose_cover_it_is_and_when_and_takes_who_is_asked_in_turn(covered):
    hers = program(covered, DORA)
    refused = hers.post(LEAVE.format("heron"), json=THEN)
    assert refused.status_code == 422
    assert refused.json["errors"] == [{"field": "cover", "reason": REASON}]
    assert refused.json["covering"] == [
        {"expert": "pelican", "from": "2027-03-01T08:00:00Z", "until": "2027-03-06T08:00:00Z"}
    ]
    assert hers.get(LEAVE.format("heron")).json["items"] == []
    back = hers.post(LEAVE.format("heron"), json={**THEN, "cover": "pelican"})  # who is away themselves
    assert back.json["errors"][0]["reason"].startswith("is away as well")
    assert hers.post(LEAVE.format("heron"), json={**THEN, "cover": "egret"}).status_code == 201
    last = hers.post(LEAVE.format("egret"), json=THEN)  # the end of the chain
    assert last.json["covering"][0]["expert"] == "heron"


def test_leave_before_and_after_needs_nobody(covered):
    hers = program(covered, DORA)
    for days in ({"from": "2027-02-20", "until": "2027-02-28"}, {"from": "2027-03-06", "until": "2027-03-07"}):
        assert hers.post(LEAVE.format("heron"), json=days).status_code == 201


@pytest.mark.parametrize("path", ["/experts/heron/week", "/absences"])
def test_pages_say_so_beside_the_field(covered, path):
    dora = signed_in(covered, DORA)
    dora.get(path)
    wish = {"leave_from": THEN["from"], "leave_until": THEN["until"]}
    dora.submit("Note leave", values={**wish, **({"expert": "heron"} if path == "/absences" else {})})
    assert dora.status == 422
    assert REASON in dora.page.select_one("#e-leave_cover").get_text()
    dora.submit("Note leave", values={"leave_cover": "egret"})
    assert "Ask Egret instead." in at_home(dora)


# --- the command line ------------------------------------------------------------------------------------------------


class Done(NamedTuple):
    """How a command ended, and all it said."""

    exit_code: int
    output: str


@pytest.fixture
def run(covered, database_url, monkeypatch, capsys):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def running(*words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return Done(ended.value.code or 0, said.out + said.err)

    return running


def test_the_command_for_leave_names_a_cover(run):
    done = run("leave", "add", "heron", "2090-03-01T13:00", "2090-03-01T17:00", "--cover", "egret")
    assert done.exit_code == 0, done.output
    assert "2090-03-01 13:00 to 2090-03-01 17:00 America/Los_Angeles" in done.output
    assert "cover: egret" in run("leave", "list", "heron").output


REFUSED = {
    "nobody": (("heron", "2090-03-01", "2090-03-02", "--cover", "zebra"), "cover"),
    "another house": (("heron", "2090-03-01", "2090-03-02", "--cover", "otter"), "is of another organization"),
    "away as well": (("heron", "2027-03-04", "2027-03-10", "--cover", "pelican"), "is away as well"),
    "asked then": (("heron", "2027-03-04", "2027-03-10"), REASON),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_the_command_for_leave_refuses_in_words(run, case):
    words, reason = REFUSED[case]
    done = run("leave", "add", *words)
    assert done.exit_code == 1
    assert reason in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert run("leave", "list", "heron").output == ""


AWAY_REFUSED = {
    "nobody": (("--cover", "x@x.example"), "is nobody who signs in"),
    "oneself": (("--cover", ANA), "is the same person"),
    "no role there": (("--cover", BEN, "--office", "outreach"), "is no place where they have a role"),
}


@pytest.mark.parametrize("case", list(AWAY_REFUSED))
def test_the_command_for_absences_refuses_in_words(run, case):
    words, reason = AWAY_REFUSED[case]
    done = run("accounts", "away", ANA, "2090-03-01", "2090-03-05", *words)
    assert done.exit_code == 1
    assert reason in done.output
    assert run("accounts", "who-is-away").output == "Nobody.\n"


def test_who_covers_somebody_is_not_noted_as_away_by_command(run):
    assert run("accounts", "away", ANA, "2090-03-01", "2090-03-05", "--cover", BEN).exit_code == 0
    done = run("accounts", "away", BEN, "2090-03-05", "2090-03-06", "--cover", ANA)
    assert done.exit_code == 1
    assert "covers for Ana Example then" in done.output


@pytest.mark.parametrize("command", [("leave", "add"), ("accounts", "away")])
def test_help_shows_an_example_with_a_cover(run, command):
    text = " ".join(run(*command, "--help").output.split())
    assert f"Example: eventsvc {' '.join(command)}" in text
    assert "--cover" in text.partition("Example:")[2].partition("Options:")[0]


# --- hours, and who is told what -------------------------------------------------------------------------------------


def test_pages_take_an_afternoon_as_json_does(covered):
    dora = signed_in(covered, DORA)
    dora.get("/experts/egret/week")
    days = {"leave_from": "2027-03-01", "leave_until": "2027-03-01"}
    dora.submit("Note leave", values={**days, "leave_from_time": "13:00", "leave_until_time": "17:00"})
    (one,) = program(covered, DORA).get(LEAVE.format("egret")).json["items"]
    assert (one["starts_at"], one["ends_at"]) == ("2027-03-01T21:00:00Z", "2027-03-02T01:00:00Z")
    ana = signed_in(covered, ANA)
    ana.get("/absences")
    days = {"from": "2027-01-12", "from_time": "12:00", "until": "2027-01-13", "until_time": "", "cover": BEN}
    ana.submit("Note it", values=days)
    (one,) = program(covered, ANA).get("/api/v1/absences").json["items"]
    assert (one["starts_at"], one["ends_at"]) == ("2027-01-12T20:00:00Z", "2027-01-14T08:00:00Z")


@pytest.mark.parametrize(
    ("path", "wish", "field"),
    [
        ("/api/v1/absences", {"from": "2027-03-01", "until": "2027-03-02"}, "cover"),
        ("/api/v1/hand-overs", {"from": PELICAN}, "to"),
    ],
)
def test_who_sees_no_accounts_gets_one_no_for_known_and_unknown_addresses(covered, path, wish, field):
    """A report reader of the port is a colleague of Pelican's who may carry nothing; Ana is of another house."""
    with covered.app_context(), transaction():
        keep_accounts.add_account("reader@port.example", "Reader", **WHO)
        keep_accounts.give_role("reader@port.example", Role.REPORTS, office="outreach", **WHO)
        keep_accounts.give_role(PELICAN, Role.EXPERT, organization="port", **WHO)
    hers = program(covered, PELICAN)
    answers = []
    for address in ("nobody@port.example", "reader@port.example", ANA):
        refused = hers.post(f"{path}?dry_run=true", json={**wish, field: address})
        assert refused.status_code == 422
        answers.append({name: said for name, said in refused.json.items() if name != "request_id"})
    assert answers[0] == answers[1] == answers[2]
    whose = "account" if field == "cover" else "from"
    others, nobodys = (hers.post(path, json={**wish, field: ANA, whose: who}) for who in (ANA, "x@x.example"))
    assert (others.status_code, others.json["detail"]) == (nobodys.status_code, nobodys.json["detail"])
    assert others.status_code == 404
