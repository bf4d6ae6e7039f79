"""Keeping the outbox: what failed goes again as it was, what nobody wants is dropped, and how delivery stands."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotAllowed, SignInNeeded
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import pause, post
from eventsvc.domain.outbox.deliver import deliver_due
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.domain.outbox.post import Wanted
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import keep_outbox
from tests import databases
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.links import links_of
from tests.post_office import open_post_office

LATER = NOW + timedelta(hours=1)


def owe(*keys: str) -> None:
    with transaction():
        for key in keys:
            address = f"{key}@port.example"
            post.post("confirmed", key=key, to_address=address, facts=LETTERS["confirmed"], now=NOW)


def states() -> dict[str, str]:
    db.session.rollback()
    return {one.key: str(one.state) for one in db.session.scalars(select(Message))}


def test_what_failed_goes_again_with_the_same_bytes(app):
    with open_post_office() as office:

        def deliver(now):
            deliver_due(SmtpTransport(office.url), links_of(), "a <events@events.example>", lambda: now, name_addresses)

        owe("gone", "there")
        office.refusals["gone@port.example"] = "550 no such user"
        deliver(NOW)
        assert states() == {"gone": "failed", "there": "sent"}
        public_id = str(db.session.scalar(select(Message.public_id).where(Message.key == "gone")))
        office.refusals.clear()
        with transaction():
            found = keep_outbox.retry(Wanted(state=MessageState.FAILED), actor=ADMINISTRATOR, now=LATER)
            assert [one.key for one in found] == ["gone"]
        assert db.session.scalar(select(Message.attempts).where(Message.key == "gone")) == 1, (
            "its words stay as they are"
        )
        deliver(LATER)
        assert states() == {"gone": "sent", "there": "sent"}
        assert f"<{public_id}@".encode() in office.raw[-1]


def test_what_waits_is_dropped_and_what_was_sent_is_not(app):
    owe("one", "two", "sent", "leased")
    with transaction():
        for key, state in (("sent", MessageState.SENT), ("leased", MessageState.LEASED)):
            db.session.scalars(select(Message).where(Message.key == key)).one().state = state
    with transaction():
        found = keep_outbox.drop(Wanted(to="port.example"), actor=ADMINISTRATOR, now=NOW)
        assert [one.key for one in found] == ["one", "two"]
    assert states() == {"one": "dropped", "two": "dropped", "sent": "sent", "leased": "leased"}


@pytest.mark.parametrize("act", [keep_outbox.retry, keep_outbox.drop])
def test_only_who_runs_the_service_may(app, act):
    owe("one")
    with pytest.raises((SignInNeeded, NotAllowed)), transaction():
        act(Wanted(), actor=PUBLIC, now=NOW)
    assert states() == {"one": "queued"}


def test_the_health_of_the_scheduler_fails_with_the_age_of_what_is_due_but_not_while_it_is_paused(bare_app, public):
    def seen(now):
        with time_machine.travel(now, tick=False):
            answer = public.get("/healthz/scheduler")
            return answer.status_code, answer.json

    assert seen(NOW) == (200, {"status": "on time", "oldest_due_seconds": 0})
    with bare_app.app_context():
        owe("one")
    assert seen(NOW + timedelta(seconds=600)) == (200, {"status": "on time", "oldest_due_seconds": 600})
    assert seen(NOW + timedelta(seconds=601)) == (503, {"status": "late", "oldest_due_seconds": 601})
    with bare_app.app_context(), transaction():
        pause.begin(PauseReason.BY_HAND, by="administrator", now=NOW)
    assert seen(NOW + timedelta(seconds=601)) == (200, {"status": "paused", "oldest_due_seconds": 601})


def test_the_command_lists_says_how_it_stands_tries_again_and_drops(app, database_url):
    owe("one", "two")
    with transaction():
        row = db.session.scalars(select(Message).where(Message.key == "two")).one()
        row.state, row.error = MessageState.SET_ASIDE, "KeyError in remind.py, line 3"
        public_id = str(row.public_id)

    def run(*arguments: str, code: int = 0) -> str:
        answer = CliRunner().invoke(cli, ["outbox", *arguments], env=databases.environment(database_url))
        assert answer.exit_code == code, answer.output
        return answer.output

    listed = json.loads(run("list", "--state", "set_aside", "--json"))
    assert [(one["id"], one["state"], one["error"]) for one in listed] == [
        (public_id, "set_aside", "KeyError in remind.py, line 3")
    ]
    assert {name: number for name, number in json.loads(run("state", "--json"))["counts"].items() if number} == {
        "queued": 1,
        "set_aside": 1,
    }
    assert "1 letters would be tried again." in run("retry", public_id, "--dry-run")
    assert states()["two"] == "set_aside"
    for act in ("retry", "drop"):  # one that is not there, or has its end, and nothing is done
        assert "Nothing was done." in run(act, public_id, "nonsense", code=1)
    assert states() == {"one": "queued", "two": "set_aside"}
    assert "1 letters are tried again." in run("retry", public_id)
    assert states()["two"] == "queued"
    said = run("drop", "--to", "one@")
    assert "confirmed to one@port.example" in said
    assert states() == {"one": "dropped", "two": "queued"}
    assert "Say which" in run("drop", code=2)
