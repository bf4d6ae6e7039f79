"""The page of colleagues: let in, change, let go, as far as one's own roles go, and nobody else's people."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """Two offices of two colleges."""
    with bare_app.app_context(), transaction():
        builders.an_office("careers", of=builders.an_organization("college"))
        builders.an_office("elsewhere", of=builders.an_organization("other"))
    return bare_app


def signed_in(app: Flask, word: str, role: Role | None = None, **place: object) -> Browser:
    """A browser of somebody with that role."""
    with app.app_context(), transaction():
        account = keep_accounts.add_account(f"{word}@example.edu", word.title(), **WHO)
        if role:
            keep_accounts.give_role(account.email, role, **place, **WHO)
        secret = sessions.begin(account, device="", now=NOW)
    browser = Browser(app)
    browser.set_cookie(COOKIE, secret)
    return browser


def id_of(app: Flask, word: str) -> str:
    with app.app_context():
        return str(db.session.scalars(select(Account.public_id).where(Account.name == word.title())).one())


NEW = {"email": "new@example.edu", "name": "New Colleague", "role": "coordinator", "place": "office:careers"}


def test_a_coordinator_lets_a_colleague_in_who_gets_a_letter(house):
    lee = signed_in(house, "lee", Role.COORDINATOR, office="careers")
    lee.get("/people")
    assert [option["value"] for option in lee.page.select("#f-place option")] == ["office:careers"]
    assert "administrator" not in [option["value"] for option in lee.page.select("#f-role option")]
    lee.submit("Let in, and send the letter", values=NEW)
    assert "New Colleague may sign in. A letter to new@example.edu says how." in lee.text
    assert "Career center coordinator: Careers , College" in lee.text
    with house.app_context():
        assert db.session.scalars(select(Message.to_address)).all() == ["new@example.edu"]


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"email": "nobody"}, 422, "is not a mail address"),
        ({"email": "peñasco@port.example"}, 422, "no letter can be written to it"),
        ({"role": ""}, 422, "Role: is needed: choose one"),
        ({"place": "office:elsewhere"}, 403, "Your roles do not allow this here"),
        ({"role": "administrator"}, 422, "counts everywhere"),
        ({"role": "administrator", "place": "everywhere"}, 403, "Your roles do not allow this here"),
        ({"role": "room_office"}, 403, "This role may do more than you may there"),
        ({"role": "door_helper"}, 422, "given by a link"),
        ({"may_override": "yes"}, 403, "Only who may override rules there"),
    ],
)
def test_what_goes_beyond_ones_own_is_refused_and_what_was_typed_stays(house, values, status, words):
    lee = signed_in(house, "lee", Role.COORDINATOR, office="careers")
    lee.get("/people")
    lee.post("/people", {**NEW, **values})
    assert lee.status == status
    assert words in lee.text
    assert lee.page.select_one("#f-name")["value"] == "New Colleague"
    with house.app_context():
        assert db.session.scalars(select(Account.name)).all() == ["Lee"]


def test_roles_and_the_permission_to_override_are_changed_on_the_persons_page(house):
    admin = signed_in(house, "ada", Role.ADMINISTRATOR)
    signed_in(house, "bo", Role.COORDINATOR, office="careers")
    path = f"/people/{id_of(house, 'bo')}"
    admin.get(path)
    admin.submit("Let them override rules (Career center coordinator)")
    assert "may override rules" in admin.text
    admin.submit("Let them override rules no more (Career center coordinator)")
    admin.submit("Give this role", values={"role": "reports", "place": "organization:other"})
    assert "Reader of reports: Other" in admin.text
    admin.submit("Take this role away (Reader of reports)")
    assert "Reader of reports: Other" not in admin.text
    admin.submit("Save", values={"name": "Bo Newer", "language": "es"})
    assert admin.page.h1.get_text() == "Bo Newer"
    admin.submit("End this account")
    assert (admin.path, admin.status) == ("/people", 200)
    assert "Bo Newer" not in admin.page.find("ul", class_="people").get_text()


def test_ones_own_role_goes_only_when_it_is_meant(house):
    lee = signed_in(house, "lee", Role.COORDINATOR, office="careers")
    lee.get(f"/people/{id_of(house, 'lee')}")
    lee.submit("Take this role away (Career center coordinator)")
    assert (lee.status, "say that you mean it" in lee.text) == (422, True)
    lee.submit("Take this role away (Career center coordinator)", values={"own": "yes"})
    assert (lee.status, lee.path) == (403, "/people")


def test_the_last_administrator_is_told_why_not(house):
    ada = signed_in(house, "ada", Role.ADMINISTRATOR)
    ada.get(f"/people/{id_of(house, 'ada')}")
    ada.submit("End this account", values={"own": "yes"})
    assert (ada.status, "This is the last administrator" in ada.text) == (409, True)


def test_other_offices_people_do_not_exist_here_and_who_keeps_none_is_told_so(house):
    lee = signed_in(house, "lee", Role.COORDINATOR, office="careers")
    eve = signed_in(house, "eve", Role.COORDINATOR, office="elsewhere")
    lee.get("/people")
    assert "Eve" not in lee.text
    lee.get(f"/people/{id_of(house, 'eve')}")
    assert lee.status == 404
    lee.get("/people")
    lee.post(f"/people/{id_of(house, 'eve')}", {"act": "end"})
    assert lee.status == 404
    eve.get("/people")
    assert (eve.status, "Eve" in eve.text) == (200, True)
    fay = signed_in(house, "fay", Role.ROOM_OFFICE, office="careers")
    fay.get("/people")
    assert fay.status == 403
    nobody = Browser(house)
    nobody.get("/people")
    assert nobody.path.startswith("/sign-in")


def test_the_list_is_narrowed_by_office_and_words_and_says_when_nobody_is_like_that(house):
    ada = signed_in(house, "ada", Role.ADMINISTRATOR)
    signed_in(house, "bo", Role.COORDINATOR, office="careers")
    signed_in(house, "cy")

    def names() -> list[str]:
        return [link.get_text() for link in ada.page.select(".people h2")]

    ada.get("/people?office=careers")
    assert names() == ["Bo"]
    ada.get("/people?q=cy%20example")
    assert (names(), "No role yet" in ada.text) == (["Cy"], True)
    ada.get("/people?office=elsewhere")
    assert "Nobody like that may sign in." in ada.text
    ada.get("/people?office=nowhere")
    assert ada.status == 404


def test_the_list_costs_as_many_queries_for_many_as_for_one(house):
    ada = signed_in(house, "ada", Role.ADMINISTRATOR)
    ada.get("/people")
    with counted(house) as few:
        ada.get("/people")
    with house.app_context(), transaction():
        for number in range(30):
            keep_accounts.let_in(f"n{number}@x.edu", f"N{number}", role=Role.REPORTS, office="careers", **WHO)
    with counted(house) as many:
        ada.get("/people")
    assert len(ada.page.select(".people h2")) == 31
    assert len(many) == len(few)
