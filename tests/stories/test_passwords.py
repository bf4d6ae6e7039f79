"""Local passwords: where they are switched on, for administrators, five tries a quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, LinkExpired, NotAllowed
from eventsvc.domain.accounts import ADMINISTRATOR, Role, passwords
from eventsvc.domain.accounts.passwords import LocalPassword
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.workflows import keep_accounts, keep_passwords
from eventsvc.workflows.hand_over import hand_over
from eventsvc.workflows.sign_in import ask_for_letter, sign_in_by_link
from tests import builders, databases
from tests.conftest import NOW
from tests.interfaces.browser import Browser

pytestmark = pytest.mark.usefixtures("still")
ADA, LEE = "ada@example.edu", "lee@example.edu"
WHO = {"actor": ADMINISTRATOR, "now": NOW}
RIGHT = "four lamps over the quiet harbour"
NO = "This address and password let nobody in"


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Hashes of a moment: what is slow on purpose is not what these tests are about."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def house(still, database_url: str) -> Iterator[Flask]:
    app = create_app(databases.settings(database_url, LOCAL_PASSWORD=True))
    with app.app_context(), transaction():
        builders.an_office("career-center")
        for email, role, office in ((ADA, Role.ADMINISTRATOR, None), (LEE, Role.COORDINATOR, "career-center")):
            keep_accounts.add_account(email, "Somebody Example", **WHO)
            keep_accounts.give_role(email, role, office=office, **WHO)
        keep_passwords.set_password(ADA, passwords.hashed(RIGHT), **WHO)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(house: Flask) -> Browser:
    return Browser(house)


def try_in(browser: Browser, password: str, email: str = ADA) -> None:
    browser.get("/sign-in?next=/account")
    browser.submit("Sign in by password", values={"email": email, "password": password})


def row(app: Flask) -> Any:
    with app.app_context():
        return db.session.scalars(select(LocalPassword)).one()


def test_an_administrator_comes_in_and_is_led_on_as_by_letter(house, browser):
    try_in(browser, RIGHT, " ADA@example.edu")
    assert (browser.status, browser.path) == (200, "/account")
    assert len(browser.page.select(".sessions li")) == 1
    cookie = next(one for one in browser.set_cookies if one.startswith("eventsvc_session"))
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    with house.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "sign_in")).one()
        assert entry.changes == {"by": [None, "password"]}


def test_every_no_is_the_same_and_costs_the_same_work(house, browser, monkeypatch):
    looked_at: list[str] = []
    really = PasswordHasher.verify

    def verify(self: PasswordHasher, digest: str, text: str) -> bool:
        looked_at.append(digest.rpartition("$")[0].rpartition("$")[0])
        return really(self, digest, text)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    said = set()
    for email, password in ((ADA, "wrong " + RIGHT), ("nobody@example.edu", RIGHT), (LEE, RIGHT), (ADA, RIGHT * 20)):
        try_in(browser, password, email)
        assert browser.status == 401
        said.add(browser.page.select_one("#e-password").get_text())
    assert len(said) == 1
    assert NO in said.pop()
    assert len(looked_at) == 4
    assert len(set(looked_at)) == 1, "the same parameters for everybody"


def test_five_tries_then_a_quarter_of_an_hour_even_for_the_right_one(house, browser, still):
    for _ in range(passwords.MOST_TRIES):
        try_in(browser, "wrong")
    try_in(browser, RIGHT)
    assert (browser.status, NO in browser.text) == (401, True)
    still.shift(passwords.TRIES_WITHIN - timedelta(seconds=1))
    try_in(browser, RIGHT)
    assert browser.status == 401
    still.shift(timedelta(seconds=1))
    try_in(browser, RIGHT)
    assert browser.path == "/account"
    assert row(house).tries == 0


def test_a_try_counts_before_it_is_looked_at(house):
    """So that a hundred at once are five, and not a hundred."""
    with house.app_context():
        tried = []
        for _ in range(passwords.MOST_TRIES + 1):
            with transaction():
                tried.append(passwords.count_try(ADA, NOW))
    assert [bool(one.account_id) for one in tried] == [True] * passwords.MOST_TRIES + [False]
    assert not passwords.fits(tried[-1], RIGHT)


def test_whoever_is_no_administrator_any_more_does_not_come_in(house, browser):
    with house.app_context(), transaction():
        keep_accounts.add_account("bo@example.edu", "Bo Example", **WHO)
        keep_accounts.give_role("bo@example.edu", Role.ADMINISTRATOR, **WHO)
        keep_accounts.take_role(ADA, Role.ADMINISTRATOR, **WHO)
    try_in(browser, RIGHT)
    assert browser.status == 401


def test_passwords_are_for_administrators_alone_and_setting_one_signs_out(house, browser):
    with house.app_context(), pytest.raises(NotAllowed), transaction():
        keep_passwords.set_password(LEE, passwords.hashed(RIGHT), **WHO)
    try_in(browser, RIGHT)
    assert browser.path == "/account"
    with house.app_context(), transaction():
        keep_passwords.set_password(ADA, passwords.hashed("another " + RIGHT), **WHO)
    browser.get("/account")
    assert browser.path.startswith("/sign-in")
    try_in(browser, RIGHT)
    assert browser.status == 401
    with house.app_context(), transaction():
        keep_passwords.remove_password(ADA, **WHO)
    try_in(browser, "another " + RIGHT)
    assert browser.status == 401


def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(house, browser, monkeypatch):
    before = row(house).hash
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    try_in(browser, RIGHT)
    after = row(house).hash
    assert browser.path == "/account"
    assert ("t=1" in before, "t=2" in after) == (True, True)
    try_in(browser, RIGHT)
    assert (browser.path, row(house).hash) == ("/account", after)


def test_a_password_that_was_changed_while_it_was_looked_at_is_not_believed(house):
    with house.app_context():
        with transaction():
            tried = passwords.count_try(ADA, NOW)
        with transaction():
            keep_passwords.set_password(ADA, passwords.hashed("another " + RIGHT), **WHO)
        assert passwords.fits(tried, RIGHT)
        with transaction():
            assert passwords.believe(tried, "", NOW) is None


def test_hashing_happens_outside_of_transactions(house, browser, monkeypatch):
    open_then: list[int] = []
    really = PasswordHasher.verify

    def verify(self: PasswordHasher, digest: str, text: str) -> bool:
        open_then.append(db.engine.pool.checkedout())
        return really(self, digest, text)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    try_in(browser, RIGHT)
    assert open_then == [0]


def test_switched_off_there_is_no_field_and_no_door(bare_app):
    browser = Browser(bare_app)
    browser.get("/sign-in")
    assert "Password" not in browser.text
    browser.post("/sign-in/password", {"email": ADA, "password": RIGHT})
    assert browser.status == 404


@pytest.mark.parametrize(
    "password",
    ["short and good", "a" * 20, "ababababababababab", "ada@example.edu is mine", "my password is good", "x y z " * 60],
)
def test_a_password_that_is_guessed_first_is_refused(password):
    with pytest.raises(InvalidInput):
        passwords.ensure_good(password, ADA)


@pytest.mark.parametrize(
    "password", [RIGHT, "exactly15 chars", "vier Lämpchen am Ufer", "灯 火 在 港 口 上 空 静 静 地 亮 着 吧"]
)
def test_any_long_sentence_will_do(password):
    passwords.ensure_good(password, ADA)
    assert passwords.fits(passwords.Tried(1, passwords.hashed(password)), password)


def test_letters_that_were_typed_in_another_way_are_the_same_password():
    digest = passwords.hashed("vier La\u0308mpchen am Ufer")
    assert passwords.fits(passwords.Tried(1, digest), "vier L\u00e4mpchen am Ufer")


@pytest.mark.parametrize("how", ["role", "account", "hand-over"])
def test_a_password_ends_with_the_role_and_does_not_come_back_with_it(house, browser, how):
    with house.app_context(), transaction():
        keep_accounts.give_role(LEE, Role.ADMINISTRATOR, **WHO)
        if how == "role":
            keep_accounts.take_role(ADA, Role.ADMINISTRATOR, **WHO)
        elif how == "account":
            keep_accounts.end_account(ADA, **WHO)
        else:
            hand_over(ADA, LEE, **WHO)
    with house.app_context(), transaction():
        if how != "role":
            keep_accounts.add_account(ADA, "Somebody Example", **WHO)
        keep_accounts.give_role(ADA, Role.ADMINISTRATOR, **WHO)
    try_in(browser, RIGHT)
    assert NO in browser.text


def test_a_letter_that_was_under_way_signs_nobody_in_who_was_let_go_and_came_back(house):
    with house.app_context(), transaction():
        letter = str(ask_for_letter(LEE, NOW))
    with house.app_context(), transaction():
        keep_accounts.end_account(LEE, **WHO)
        keep_accounts.add_account(LEE, "Somebody Example", **WHO)
    with house.app_context(), pytest.raises(LinkExpired), transaction():
        sign_in_by_link(letter, device="a phone", now=NOW)
