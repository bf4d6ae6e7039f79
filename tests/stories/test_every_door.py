"""Every route of the service, called as each role with real ids of another office: nothing opens, nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions, tokens
from eventsvc.domain.accounts.roles import BY_LINK, Scope
from eventsvc.domain.events.lookup import get_event
from eventsvc.interfaces.api.examples import EXAMPLES
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests import another_office, builders
from tests.another_office import TITLE
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN, PUBLIC_URL
from tests.interfaces.browser import HOST
from tests.test_house import OPEN

WHO = {"actor": ADMINISTRATOR, "now": NOW}
ROLES = [role for role in Role if role not in BY_LINK and role is not Role.ADMINISTRATOR]
# What is another office's own: who has no part in it learns of none.
OWN = re.compile(
    r"<(?:\w+:)?(event_id|series_id|hold_id|message_id|account_id|grant_id|link_id|absence_id|session_id|token_id|request_id|offer_id)>"
)
FORM = {"day": "2027-02-10", "room": "other-room", "reason": "The tide tables say no.", "answer": "grant"}
WITHOUT_EXAMPLE: dict[str, dict[str, Any]] = {"accounts_set_override": {"may_override": True}}


@pytest.fixture
def house(bare_app: Flask, still) -> Flask:
    """A college for the one who asks; another one whose things are nobody else's affair."""
    bare_app.config["WTF_CSRF_ENABLED"] = False
    bare_app.extensions["ids"] = another_office.fill(bare_app)
    with bare_app.app_context(), transaction():
        own = builders.an_organization("own-college")
        builders.an_office("own-office", of=own)
        builders.a_campus("own-campus", of=own)
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


def called(client: Any, bearer: dict[str, str], method: str, address: str, body: dict[str, Any] | None = None) -> int:
    is_api = address.startswith("/api/")
    headers = {**bearer, "If-Match": "*"} if is_api and method in ("PUT", "PATCH", "DELETE") else dict(bearer)
    headers = headers if is_api else {}
    sent: dict[str, Any] = {} if method == "GET" else {"json": body or {}} if is_api else {"data": body or {}}
    answer = client.open(address, method=method, headers=headers, base_url=PUBLIC_URL, **sent)
    answer.close()
    return answer.status_code


def filled(ids: dict[str, str], rule: Rule) -> str:
    path = re.sub(r"<any\(([^,)]*)[^)]*\):\w+>", r"\1", rule.rule)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda name: ids.get(name[1], "2027-02"), path)


def body_of(rule: Rule) -> dict[str, Any]:
    """What a call would send that means it: the example of the API's document, or a filled form."""
    if not rule.rule.startswith("/api/"):
        return FORM
    named = rule.endpoint.replace(" ", "_").replace(".", "_")
    return EXAMPLES.get(named, WITHOUT_EXAMPLE.get(named, {}))


def doors(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Every route by its name, but for those that would end the very session that asks."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if not rule.rule.endswith(("/sign-out", "/sign-out-everywhere")):
                yield f"{method} {rule.rule}", method, rule


@pytest.mark.parametrize("role", [None, *ROLES])
def test_nothing_of_another_office_is_there_and_nothing_breaks(house, role):
    """404 for each thing that one may not know of, whatever one may do; strangers are asked to sign in first."""
    client, bearer = as_role(house, role)
    wrong, broken, tried = [], [], 0
    for name, method, rule in doors(house):
        address = filled(house.extensions["ids"], rule)
        is_own = OWN.search(rule.rule) is not None
        status = called(client, bearer, method, address, body_of(rule) if is_own else None)
        if status >= 500:
            broken.append((name, status))
        if is_own:
            tried += 1
            is_asked_who = role is None and name not in OPEN
            if status not in ((401, 302, 303) if is_asked_who else (404,)):
                wrong.append((name, status))
    assert (wrong, broken) == ([], [])
    assert tried >= 60
    with house.app_context():
        ids = house.extensions["ids"]
        event = get_event(ids["event_id"])
        assert (event.title, str(event.version)) == (TITLE, ids["version"])


@pytest.mark.parametrize("role", ROLES)
def test_a_version_that_is_not_the_present_one_tells_nothing_either(house, role):
    client, bearer = as_role(house, role)
    stale = {**bearer, "If-Match": '"v0"'}
    for name, method, rule in doors(house):
        if rule.rule.startswith("/api/") and method != "GET" and re.search("<(event|series)_id>", rule.rule):
            address = filled(house.extensions["ids"], rule)
            answer = client.open(address, method=method, headers=stale, base_url=PUBLIC_URL, json=body_of(rule))
            assert (answer.status_code, "ETag" in answer.headers, "etag" in answer.json) == (404, False, False), name


def test_the_things_are_there_for_whom_they_belong_to(house):
    """So that a 404 above is owed to whose they are, and to nothing else."""
    ids, client = house.extensions["ids"], house.test_client()
    own = {"Authorization": f"Bearer {ids['token']}"}
    paths = (
        "events/{event_id}",
        "series/{series_id}",
        "holds/{hold_id}",
        "accounts/{account_id}",
        "absences/{absence_id}",
        "requests/{request_id}",
        "offered-dates/{offer_id}",
        "events/{event_id}/door-links/{link_id}",
    )
    for path in paths:
        assert called(client, own, "GET", f"/api/v1/{path.format(**ids)}") == 200, path
    administrator = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    assert client.get(f"/outbox/{ids['message_id']}", headers=administrator, base_url=PUBLIC_URL).status_code == 200
    shown = client.get(f"/api/v1/events/{ids['event_id']}", headers=own, base_url=PUBLIC_URL).json
    assert [one["room"] for one in shown["room_approvals"]] == ["other-room"]
    shown = client.get(f"/api/v1/accounts/{ids['account_id']}", headers=own, base_url=PUBLIC_URL).json
    assert ids["grant_id"] in [grant["id"] for grant in shown["grants"]]


@pytest.mark.parametrize("role", ROLES)
def test_what_is_lent_from_house_to_house_is_known_to_all_who_plan(house, role):
    client, bearer = as_role(house, role)
    for path in ("rooms/other-room", "experts/other-expert", "campuses/other-campus"):
        assert called(client, bearer, "GET", f"/api/v1/{path}") == 200


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DISTRICT, Role.ROOM_OFFICE])
def test_what_one_sees_and_may_not_change_is_refused_by_its_name(house, role):
    """403, not 404, where there is nothing to hide."""
    with house.app_context(), transaction():
        email = f"{role}@example.edu"
        grant = keep_accounts.let_in(email, "Somebody", role=role, organization=house.extensions["ids"]["of"], **WHO)
        _, secret = tokens.make(grant.account_id, "a program", list(Scope), NOW + timedelta(days=9), NOW)
    client, bearer = house.test_client(), {"Authorization": f"Bearer {secret}"}
    event = filled(
        house.extensions["ids"], next(rule for _, _, rule in doors(house) if rule.endpoint == "events.event")
    )
    assert called(client, bearer, "GET", event) == 200
    for verb in ("confirm", "publish", "withdraw"):
        assert called(client, bearer, "POST", f"{event}/{verb}") == 403
