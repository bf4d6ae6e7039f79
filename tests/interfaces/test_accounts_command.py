"""`eventsvc accounts` and `eventsvc tokens`: people and programs are let in, and let go."""

from __future__ import annotations

from typing import Any

import pytest

from eventsvc.core.db import db, transaction
from eventsvc.interfaces.cli import main
from tests import builders, crooked_provider, databases
from tests.providers_toml import a_provider, written


@pytest.fixture
def run(app: Any, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line on a database with one office; exit code, standard output and error."""
    with transaction():
        builders.an_office("career-center")
    db.session.remove()
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def running(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return running


LEE = "lee@example.edu"
PLACE = ("--office", "career-center")


def test_somebody_is_let_in_given_roles_and_let_go(run):
    assert "Nobody yet" in run("accounts", "list")[1]
    assert run("accounts", "add", LEE, "--name", "Lee Example", "--role", "coordinator", *PLACE)[0] == 0
    assert run("accounts", "give", LEE, "partner", *PLACE, "--may-override")[0] == 0
    assert run("accounts", "list")[1] == (
        f"{LEE}\tLee Example\tcoordinator at career-center, partner at career-center (may override)\n"
    )
    assert run("accounts", "take", LEE, "partner", *PLACE)[0] == 0
    assert run("accounts", "list")[1] == f"{LEE}\tLee Example\tcoordinator at career-center\n"
    assert run("accounts", "end", LEE)[0] == 0
    assert "Nobody yet" in run("accounts", "list")[1]


def test_a_program_gets_a_token_once_and_loses_it(run):
    run("accounts", "add", LEE, "--name", "Lee Example")
    code, secret, _ = run("tokens", "make", LEE, "--name", "web site", "--scope", "read", "--days", "30")
    assert (code, secret[:4]) == (0, "evt_")
    listed = run("tokens", "list", LEE)[1]
    assert "web site\tread" in listed
    assert secret.strip() not in listed
    assert run("tokens", "end", LEE, listed.split("\t")[0])[0] == 0
    assert "None. Make one" in run("tokens", "list", LEE)[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("accounts", "add", LEE.upper(), "--name", "Again"), "signs in with this address already"),
        (("accounts", "give", LEE, "coordinator"), "name the office or the organization"),
        (("accounts", "give", LEE, "administrator", *PLACE), "counts everywhere"),
        (("accounts", "give", LEE, "coordinator", "--office", "nowhere"), "nowhere"),
        (("accounts", "take", LEE, "partner", *PLACE), "do not have that role"),
        (("accounts", "end", "nobody@example.edu"), "Nobody signs in with this address"),
        (("tokens", "make", LEE, "--name", "x", "--scope", "read", "--days", "999"), "within a year"),
        (("tokens", "end", LEE, "none"), "There is no such token"),
    ],
)
def test_a_no_is_a_sentence_and_exit_code_1(run, words, reason):
    run("accounts", "add", LEE, "--name", "Lee Example")
    code, _, said = run(*words)
    assert code == 1
    assert reason in said
    assert "Traceback" not in said


def test_an_administrator_gets_a_password_typed_twice_and_never_as_an_argument(run, monkeypatch):
    typed = iter(
        ["four lamps over the quiet harbour"] * 2 + ["too short"] * 2 + ["four lamps over the quiet harbour"] * 2
    )
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: next(typed))
    run("accounts", "add", LEE, "--name", "Lee Example", "--role", "administrator")
    assert "Passwords are switched off" in run("accounts", "password", LEE)[2]
    monkeypatch.setenv("LOCAL_PASSWORD", "on")
    assert run("accounts", "password", LEE)[:2] == (
        0,
        f"{LEE} may sign in by that password, as long as LOCAL_PASSWORD=on.\n",
    )
    code, _, said = run("accounts", "password", LEE)
    assert (code, "must have 15 to 256 characters" in said) == (1, True)
    run("accounts", "add", "bo@example.edu", "--name", "Bo Example", "--role", "coordinator", *PLACE)
    assert "Passwords are for administrators alone" in run("accounts", "password", "bo@example.edu")[2]
    assert run("accounts", "password", LEE, "--remove")[0] == 0
    assert "They have no password." in run("accounts", "password", LEE, "--remove")[2]
    assert run("accounts", "password", LEE, "four lamps over the quiet harbour")[0] == 2
    monkeypatch.setenv("LOCAL_PASSWORD", "perhaps")
    assert "LOCAL_PASSWORD='perhaps' cannot be read" in run("accounts", "list")[2]


def test_providers_are_listed_with_what_they_must_be_told(run, monkeypatch, tmp_path):
    assert "docs/sign-in.md" in run("accounts", "providers")[1]
    monkeypatch.setenv("TEST_OIDC_SECRET", crooked_provider.SECRET)
    monkeypatch.setenv("FETCH_ALLOW", "127.0.0.1")
    with crooked_provider.crooked_provider() as provider:
        monkeypatch.setenv("OIDC_PROVIDERS", written(tmp_path, a_provider(provider.issuer)))
        line = run("accounts", "providers")[1]
        provider.is_away = True
        away = run("accounts", "providers")[1]
    assert line.split("\t")[0] == "pcc"
    assert "\tanswers\tredirect URI: http://127.0.0.1:8000/sign-in/with/pcc/back\n" in line
    assert "It does not answer" in away
    run("accounts", "add", LEE, "--name", "Lee Example")
    assert run("accounts", "unlink", LEE)[1] == f"{LEE} was known at 0 provider(s), and is at none now.\n"
