"""The outbox at its doors: how delivery stands, trying again, dropping, pausing; on its page and over JSON."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders.tries import Try, WorkKind
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery, WebhookTarget
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.interfaces.browser import Browser

OUTBOX = "/api/v1/outbox"
STATES = {
    "waits": (MessageState.QUEUED, ""),
    "put-off": (MessageState.QUEUED, "451 come back later"),
    "gone": (MessageState.FAILED, "550 no such user"),
    "poison": (MessageState.SET_ASIDE, "KeyError in letters.py, line 3"),
    "poison-too": (MessageState.SET_ASIDE, "KeyError in letters.py, line 3"),
    "sent": (MessageState.SENT, ""),
    "leased": (MessageState.LEASED, ""),
}


@pytest.fixture
def stuck(bare_app: Flask, still: Any) -> SimpleNamespace:
    """A letter in every state, a reminder's event and an invitation set aside, and a webhook's delivery."""
    with bare_app.app_context():
        with transaction():
            plan = builders.a_plan(builders.a_campus(), experts=[builders.an_expert()], title="Careers at the port")
            event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
            post.drop(list(db.session.scalars(select(Message))))
            for key, (state, error) in STATES.items():
                address = f"{key}@port.example"
                post.post("confirmed", key=key, to_address=address, facts=LETTERS["confirmed"], now=NOW)
                row = db.session.scalars(select(Message).where(Message.key == key)).one()
                row.state, row.error = state, error
            aside = {"begun": 5, "free_at": NOW, "reason": "KeyError in remind.py, line 7", "set_aside_at": NOW}
            db.session.add(Try(kind=WorkKind.REMINDER, row=event.id, **aside))
            db.session.add(Try(kind=WorkKind.STEP, row=99, **aside))
            target = WebhookTarget(
                url="https://hear.example/", kinds=[], seal="x", created_at=NOW, turned_at=NOW, office=event.owner
            )
            db.session.add(target)
            db.session.flush()
            of_webhook = {"happened_at": NOW, "next_attempt_at": NOW, "give_up_at": NOW + timedelta(days=3)}
            state = DeliveryState.SET_ASIDE
            db.session.add(
                WebhookDelivery(target_id=target.id, key="a", kind="x", body="{}", state=state, **of_webhook)
            )
        ids = {one.key: str(one.public_id) for one in db.session.scalars(select(Message))}
        facts = {"event": str(event.public_id), "row": event.id, "webhook": str(target.public_id)}
        db.session.remove()
    return SimpleNamespace(app=bare_app, ids=ids, **facts)


def states(stuck: SimpleNamespace) -> dict[str, str]:
    with stuck.app.app_context():
        found = {one.key: str(one.state) for one in db.session.scalars(select(Message)) if one.key in STATES}
        db.session.remove()
    return found


def aside(stuck: SimpleNamespace) -> list[WorkKind]:
    with stuck.app.app_context():
        found = list(db.session.scalars(select(Try.kind).order_by(Try.kind)))
        db.session.remove()
    return found


def acts(stuck: SimpleNamespace) -> list[tuple[str, str]]:
    with stuck.app.app_context():
        query = select(AuditEntry.verb, AuditEntry.subject).where(AuditEntry.verb.in_(("retry", "drop")))
        found = [tuple(row) for row in db.session.execute(query.order_by(AuditEntry.id))]
        db.session.remove()
    return found


BEFORE = {key: str(state) for key, (state, _) in STATES.items()}


def test_how_delivery_stands_is_the_same_on_the_page_and_over_json(stuck, admin):
    facts = admin.get(f"{OUTBOX}/state").json
    counts = {"queued": 2, "leased": 1, "sent": 1, "failed": 1, "set_aside": 2, "dropped": facts["counts"]["dropped"]}
    assert facts["counts"] == counts
    assert (facts["oldest_due_seconds"], facts["paused"], facts["pause"]["since"]) == (0, False, None)
    assert [(one["kind"], one["event"], one["title"]) for one in facts["work_set_aside"]] == [
        ("reminder", stuck.event, "Careers at the port"),
        ("step", None, ""),
    ]
    assert [(one["webhook"], one["set_aside"]) for one in facts["webhooks_set_aside"]] == [(stuck.webhook, 1)]
    assert [(one["error"], one["letters"]) for one in facts["waiting"]] == [("451 come back later", 1)]
    assert [one["id"] for one in facts["newest_errors"]] == [stuck.ids[key] for key in ("poison-too", "poison", "gone")]
    browser = Browser(stuck.app)
    browser.sign_in()
    for path in ("/outbox", "/outbox/state"):
        shown = {
            line.a["href"].partition("state=")[2]: int(line.strong.get_text())
            for line in browser.get(path).select(".letter-counts li")
        }
        assert shown == counts
    for words in ("451 come back later", "550 no such user", "KeyError in remind.py, line 7", "1 was set aside"):
        assert words in browser.text
    assert browser.page.select_one(f'a[href="/webhooks/{stuck.webhook}"]') is not None


def test_one_letter_is_tried_again_or_dropped_from_its_page(stuck):
    browser = Browser(stuck.app)
    browser.sign_in()
    browser.get(f"/outbox/{stuck.ids['poison']}")
    browser.submit("Try it again")
    assert "The letter is tried again." in browser.text
    assert browser.path == f"/outbox/{stuck.ids['poison']}"
    assert states(stuck) == BEFORE | {"poison": "queued"}
    browser.submit("Drop the letter")
    assert states(stuck) == BEFORE | {"poison": "dropped"}
    assert "There is no way back" not in browser.text
    assert acts(stuck) == [("retry", stuck.ids["poison"]), ("drop", stuck.ids["poison"])]
    for key in ("sent", "leased"):
        page = browser.get(f"/outbox/{stuck.ids[key]}")
        assert page.select('button[name="act"]') == []


@pytest.mark.parametrize(("act", "key"), [("retry", "waits"), ("retry", "sent"), ("drop", "sent"), ("drop", "leased")])
def test_what_cannot_be_is_refused_and_changes_nothing(stuck, act, key):
    browser = Browser(stuck.app)
    browser.sign_in()
    browser.get("/outbox/state")
    browser.post("/outbox/state", {"act": act, "letter": stuck.ids[key]})
    assert browser.status == 409
    assert states(stuck) == BEFORE


def test_all_that_was_set_aside_is_tried_again_or_dropped_but_not_what_nobody_has_seen(stuck):
    browser = Browser(stuck.app)
    browser.sign_in()
    browser.get("/outbox/state")
    with stuck.app.app_context(), transaction():
        db.session.scalars(select(Message).where(Message.key == "waits")).one().state = MessageState.SET_ASIDE
    browser.submit("Drop 2 letters")
    assert "nothing was dropped" in browser.text
    assert states(stuck) == BEFORE | {"waits": "set_aside"}
    browser.submit("Drop 3 letters")
    assert states(stuck) == BEFORE | dict.fromkeys(("waits", "poison", "poison-too"), "dropped")
    with stuck.app.app_context(), transaction():
        db.session.scalars(select(Message).where(Message.key == "poison")).one().state = MessageState.SET_ASIDE
    browser.get("/outbox/state")
    browser.submit("Try 1 letter again")
    assert states(stuck)["poison"] == "queued"
    browser.get("/outbox/state")
    browser.post("/outbox/state", {"act": "retry_work", "kind": "step", "row": "99"})
    assert aside(stuck) == [WorkKind.REMINDER]
    for kind, row, status in (("step", "99", 404), ("burn", "1", 404), ("step", "²", 404), ("step", "9" * 30, 404)):
        browser.post("/outbox/state", {"act": "retry_work", "kind": kind, "row": row})
        assert browser.status == status
    browser.get("/outbox/state")
    browser.submit("Try all of it again")
    assert aside(stuck) == []
    browser.post("/outbox/state", {"act": "burn"})
    assert browser.status == 400


def test_letters_are_listed_and_narrowed_over_json(stuck, admin):
    first = admin.get(f"{OUTBOX}?limit=4&letter=confirmed").json
    rest = admin.get(first["next"]).json
    assert [one["to"].partition("@")[0] for one in first["items"] + rest["items"]] == list(STATES)[::-1]
    assert rest["next"] is None
    for query, keys in {
        "state=failed": ["gone"],
        "to=poison-": ["poison-too"],
        "event=none": [],
        f"owed_before={NOW:%Y-%m-%dT%H:%M:%SZ}": [],
    }.items():
        assert [one["id"] for one in admin.get(f"{OUTBOX}?{query}").json["items"]] == [stuck.ids[key] for key in keys]
    assert admin.get(f"{OUTBOX}/letters/{stuck.ids['gone']}").json["error"] == "550 no such user"
    for query in ("state=lost", "cursor=x", "limit=0", "wanted=1"):
        assert admin.get(f"{OUTBOX}?{query}").status_code in (400, 422), query
    assert admin.get(f"{OUTBOX}/letters/none").status_code == 404


def test_letters_are_tried_again_and_dropped_over_json(stuck, admin):
    def said(path: str, **body: Any) -> Any:
        return admin.post(f"{OUTBOX}{path}", json=body)

    assert said("/retry").status_code == said("/drop").status_code == 422
    rehearsed = said("/retry?dry_run=true", state="set_aside", work=True).json
    assert (len(rehearsed["letters"]), rehearsed["work"]) == (2, 2)
    assert (states(stuck), len(aside(stuck))) == (BEFORE, 2)
    assert said("/retry", work=True).json == {"letters": [], "work": 2}
    assert (states(stuck), aside(stuck)) == (BEFORE, [])
    assert [one["state"] for one in said("/retry", ids=[stuck.ids["gone"], stuck.ids["sent"]]).json["letters"]] == [
        "queued"
    ]
    assert len(said("/drop?dry_run=true", to="poison").json["letters"]) == 2
    assert len(said("/drop", to="poison").json["letters"]) == 2
    assert states(stuck) == BEFORE | {"gone": "queued", "poison": "dropped", "poison-too": "dropped"}


def test_delivery_is_paused_thinned_and_resumed_over_json(stuck, admin):
    def said(path: str, **body: Any) -> Any:
        return admin.post(f"{OUTBOX}{path}", json=body)

    assert said("/resume").status_code == said("/paused/drop", ids=[stuck.ids["waits"]]).status_code == 409
    assert said("/pause").json["reason"] == said("/pause").json["reason"] == "by_hand"
    assert admin.get("/healthz/scheduler").json["status"] == "paused"
    owed = admin.get(f"{OUTBOX}/paused?limit=2").json
    assert (owed["pause"]["paused"], owed["letters_in_all"], len(owed["letters"])) == (True, 3, 2)
    for body in ({}, {"ids": [stuck.ids["waits"]], "before": "2027-01-11T17:00:00Z"}, {"before": "2099-01-01T00:00Z"}):
        assert said("/paused/drop", **body).status_code == 422
    assert said("/paused/drop?dry_run=true", ids=[stuck.ids["waits"]]).json["letters"] == 1
    assert said("/paused/drop", ids=[stuck.ids["waits"]]).json == {"letters": 1, "reminders": 0}
    assert states(stuck) == BEFORE | {"waits": "dropped"}
    assert said("/resume").json == dict.fromkeys(("since", "reason", "by", "taken_at")) | {"paused": False}


def test_a_coordinator_keeps_no_outbox(stuck):
    with stuck.app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": NOW}
        keep_accounts.add_account("lee@college.example", "Lee", **who)
        office = builders.an_office("careers", of=builders.an_organization("college"))
        keep_accounts.give_role("lee@college.example", Role.COORDINATOR, office=office.slug, **who)
        _, secret = make_token("lee@college.example", "a program", list(Scope), days=9, **who)
    lee = stuck.app.test_client()
    lee.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    for path in ("", "/state", "/paused"):
        assert lee.get(f"{OUTBOX}{path}").status_code == 403
    assert lee.get(f"{OUTBOX}/letters/{stuck.ids['sent']}").status_code == 404, "nor learns which letters there are"
    for path, body in {"/retry": {"work": True}, "/drop": {"to": "a"}, "/pause": None, "/resume": None}.items():
        assert lee.post(f"{OUTBOX}{path}", json=body).status_code == 403
    assert states(stuck) == BEFORE
