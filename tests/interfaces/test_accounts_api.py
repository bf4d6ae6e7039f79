"""Accounts over JSON: the same rule as on the page, versions by ETag, and 404 for other offices' people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
PATH = "/api/v1/accounts"
NEW = {"email": "new@example.edu", "name": "New", "role": "reports", "office": "careers"}


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    with bare_app.app_context(), transaction():
        builders.an_office("careers", of=builders.an_organization("college"))
        builders.an_office("elsewhere", of=builders.an_organization("other"))
    return bare_app


def program(app: Flask, word: str, role: Role, *, scope: Scope = Scope.MANAGE, **place: str) -> FlaskClient:
    """Somebody's program, with a token of that scope."""
    with app.app_context(), transaction():
        account = keep_accounts.let_in(f"{word}@example.edu", word.title(), role=role, **place, **WHO).account
        _, secret = tokens.make(account.id, "a program", [scope], NOW + timedelta(days=9), NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


@pytest.fixture
def lee(house: Flask) -> FlaskClient:
    return program(house, "lee", Role.COORDINATOR, office="careers")


def if_match(answer: Any) -> dict[str, str]:
    return {"If-Match": answer.headers["ETag"]}


def test_a_colleague_is_let_in_changed_and_let_go(lee):
    made = lee.post(PATH, json=NEW)
    assert (made.status_code, made.headers["Location"].rpartition("/")[2]) == (201, made.json["id"])
    where = f"{PATH}/{made.json['id']}"
    assert [grant["role"] for grant in made.json["grants"]] == ["reports"]
    changed = lee.patch(where, json={"name": "Newer"}, headers=if_match(made))
    assert (changed.status_code, changed.json["name"], changed.json["language"]) == (200, "Newer", "en")
    assert lee.patch(where, json={"name": "Newest"}, headers=if_match(made)).status_code == 412
    given = lee.post(f"{where}/grants", json={"role": "coordinator", "office": "careers"})
    assert (given.status_code, len(given.json["grants"])) == (201, 2)
    grant = f"{where}/grants/{given.json['grants'][0]['id']}"
    assert lee.patch(grant, json={"may_override": True}, headers=if_match(given)).status_code == 403
    assert lee.delete(grant, headers=if_match(given)).status_code == 204
    assert lee.delete(grant, headers=if_match(lee.get(where))).status_code == 404
    assert lee.delete(where, headers=if_match(lee.get(where))).status_code == 204
    assert lee.get(where).status_code == 404


def test_a_dry_run_lets_nobody_in(lee):
    assert lee.post(f"{PATH}?dry_run=true", json=NEW).status_code == 200
    assert [one["name"] for one in lee.get(PATH).json["items"]] == ["Lee"]


def test_the_list_goes_on_by_its_cursor_and_is_narrowed(house, lee, admin):
    for number in range(3):
        lee.post(PATH, json={**NEW, "email": f"n{number}@example.edu", "name": f"N{number}"})
    first = lee.get(f"{PATH}?limit=3").json
    rest = lee.get(first["next"].removeprefix("https://events.example")).json
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["Lee", "N0", "N1", "N2"]
    assert rest["next"] is None
    assert [one["name"] for one in lee.get(f"{PATH}?q=n1").json["items"]] == ["N1"]
    assert admin.get(f"{PATH}?office=elsewhere").json["items"] == []


def test_other_offices_people_answer_404_by_every_method(house, lee, admin):
    program(house, "eve", Role.COORDINATOR, office="elsewhere")
    eve = admin.get(f"{PATH}?office=elsewhere").json["items"][0]
    where = f"{PATH}/{eve['id']}"
    grant = f"{where}/grants/{eve['grants'][0]['id']}"
    tag = {"If-Match": f'"v{eve["version"]}"'}
    assert lee.get(where).status_code == 404
    assert lee.patch(where, json={"name": "X"}, headers=tag).status_code == 404
    assert lee.delete(where, headers=tag).status_code == 404
    assert lee.post(f"{where}/grants", json={"role": "reports", "office": "careers"}).status_code == 404
    assert lee.patch(grant, json={"may_override": False}, headers=tag).status_code == 404
    assert lee.delete(grant, headers=tag).status_code == 404
    assert admin.get(where).json == eve


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"role": "administrator", "office": None}, 422),
        ({"role": "room_office"}, 403),
        ({"role": "door_helper"}, 422),
        ({"office": "elsewhere"}, 403),
        ({"office": "nowhere"}, 422),
        ({"organization": "college"}, 422),
        ({"email": "none"}, 422),
        ({"may_override": True}, 403),
    ],
)
def test_more_than_ones_own_is_refused(lee, wish, status):
    answer = lee.post(PATH, json={**NEW, **wish})
    assert answer.status_code == status
    assert [one["name"] for one in lee.get(PATH).json["items"]] == ["Lee"]


def test_ones_own_is_ended_only_when_it_is_meant(lee):
    own = lee.get(PATH).json["items"][0]
    where, tag = f"{PATH}/{own['id']}", {"If-Match": f'"v{own["version"]}"'}
    assert lee.delete(where, headers=tag).status_code == 422
    assert lee.delete(f"{where}?own=true", headers=tag).status_code == 204
    assert lee.get(where).status_code == 401


@pytest.mark.parametrize("scope", [Scope.READ, Scope.BOOK, Scope.ANSWER])
def test_only_the_scope_that_manages_keeps_accounts(house, scope):
    client = program(house, "lee", Role.COORDINATOR, office="careers", scope=scope)
    assert client.get(PATH).status_code == 403
    assert client.post(PATH, json=NEW).status_code == 403


def test_who_keeps_none_is_told_so(house, public):
    client = program(house, "fay", Role.ROOM_OFFICE, office="careers")
    assert client.get(PATH).status_code == 403
    assert public.get(PATH).status_code == 401
    assert public.post(PATH, json=NEW).status_code == 401
