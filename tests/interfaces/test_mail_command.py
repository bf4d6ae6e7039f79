"""`eventsvc mail-in` as a mail server runs it, its exit codes; `eventsvc mail check` and `mail fetch`."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import caps
from eventsvc.core.db import db
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.places import Why
from tests import databases
from tests.commands import CHECKOUT, Commands

MAIL = b"From: osprey@port.example\nSubject: Yes\n\nI shall come: secret words.\n"
TO = "events+abcdefghijklmnopqrstuvwxyz@calendar.example"
TAKEN, NO_MAIL, LATER = 0, 65, 75
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(database_url: str, commands: Commands) -> Run:
    """run("mail-in", raw=standard_input, NAME="value"): the command in a process of its own."""

    def running(*arguments: str, raw: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**databases.environment(database_url), **settings}
        return commands.run(*arguments, raw=raw, environment=environment)

    return running


def run_script(script: str, url: str, raw: bytes) -> subprocess.CompletedProcess[bytes]:
    """A program that changes something of ours before it runs the command."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **databases.environment(url)}
    command = [sys.executable, "-c", f"{script}; from eventsvc.interfaces.cli import main; main(['mail-in'])"]
    return subprocess.run(command, input=raw, env=environment, capture_output=True, check=False, timeout=120)


def kept(app: Flask) -> list[ReceivedMail]:
    with app.app_context():
        rows = list(db.session.scalars(select(ReceivedMail).order_by(ReceivedMail.id)))
        db.session.remove()
    return rows


def test_a_mail_server_hands_a_mail_over_and_may_do_so_again(bare_app, run):
    for _ in range(2):
        done = run("mail-in", "--to", f"<{TO}>", raw=MAIL)
        assert (done.returncode, done.stdout, done.stderr) == (TAKEN, b"", b"")
    (mail,) = kept(bare_app)
    assert (mail.raw, mail.door, mail.envelope_to) == (MAIL, "pipe", TO)
    assert mail.state is not MailState.WAITING, "it was read at once"


def test_a_mail_that_is_kept_and_cannot_be_read_is_still_kept(bare_app, database_url):
    script = "from eventsvc.interfaces import mail_command as c; c.read_waiting = lambda *_: 1 / 0"
    done = run_script(script, database_url, MAIL)
    assert done.returncode == TAKEN
    assert b"ZeroDivisionError" in done.stderr
    assert b"secret words" not in done.stderr
    assert [mail.state for mail in kept(bare_app)] == [MailState.WAITING]


REFUSED = {
    "nothing": (b"", [], b"This is no mail: "),
    "words": (b"Hello!\n", [], b"This is no mail: "),
    "too long": (b"A: b\n\n" + b"x" * caps.MAIL.most_bytes, [], b"10,000,000 bytes"),
    "for nobody": (MAIL, ["--to", "nobody"], b"to: must be a mail address"),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_what_no_trying_again_helps_is_refused_for_good(bare_app, run, what):
    raw, more, words = REFUSED[what]
    done = run("mail-in", *more, raw=raw)
    assert (done.returncode, done.stdout) == (NO_MAIL, b"")
    assert words in done.stderr
    assert kept(bare_app) == []


def test_what_is_our_own_fault_is_tried_again_later(run, tmp_path):
    (tmp_path / "no folder").write_text("")
    fault = {
        "no key": {"SECRET_KEY": ""},
        "a setting that cannot be read": {"TICK_SECONDS": "soon"},
        "no database": {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        "a database that is not ready": {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"},
        "no folder for it": {"DATABASE_URL": f"sqlite:///{tmp_path}/no folder/x.sqlite3"},
    }
    done = {what: run("mail-in", raw=MAIL, **settings) for what, settings in fault.items()}
    assert {what: one.returncode for what, one in done.items()} == dict.fromkeys(fault, LATER)
    for one in done.values():
        assert one.stderr.strip()
        assert b"secret words" not in one.stderr
        assert b"Traceback" not in one.stderr


def test_a_busy_database_is_tried_again_later(sqlite_databases, tmp_path):
    url = sqlite_databases.fresh()
    holding = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        holding.execute("BEGIN IMMEDIATE")
        done = run_script("import eventsvc.core.db as db; db.BUSY_TIMEOUT_SECONDS = 0", url, MAIL)
    finally:
        holding.close()
    assert done.returncode == LATER, done.stderr
    assert b"OperationalError" in done.stderr
    sqlite_databases.drop(url)


def test_check_says_what_is_set_and_takes_nothing(bare_app, run, imap_server):
    mailbox = imap_server.user()
    mailbox.put(MAIL.replace(b"\n", b"\r\n"))
    more = {"MAIL_IN_ADDRESS": "events@calendar.example", "MAIL_AUTHSERV_ID": "mx.calendar.example"}
    done = run("mail", "check", MAIL_IN_URL=mailbox.url(), MAIL_IN_SECRET="a secret of the relay", **more)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines() == [
        "Answers go to: events@calendar.example",
        "Senders are verified by: mx.calendar.example",
        "A relay may bring mail: http://127.0.0.1:8000/inbound/mail",
        "The mailbox can be read (imap); 1 mail waiting in it.",
    ]
    assert (mailbox.flags(), kept(bare_app)) == ([""], [])


def test_check_says_what_is_missing(run):
    done = run("mail", "check")
    assert done.returncode == 0
    assert b"MAIL_IN_ADDRESS is not set" in done.stdout
    assert b"MAIL_AUTHSERV_ID is not set" in done.stdout
    assert b"only `eventsvc mail-in` takes mail" in done.stdout


def test_check_fails_where_the_mailbox_cannot_be_read(run, imap_server, tmp_path):
    wrong = imap_server.user().url().replace("hunter2", "hunter3")
    for url, why in ((wrong, Why.LOGIN), (f"maildir://{tmp_path}/none", Why.FOLDER)):
        done = run("mail", "check", MAIL_IN_URL=url)
        assert (done.returncode, done.stderr.decode()) == (1, f"Error: The mailbox cannot be read: {why}.\n")


@pytest.mark.parametrize("url", ["imaps://events:hunter2@mail.example:many", "pop3://events:hunter2@mail.example"])
def test_an_address_that_cannot_be_read_starts_nothing_and_shows_no_password(run, url):
    done = run("mail", "check", MAIL_IN_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: MAIL_IN_URL ")
    assert b"hunter2" not in done.stderr


def test_fetch_takes_in_what_waits(bare_app, run, tmp_path: Path):
    for name in ("tmp", "new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1000.a.host").write_bytes(MAIL)
    (tmp_path / "box" / "new" / "1001.b.host").write_bytes(b"no mail")
    done = run("mail", "fetch", MAIL_IN_URL=f"maildir://{tmp_path}/box")
    assert (done.returncode, done.stdout) == (0, b"1 taken in, 1 left there with a flag.\n")
    (mail,) = kept(bare_app)
    assert (mail.raw, mail.state) == (MAIL, MailState.REVIEW), "it is read at once"
    assert run("mail", "fetch").returncode == 1


def test_without_its_package_imap_is_refused_in_a_sentence_and_nothing_else_is(tmp_path, sqlite_databases):
    url = sqlite_databases.fresh()
    script = "import sys; sys.modules['imap_tools'] = None; "
    script += "from eventsvc.interfaces.cli import main; main(sys.argv[1:])"

    def run(**settings: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **databases.environment(url), **settings}
        command = [sys.executable, "-c", script, "mail", "check"]
        return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120)

    refused = run(MAIL_IN_URL="imaps://a:b@mail.example")
    assert refused.returncode == 1
    assert b"pip install 'eventsvc[imap]'" in refused.stderr
    assert run().returncode == 0
    sqlite_databases.drop(url)
