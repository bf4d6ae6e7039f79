"""The command line: every command explains itself, and what is missing is said in a sentence."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from eventsvc.interfaces.cli import cli

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
        else:
            found.append((*path, name))
    return found


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in an empty environment with a database of its own."""
    monkeypatch.chdir(tmp_path)
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/new/eventsvc.sqlite3", "SECRET_KEY": "a key"}

    def runner(*arguments, **changes):
        return CliRunner().invoke(cli, arguments, env={**environment, **changes})

    return runner


@pytest.mark.parametrize("path", commands(cli), ids=" ".join)
def test_every_command_has_help_with_an_example(path, run):
    answer = run(*path, "--help")
    assert answer.exit_code == 0
    assert "Example" in answer.output


@pytest.mark.parametrize("command", ["serve", "scheduler"])
def test_nothing_starts_without_a_secret_key(command, run):
    answer = run(command, SECRET_KEY="")
    assert answer.exit_code == 1
    assert "SECRET_KEY is not set" in answer.output


@pytest.mark.parametrize("command", ["serve", "scheduler"])
def test_nothing_starts_on_a_database_that_is_not_at_head(command, run):
    answer = run(command)
    assert answer.exit_code == 1
    assert "Run: eventsvc db upgrade" in answer.output


def test_an_unreachable_database_is_said_in_a_sentence(run):
    answer = run("serve", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert answer.exit_code == 1
    assert "The database cannot be reached" in answer.output


@pytest.mark.parametrize("command", [("db", "upgrade"), ("doctor",)], ids=" ".join)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////dev", "cannot be reached (OperationalError: unable to open database file)"),
        ("sqlite:////dev/null/new/eventsvc.sqlite3", "folder /dev/null/new cannot be made: Not a directory"),
        ("a word", "DATABASE_URL cannot be used"),
        ("oracle+nothing://hunter2@127.0.0.1/x", "DATABASE_URL cannot be used"),
        ("postgresql://u:hunter2@127.0.0.1:1/nothing", "cannot be reached (OperationalError: "),
    ],
)
def test_a_database_that_is_none_is_said_in_a_sentence(run, command, url, said):
    answer = run(*command, DATABASE_URL=url)
    assert (answer.exit_code, answer.exception.__class__) == (1, SystemExit)
    assert said in answer.output
    assert "hunter2" not in answer.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "70000"),
        ("serve", "--workers", "0"),
        ("scheduler", "--metrics-port", "-1"),
        ("outbox", "list", "--limit", "0"),
        ("outbox", "list", "--limit", "99999999999999999999"),
        ("outbox", "list", "--older-than", "-1"),
        ("outbox", "drop", "--older-than", "1e12"),
    ],
    ids=" ".join,
)
def test_a_number_out_of_range_is_a_wrong_use(run, arguments):
    answer = run(*arguments)
    assert (answer.exit_code, "is not in the range" in answer.output) == (2, True)


def test_where_requests_are_counted_gunicorn_takes_the_folder_away_at_the_end(run, monkeypatch, tmp_path):
    started = []
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("os.execv", lambda program, words: started.append((words, os.environ.get(FOLDER))))
    monkeypatch.setattr("os.chdir", lambda folder: None)
    monkeypatch.setenv(FOLDER, "of no start")  # undone at the end, also what serve sets
    run("db", "upgrade")
    for token in ("", "watch-" + "x9y8z7w6v5u4t3s2r1q0" * 2):
        run("serve", METRICS_TOKEN=token)
    (plain, _), (counting, folder) = started
    assert [one for one in counting if one not in plain] == ["--config", "python:eventsvc.interfaces.gunicorn_settings"]
    assert list(tmp_path.glob("eventsvc-metrics-*")) == [Path(folder)]


def test_a_public_url_without_a_scheme_is_refused(run):
    assert "PUBLIC_URL='events.example'" in run("serve", PUBLIC_URL="events.example").output


def test_a_taken_port_is_said_in_a_sentence(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "gunicorn", None)
    run("db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = run("serve", "--port", str(taken.getsockname()[1]))
    assert answer.exit_code == 1
    assert "cannot be had" in answer.output
    assert "Traceback" not in answer.output


def test_a_setting_that_cannot_be_read_is_named(run):
    answer = run("serve", TICK_SECONDS="often")
    assert answer.exit_code == 1
    assert "TICK_SECONDS='often'" in answer.output


def test_upgrade_makes_the_folder_and_the_schema_and_can_be_repeated(run, tmp_path):
    for _ in range(2):
        answer = run("db", "upgrade")
        assert answer.exit_code == 0
        assert answer.output.startswith("The database is at head: sqlite:///")
    assert (tmp_path / "new" / "eventsvc.sqlite3").exists()


def test_a_list_of_webhooks_without_any_says_whose_were_looked_for(run):
    run("db", "upgrade")
    answer = run("webhooks", "list")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert "those of one office: --office SLUG" in answer.stderr


def test_a_database_with_a_word_in_its_secret_is_not_repeated_in_errors(run):
    answer = run("serve", DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/nothing")
    assert "hunter2" not in answer.output
