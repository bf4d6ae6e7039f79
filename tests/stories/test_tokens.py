"""What programs act with: shown once, as far as roles and scopes go, worthless when its time or its owner is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.models import ApiToken
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory.models import Office
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import end_token, make_token
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
LEE = "lee@example.edu"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """Two colleges; Lee coordinates the first one's career center."""
    with bare_app.app_context(), transaction():
        for name in ("harbor", "valley"):
            builders.a_room(f"{name}-hall", on=builders.a_campus(name))
        office = db.session.scalars(select(Office).order_by(Office.id)).first()
        keep_accounts.add_account(LEE, "Lee Example", **WHO)
        keep_accounts.give_role(LEE, Role.COORDINATOR, office=office.slug, **WHO)
    return bare_app


def program(app: Flask, *scopes: Scope, days: int = 30, email: str = LEE) -> FlaskClient:
    """A client that acts by a new token."""
    with app.app_context(), transaction():
        _, secret = make_token(email, "a program", scopes, days=days, **WHO)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def wish(campus: str = "harbor") -> dict[str, Any]:
    return {
        "kind": "info_session",
        "title": "Careers",
        "campus": campus,
        "rooms": [f"{campus}-hall"],
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 60,
    }


def test_a_token_books_for_its_owners_office_and_no_other(house):
    client = program(house, Scope.BOOK)
    made = client.post("/api/v1/events", json=wish())
    assert made.status_code == 201
    assert made.json["missing_yes"]
    refused = client.post("/api/v1/events", json=wish("valley"))
    assert (refused.status_code, refused.json["type"].rsplit("/")[-1]) == (403, "not-allowed")


def test_a_token_that_reads_does_not_book(house):
    event = program(house, Scope.BOOK).post("/api/v1/events", json=wish()).json["id"]
    reader = program(house, Scope.READ)
    assert reader.get(f"/api/v1/events/{event}").json["missing_yes"]
    assert reader.post("/api/v1/events", json=wish()).status_code == 403
    assert reader.post(f"/api/v1/events/{event}/publish").status_code == 403


def test_scopes_never_go_further_than_roles(house):
    manager = program(house, *Scope)
    assert manager.get("/api/v1/doctor").status_code == 403
    with house.app_context(), transaction():
        keep_accounts.add_account("boss@example.edu", "Boss Example", **WHO)
        keep_accounts.give_role("boss@example.edu", Role.ADMINISTRATOR, **WHO)
    assert program(house, Scope.MANAGE, email="boss@example.edu").get("/api/v1/doctor").status_code == 200
    assert program(house, Scope.READ, email="boss@example.edu").get("/api/v1/doctor").status_code == 403


def test_what_is_no_token_is_nobody(house):
    client = house.test_client()
    for value in ("evt_", "evt_wrong", "wrong", "x" * 5000):
        answer = client.post("/api/v1/events", json=wish(), headers={"Authorization": f"Bearer {value}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("gone", ["ended", "expired", "owner gone", "role taken"])
def test_a_token_is_worthless_when_its_time_its_role_or_its_owner_is_gone(house, still, gone):
    client = program(house, Scope.BOOK)
    assert client.post("/api/v1/events?dry_run=true", json=wish()).status_code == 200
    with house.app_context(), transaction():
        if gone == "ended":
            end_token(LEE, db.session.scalars(select(ApiToken.public_id)).one(), **WHO)
        elif gone == "owner gone":
            keep_accounts.end_account(LEE, **WHO)
        elif gone == "role taken":
            office = db.session.scalars(select(Office).order_by(Office.id)).first()
            keep_accounts.take_role(LEE, Role.COORDINATOR, office=office.slug, **WHO)
    if gone == "expired":
        still.shift(timedelta(days=30))
    expected = 403 if gone == "role taken" else 401
    assert client.post("/api/v1/events?dry_run=true", json=wish()).status_code == expected


def test_its_use_is_noted_at_most_hourly(house, still):
    client = program(house, Scope.READ)

    def used():
        with house.app_context():
            return db.session.scalar(select(ApiToken.last_used_at))

    assert used() is None
    client.get("/api/v1/events")
    first = used()
    assert first == NOW
    still.shift(tokens.NOTED_AFTER - timedelta(seconds=1))
    client.get("/api/v1/events")
    assert used() == first
    still.shift(timedelta(seconds=1))
    client.get("/api/v1/events")
    assert used() == NOW + tokens.NOTED_AFTER


def test_only_the_digest_is_kept(house):
    client = program(house, Scope.READ)
    secret = client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    with house.app_context():
        row = db.session.scalars(select(ApiToken)).one()
        assert secret not in "".join(str(getattr(row, column.key)) for column in ApiToken.__table__.columns)


def test_one_makes_and_ends_ones_own_on_the_page_and_sees_it_once(house):
    browser = Browser(house)
    ask(browser, LEE)
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": code})
    browser.get("/account")
    browser.submit("Make a token", values={"name": "", "scopes": []})
    assert browser.status == 422
    browser.submit("Make a token", values={"name": "Our web site", "scopes": ["read"]})
    secret = browser.page.select_one("#secret").text
    assert browser.response.headers["Cache-Control"] == "no-store"
    client = house.test_client()
    assert client.get("/api/v1/series", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert client.get("/api/v1/events", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    browser.get("/account")
    assert secret not in browser.response.get_data(as_text=True)
    assert "Our web site" in browser.text
    browser.submit("End this token")
    assert "worthless" in browser.text
    assert client.get("/api/v1/series", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


@pytest.mark.parametrize(("days", "scopes"), [(0, [Scope.READ]), (367, [Scope.READ]), (30, [])])
def test_bad_input_makes_none(house, days, scopes):
    with house.app_context(), pytest.raises(InvalidInput), transaction():
        make_token(LEE, "x", scopes, days=days, **WHO)
    with house.app_context():
        assert db.session.scalars(select(ApiToken)).all() == []
