"""The pause of delivery at its doors: what would leave is seen, dropped one by one or by its time, and then let go."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.outbox import pause, post
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.domain.reminders.models import Reminder
from eventsvc.interfaces.cli import cli
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.interfaces.browser import Browser

BACKUP_TAKEN, RESTORED = NOW - timedelta(hours=5), NOW - timedelta(hours=1)
DUE = {"old": NOW - timedelta(hours=4), "late": NOW - timedelta(hours=2), "new": NOW - timedelta(minutes=5)}


@pytest.fixture
def restored(bare_app: Flask, database_url: str, still) -> SimpleNamespace:
    """A database that was restored an hour ago: two letters of before, one of since, and a reminder that is due."""
    with bare_app.app_context():
        with transaction():
            plan = builders.a_plan(builders.a_campus(), experts=[builders.an_expert()])
            event = plan_event(plan, actor=ADMINISTRATOR, now=NOW - timedelta(days=1))
            confirm_as_host(str(event.public_id), actor=ADMINISTRATOR, now=NOW - timedelta(days=1))
            for message in db.session.scalars(select(Message)):
                post.drop([message])
            for key, due_at in DUE.items():
                post.post(
                    "confirmed", key=key, to_address=f"{key}@port.example", facts=LETTERS["confirmed"], now=due_at
                )
            reminder = db.session.scalars(select(Reminder).order_by(Reminder.due_at)).first()
            assert reminder is not None
            reminder.due_at = NOW - timedelta(hours=3)
            pause.begin(PauseReason.RESTORED, by="restore", now=RESTORED, taken_at=BACKUP_TAKEN)
        ids = {key: str(db.session.scalar(select(Message.public_id).where(Message.key == key))) for key in DUE}
        db.session.remove()
    return SimpleNamespace(app=bare_app, ids=ids, url=database_url)


@pytest.fixture
def reader(restored: SimpleNamespace) -> Browser:
    browser = Browser(restored.app)
    browser.sign_in()
    return browser


def run(restored: SimpleNamespace, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["outbox", *arguments], env=databases.environment(restored.url))


def shown(restored: SimpleNamespace) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(run(restored, "resume", "--json").stdout)
    return facts


def owed(restored: SimpleNamespace) -> list[str]:
    return [one["to"].partition("@")[0] for one in shown(restored)["letters"]]


def verbs(restored: SimpleNamespace) -> list[tuple[str, str]]:
    with restored.app.app_context():
        query = select(AuditEntry.actor, AuditEntry.verb).where(AuditEntry.subject_kind == "delivery")
        found = [tuple(row) for row in db.session.execute(query.order_by(AuditEntry.id))]
        db.session.remove()
    return found


def test_the_command_lists_what_would_leave_and_what_may_have_left_already(restored):
    facts = shown(restored)
    assert [(one["to"], one["may_have_left"]) for one in facts["letters"]] == [
        ("old@port.example", True),
        ("late@port.example", True),
        ("new@port.example", False),
    ]
    assert [one["may_have_left"] for one in facts["reminders"]] == [True]
    assert facts["pause"]["reason"] == "restored"
    told = run(restored, "resume", "--show").output
    assert "from a backup taken 2027-01-11T12:00:00Z" in told
    assert told.count("(may have left already)") == 3
    assert verbs(restored) == []


def test_letters_are_dropped_one_by_one_and_by_their_time_and_the_rest_leaves(restored):
    assert "1 letters, 0 reminders" in run(restored, "resume", "--drop", restored.ids["late"]).output
    assert owed(restored) == ["old", "new"]
    before = (NOW - timedelta(hours=2, minutes=30)).isoformat()
    assert "1 letters, 1 reminders" in run(restored, "resume", "--drop-before", before).output
    assert owed(restored) == ["new"]
    assert shown(restored)["reminders"] == []
    assert "Letters leave again" in run(restored, "resume").output
    assert shown(restored)["pause"] is None
    assert verbs(restored) == [("administrator", "drop"), ("administrator", "drop"), ("administrator", "resume")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--drop", "no-such-letter"), "There is no such letter"),
        (("--drop-before", "2099-01-01T00:00Z"), "lies ahead"),
        (("--drop-before", "2027-01-11"), "no instant with an offset"),
        (("--drop-before", "yesterday"), "no instant with an offset"),
    ],
    ids=["unknown letter", "an instant ahead", "no offset", "no instant"],
)
def test_what_cannot_be_dropped_is_said_and_nothing_is_changed(restored, arguments, says):
    answer = run(restored, "resume", *arguments)
    assert answer.exit_code != 0
    assert says in answer.output + str(answer.exception) + str(getattr(answer.exception, "errors", ""))
    assert owed(restored) == ["old", "late", "new"]
    assert shown(restored)["pause"] is not None


def test_nothing_is_dropped_or_resumed_while_nothing_is_paused(restored):
    run(restored, "resume")
    for arguments in (("--drop", restored.ids["new"]), ()):
        assert "Delivery is not paused" in str(run(restored, "resume", *arguments).exception)
    assert owed(restored) == ["old", "late", "new"]


def test_delivery_is_paused_and_resumed_by_hand(restored):
    run(restored, "resume")
    for _ in range(2):
        assert "Delivery is paused" in run(restored, "pause").output
    assert shown(restored)["pause"]["reason"] == "by_hand"
    assert [one["may_have_left"] for one in shown(restored)["letters"]] == [False] * 3
    assert verbs(restored)[1:] == [("administrator", "pause")]


def test_the_page_shows_what_would_leave_drops_what_is_ticked_and_lets_the_rest_go(restored, reader):
    page = reader.get("/")
    assert "Delivery is paused" in page.select_one(".paused").get_text()
    reader.get("/outbox/paused")
    assert len(reader.page.select(".letter-line")) == 3
    reader.submit("Do not send the chosen ones", values={"letter": [restored.ids["old"], restored.ids["late"]]})
    assert "Owed no longer: 2 letters, 0 reminders." in reader.page.get_text()
    reader.submit("Do not send these letters and reminders", values={"before": "2027-01-11T16:00"})
    assert "Owed no longer: 0 letters, 1 reminder." in reader.page.get_text()
    reader.submit("Resume delivery")
    assert "Letters leave again." in reader.page.get_text()
    assert reader.get("/").select_one(".paused") is None
    reader.get("/outbox/paused")
    reader.submit("Pause delivery")
    assert "Delivery is paused" in reader.page.select_one("h1").get_text()


@pytest.mark.parametrize("typed", ["", "soon", "2027-01-11T17:01", "0000-00-00T00:00"])
def test_a_time_that_cannot_be_meant_is_said_beside_its_field(restored, reader, typed):
    reader.get("/outbox/paused")
    reader.submit("Do not send these letters and reminders", values={"before": typed})
    assert reader.response.status_code == 422
    assert "have passed" in reader.page.select_one("#before-error").get_text()
    assert owed(restored) == ["old", "late", "new"]


def test_a_form_that_no_page_shows_is_refused(restored, reader):
    reader.get("/outbox/paused")
    reader.post("/outbox/paused", {"act": "burn"})
    assert reader.response.status_code == 400


def test_the_public_sees_nothing_of_it(restored):
    visitor = restored.app.test_client()
    assert b"paused" not in visitor.get("/").data
    assert visitor.get("/outbox/paused").status_code == 303
