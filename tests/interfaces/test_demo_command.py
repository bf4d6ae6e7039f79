"""`eventsvc demo` as a newcomer starts it: a process, its folder, its port, its addresses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from eventsvc.interfaces.cli import cli
from eventsvc.interfaces.demo import command
from eventsvc.interfaces.demo.folder import DATABASE, KEY, MARKER, DemoFolder, NotOurs
from tests.live_demo import CHECKOUT, started


def fetch(address: str, **headers: str) -> str:
    with urlopen(Request(address, headers=headers), timeout=30) as response:
        assert response.status == 200
        return response.read().decode()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_a_sentence_however_it_is_told_to(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(command, "serve", lambda app, listener: signal.raise_signal(ending))
    monkeypatch.setattr(command, "fill", lambda app: None)
    before = signal.getsignal(ending)
    answer = CliRunner().invoke(cli, ["demo", "--port", "0", "--data", str(tmp_path / "demo")])
    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (0, "The demo has ended.")
    assert signal.getsignal(ending) is before


def test_a_newcomer_starts_it_and_finds_what_it_names(tmp_path):
    with started("--port", "0", cwd=tmp_path) as demo:
        demo.read_until("Try first")
        demo.read_until("next due letter.")
        start = demo.address("Start here")
        assert start.endswith("/demo")
        assert "Choose who you are" in fetch(start, Accept="text/html")
        assert "Demo clock" in fetch(demo.address("Events"), Accept="text/html")
        assert fetch(demo.address("Calendar feed")).count("BEGIN:VEVENT") >= 40
        assert "Will you come?" in fetch(demo.address("Inbox"), Accept="text/html")
        token = demo.address("Admin token")
        offices = fetch(start.replace("/demo", "/api/v1/offices"), Authorization=f"Bearer {token}")
        assert "port-outreach" in {office["slug"] for office in json.loads(offices)["items"]}
        assert sorted(path.name for path in (tmp_path / "eventsvc-demo").iterdir() if "-" not in path.suffix) == sorted(
            [KEY, DATABASE, MARKER]
        )
        assert "Traceback" not in demo.said
        second = subprocess.run(
            [sys.executable, "-m", "eventsvc.interfaces.cli", "demo", "--port", "0"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert second.returncode == 1
        assert "A demo is running in eventsvc-demo already." in second.stderr
        assert "Traceback" not in second.stderr
        assert "Choose who you are" in fetch(start, Accept="text/html")
        demo.end()


# --- the folder ---------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path):
    precious = tmp_path / "thesis.txt"
    precious.write_text("forty pages")
    answer = CliRunner().invoke(cli, ["demo", "--port", "0", "--data", str(tmp_path)])
    assert isinstance(answer.exception, NotOurs)
    assert "holds files that are not a demo's" in answer.exception.detail
    assert sorted(tmp_path.iterdir()) == [precious]
    assert precious.read_text() == "forty pages"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotOurs):
        DemoFolder(tmp_path / "file").take()


def test_taking_a_folder_again_removes_the_database_and_keeps_the_key(tmp_path):
    first = DemoFolder(tmp_path / "new" / "demo")
    first.take()
    key = first.secret_key()
    (first.path / DATABASE).write_text("old")
    (first.path / f"{DATABASE}-wal").write_text("old")
    (first.path / "notes.txt").write_text("mine")
    first.close()
    again = DemoFolder(first.path)
    again.take()
    assert again.secret_key() == key
    assert len(key) >= 32
    again.close()
    assert sorted(path.name for path in again.path.iterdir()) == sorted([MARKER, KEY, "notes.txt"])


def test_a_folder_in_use_is_refused_until_it_is_closed(tmp_path):
    first, second = DemoFolder(tmp_path), DemoFolder(tmp_path)
    first.take()
    with pytest.raises(NotOurs):
        second.take()
    first.close()
    second.take()
    second.close()


# --- the port -----------------------------------------------------------------------------------------------------


def test_a_taken_port_gives_the_next_free_one():
    with closing(command.listen(0)) as first:
        port = first.getsockname()[1]
        with closing(command.listen(port)) as second:
            assert port < second.getsockname()[1] < port + command.PORTS_TRIED


def test_ports_that_cannot_be_had_are_said_in_a_sentence():
    with pytest.raises(command.NoPort, match="Name another with --port"):
        command.listen(70_000)


def test_it_listens_on_this_computer_only():
    with closing(command.listen(0)) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.family is socket.AF_INET


# --- the settings -------------------------------------------------------------------------------------------------


def test_the_demo_keeps_its_own_database_and_key_and_makes_a_token(tmp_path):
    folder = DemoFolder(tmp_path)
    environment = {
        "DATABASE_URL": "postgresql://somewhere/production",
        "SECRET_KEY": "of production",
        "SECRET_KEY_FALLBACKS": "an older one",
    }
    made = command.settings(folder, 8123, environment)
    assert made["DATABASE_URL"] == f"sqlite:///{tmp_path.resolve() / DATABASE}"
    assert made["SECRET_KEY"] == folder.secret_key() != "of production"
    assert made["SECRET_KEY_FALLBACKS"] == ()
    assert made["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert len(made["EVENTSVC_ADMIN_TOKEN"]) >= 32
    assert made["DEMO"] is True
    assert made["EVENTSVC_ADMIN_TOKEN"] != command.settings(folder, 8123, environment)["EVENTSVC_ADMIN_TOKEN"]


def test_what_the_environment_says_about_mail_token_and_address_counts(tmp_path):
    environment = {
        "EVENTSVC_ADMIN_TOKEN": "my own",
        "SMTP_URL": "smtp://127.0.0.1:1025",
        "PUBLIC_URL": "https://demo.example",
        "TICK_SECONDS": "9",
    }
    made = command.settings(DemoFolder(tmp_path), 8123, environment)
    assert {name: made[name] for name in ("EVENTSVC_ADMIN_TOKEN", "SMTP_URL", "PUBLIC_URL")} == {
        "EVENTSVC_ADMIN_TOKEN": "my own",
        "SMTP_URL": "smtp://127.0.0.1:1025",
        "PUBLIC_URL": "https://demo.example",
    }
    assert made["TICK_SECONDS"] == 9


def test_a_setting_that_cannot_be_read_is_said_in_a_sentence(tmp_path):
    answer = CliRunner().invoke(cli, ["demo", "--port", "0", "--data", str(tmp_path)], env={"TICK_SECONDS": "soon"})
    assert answer.exit_code == 1
    assert "TICK_SECONDS='soon' cannot be read" in answer.output
