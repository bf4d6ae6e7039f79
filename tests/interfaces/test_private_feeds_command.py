"""`eventsvc feeds private`: make, list, turn, end."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask

from eventsvc.interfaces.cli import cli
from tests.interfaces import pages


@pytest.fixture
def run(bare_app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch):
    """A command as it is typed: its exit code, and what it says."""
    pages.make(bare_app)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", bare_app.config["SECRET_KEY"])
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")

    def typed(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["feeds", "private", *words])
        return done.exit_code, done.stdout

    return typed


def test_an_address_is_made_listed_turned_and_ended(run, public):
    room = ("rooms", "creveling-lounge")
    assert run("list", *room)[1].startswith("None.")
    code, address = run("make", *room, "--for", "the screen", "--shows", "busy")
    assert code == 0
    path = address.strip().removeprefix("http://127.0.0.1:8000")
    assert public.get(path).status_code == 200
    (line,) = run("list", *room)[1].splitlines()
    number, shows, made_for, _, shown = line.split("\t")
    assert (shows, made_for, shown) == ("busy", "the screen", address.strip())
    new = run("turn", number)[1].strip().removeprefix("http://127.0.0.1:8000")
    assert [public.get(one).status_code for one in (path, new)] == [404, 200]
    assert run("end", number)[0] == 0
    assert public.get(new).status_code == 404


@pytest.mark.parametrize(
    "words",
    [
        ("make", "rooms", "no-such-room", "--for", "x"),
        ("make", "rooms", "creveling-lounge", "--for", " "),
        ("make", "campuses", "creveling-lounge", "--for", "x"),
        ("turn", "no-id"),
        ("end", "00000000-0000-4000-8000-000000000000"),
        ("list", "offices", "nobody"),
    ],
)
def test_what_cannot_be_is_said_without_a_traceback(run, words):
    code, said = run(*words)
    assert code != 0
    assert "Traceback" not in said
