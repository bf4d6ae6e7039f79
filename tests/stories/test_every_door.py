"""Every route of the service, called as each role with real ids of another office: nothing opens, nothing breaks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions, tokens
from eventsvc.domain.accounts.roles import BY_LINK, Scope
from eventsvc.domain.attendance import doors
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Visibility
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.databases import PUBLIC_URL
from tests.interfaces.browser import HOST
from tests.test_house import FILLED_IN, OPEN

WHO = {"actor": ADMINISTRATOR, "now": NOW}
ROLES = [role for role in Role if role not in BY_LINK and role is not Role.ADMINISTRATOR]
# What is another office's own: who has no part in it learns of none.
OWN = re.compile(r"<(?:\w+:)?(event_id|series_id|hold_id|message_id|account_id|grant_id|link_id)>")


@pytest.fixture
def house(bare_app: Flask, still) -> Flask:
    """A college for the one who asks; another one whose things are nobody else's affair."""
    bare_app.config["WTF_CSRF_ENABLED"] = False
    with bare_app.app_context(), transaction():
        own = builders.an_organization("own-college")
        builders.an_office("own-office", of=own)
        builders.a_campus("own-campus", of=own)
        other = builders.a_campus("other-campus")
        builders.a_room("other-room", on=other)
        builders.an_expert("other-expert")
        builders.an_office("other-office", of=other.organization)
        grant = keep_accounts.let_in("other@example.edu", "Other", role=Role.COORDINATOR, office="other-office", **WHO)
        plan = builders.a_plan(other, visibility=Visibility.PRIVATE, title="Nobody's affair")
        event = plan_event(plan, **WHO)
        link = doors.make(event, event.starts_on, **WHO)
        db.session.flush()
        bare_app.extensions["ids"] = {
            **FILLED_IN,
            "event_id": str(event.public_id),
            "message_id": str(db.session.scalars(select(Message.public_id)).first()),
            "account_id": str(grant.account.public_id),
            "grant_id": str(grant.public_id),
            "link_id": str(link.public_id),
            "slug": "other-room",
            "version": str(event.version),
        }
    return bare_app


def as_role(app: Flask, role: Role | None) -> tuple[Any, dict[str, str]]:
    """A client with a session of that role at the own office, and the header of a token that goes as far."""
    client = app.test_client()
    if role is None:
        return client, {}
    with app.app_context(), transaction():
        account = keep_accounts.let_in(f"{role}@example.edu", "Somebody", role=role, office="own-office", **WHO).account
        cookie = sessions.begin(account, device="", now=NOW)
        _, secret = tokens.make(account.id, "a program", list(Scope), NOW + timedelta(days=9), NOW)
    client.set_cookie(COOKIE, cookie, domain=HOST, secure=True)
    return client, {"Authorization": f"Bearer {secret}"}


def called(client: Any, bearer: dict[str, str], method: str, address: str) -> int:
    is_api = address.startswith("/api/")
    headers = {**bearer, "If-Match": "*"} if is_api and method in ("PUT", "PATCH", "DELETE") else dict(bearer)
    headers = headers if is_api else {}
    body: dict[str, Any] = {"json": {}} if is_api and method != "GET" else {}
    answer = client.open(address, method=method, headers=headers, base_url=PUBLIC_URL, **body)
    answer.close()
    return answer.status_code


def filled(app: Flask, rule: Rule) -> str:
    ids = app.extensions["ids"]
    path = re.sub(r"<any\(([^,)]*)[^)]*\):\w+>", r"\1", rule.rule)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda name: ids.get(name[1], "2027-02"), path)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_nothing_of_another_office_opens_and_nothing_breaks(house, role):
    client, bearer = as_role(house, role)
    opened, broken, tried = [], [], 0
    for rule in house.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            name = f"{method} {rule.rule}"
            if name.endswith(("/sign-out", "/sign-out-everywhere")):
                continue  # would end the very session that asks
            status = called(client, bearer, method, filled(house, rule))
            if status >= 500:
                broken.append((name, status))
            if not OWN.search(rule.rule):
                continue
            tried += 1
            is_sent_to_sign_in = role is None and status in (302, 303)
            if status < 400 and not is_sent_to_sign_in:
                opened.append((name, status))
            if name in OPEN and status not in (404, 401):
                opened.append((name, status))
    assert (opened, broken) == ([], [])
    assert tried > 30
    with house.app_context():
        ids = house.extensions["ids"]
        event = get_event(ids["event_id"])
        assert (event.title, str(event.version)) == ("Nobody's affair", ids["version"])


@pytest.mark.parametrize("role", [role for role in ROLES if role in (Role.COORDINATOR, Role.PARTNER)])
def test_who_plans_elsewhere_is_told_that_there_is_no_such_event(house, role):
    client, bearer = as_role(house, role)
    event_id = house.extensions["ids"]["event_id"]
    for path in ("", "/edit", "/move"):
        assert called(client, {}, "GET", f"/events/{event_id}{path}") == 404, path
    assert called(client, bearer, "GET", f"/api/v1/events/{event_id}") == 404
    for verb in ("confirm", "publish", "withdraw", "cancel"):
        assert called(client, bearer, "POST", f"/api/v1/events/{event_id}/{verb}") == 404, verb
