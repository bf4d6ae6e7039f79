"""Signing in by a letter: its link and its code, each once, and every way in which they must not work."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, sessions, signing_in
from eventsvc.domain.accounts.models import Session
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import Browser

pytestmark = pytest.mark.usefixtures("still")
ADA = "ada@example.edu"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """A service with a campus, and one administrator who signs in by letter."""
    with bare_app.app_context(), transaction():
        keep_accounts.add_account("Ada@Example.edu ", "Ada Example", **WHO)
        keep_accounts.give_role(ADA, Role.ADMINISTRATOR, **WHO)
        builders.a_campus("harbor")
    return bare_app


@pytest.fixture
def browser(house: Flask) -> Browser:
    return Browser(house)


def ask(browser: Browser, email: str = ADA, following: str = "") -> None:
    browser.get(f"/sign-in?next={following}" if following else "/sign-in")
    browser.submit("Send me the letter", values={"email": email})


def sent(app: Flask) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(select(Message).where(Message.letter == "sign_in").order_by(Message.id)))


def newest_letter(app: Flask) -> tuple[str, str]:
    """The code and the path of the link in the newest letter."""
    with app.app_context():
        _, text = letters.render_text(sent(app)[-1], services().links)
    code = re.search(r"^\d{6}$", text, re.MULTILINE).group()
    return code, re.search(r"https?://[^/\s]+(/sign-in/\S+)", text).group(1)


def is_planner(browser: Browser) -> bool:
    browser.get("/plan")
    return browser.status == 200 and browser.path.startswith("/plan")


def test_the_code_of_the_letter_signs_in_where_it_was_asked_for_and_leads_on(house, browser):
    ask(browser, following="/plan")
    assert "If ada@example.edu may sign in here" in browser.text
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": f" {code[:3]} {code[3:]} "})
    assert browser.path == "/plan"
    with house.app_context():
        signed = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "sign_in")).one()
        assert signed.actor.startswith("account ")


def test_the_link_shows_a_button_however_often_it_is_opened_and_works_once(house, browser):
    ask(browser)
    _, link = newest_letter(house)
    phone = Browser(house)
    for _ in range(3):
        phone.get(link)
        assert "Sign in as Ada Example?" in phone.text
    assert not is_planner(phone)
    phone.get(link)
    phone.submit("Sign in")
    assert phone.path == "/home"
    assert is_planner(phone)
    another = Browser(house)
    another.get(link)
    assert another.status == 410
    assert "was used already" in another.text
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": code})
    assert (browser.status, is_planner(browser)) == (410, False)


def test_nobody_learns_who_has_an_account(house, browser):
    ask(browser)
    known = browser.text.replace(ADA, "…")
    ask(browser, "nobody@example.edu")
    assert browser.text.replace("nobody@example.edu", "…") == known
    assert len(sent(house)) == 1
    browser.submit("Sign in", values={"code": "000000"})
    assert browser.status == 410


def test_five_wrong_codes_end_a_letter(house, browser):
    ask(browser)
    code, _ = newest_letter(house)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(signing_in.MOST_WRONG_CODES):
        browser.submit("Sign in", values={"code": wrong})
        assert browser.status == 401
    browser.submit("Sign in", values={"code": code})
    assert browser.status == 410


def test_a_code_counts_only_in_the_browser_that_asked(house, browser):
    ask(browser)
    code, _ = newest_letter(house)
    thief = Browser(house)
    ask(thief, "nobody@example.edu")
    thief.submit("Sign in", values={"code": code})
    assert not is_planner(thief)


def test_a_letter_is_over_after_fifteen_minutes(house, browser, still):
    ask(browser)
    code, link = newest_letter(house)
    still.shift(signing_in.LASTS)
    browser.submit("Sign in", values={"code": code})
    assert browser.status == 410
    browser.get(link)
    assert browser.status == 410


def test_no_more_than_five_letters_an_hour(house, browser, still):
    for _ in range(signing_in.MOST_LETTERS + 2):
        ask(browser)
    assert len(sent(house)) == signing_in.MOST_LETTERS
    still.shift(timedelta(hours=1))
    ask(browser)
    assert len(sent(house)) == signing_in.MOST_LETTERS + 1


def test_what_was_typed_before_signing_in_is_shown_again(house, browser):
    browser.get("/sign-in")
    browser.post("/plan", {"campus": "harbor", "title": "Careers by letter", "act": "plan"})
    assert "What you typed is kept" in browser.text
    browser.submit("Send me the letter", values={"email": ADA})
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": code})
    assert browser.page.select_one("input[name=title]")["value"] == "Careers by letter"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_by_letter_leads_to_our_own_pages_only(house, browser, place):
    ask(browser, following=place)
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": code, "next": place})
    assert browser.path == "/home"


# --- sessions ------------------------------------------------------------------------------------------------------


def signed_in(house: Flask, browser: Browser) -> str:
    ask(browser)
    code, _ = newest_letter(house)
    browser.submit("Sign in", values={"code": code})
    assert is_planner(browser)
    return browser.cookie(COOKIE)


def test_the_cookie_is_for_our_server_alone(house, browser):
    signed_in(house, browser)
    cookie = next(one for one in browser.set_cookies if one.startswith(COOKIE))
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_an_idle_session_ends_and_a_busy_one_ends_at_last(house, browser, still):
    signed_in(house, browser)
    still.shift(sessions.IDLE - timedelta(minutes=1))
    assert is_planner(browser)
    still.shift(sessions.IDLE)
    assert not is_planner(browser)
    signed_in(house, browser)
    for _ in range(40):
        still.shift(sessions.LONGEST / 40)
        last = is_planner(browser)
    assert not last


def test_the_cookie_turns_and_the_one_before_is_good_for_a_moment(house, browser, still):
    before = signed_in(house, browser)
    still.shift(sessions.TURNS_AFTER)
    assert is_planner(browser)
    after = browser.cookie(COOKIE)
    assert after != before
    thief = Browser(house)
    thief.set_cookie(COOKIE, before)
    assert is_planner(thief)
    still.shift(sessions.GRACE)
    assert not is_planner(thief)
    assert is_planner(browser)


def test_a_stolen_session_is_dead_after_signing_out_everywhere(house, browser):
    stolen = Browser(house)
    stolen.set_cookie(COOKIE, signed_in(house, browser))
    assert is_planner(stolen)
    browser.get("/account")
    assert len(browser.page.select(".sessions li")) == 1
    browser.submit("Sign out everywhere")
    assert (is_planner(browser), is_planner(stolen)) == (False, False)


def test_one_of_ones_sessions_is_signed_out_and_nobody_elses(house, browser):
    signed_in(house, browser)
    other = Browser(house)
    signed_in(house, other)
    browser.get("/account")
    here, there = (one for one in browser.page.select(".sessions li"))
    assert ("This browser" in here.text) is not ("This browser" in there.text)
    browser.submit("Sign out there")
    assert is_planner(browser)
    assert not is_planner(other)
    with house.app_context(), transaction():
        keep_accounts.add_account("bo@example.edu", "Bo Example", **WHO)
        keep_accounts.give_role("bo@example.edu", Role.ADMINISTRATOR, **WHO)
        mine = str(db.session.scalar(select(Session.public_id).where(Session.ended_at.is_(None))))
    ask(other, "bo@example.edu")
    code, _ = newest_letter(house)
    other.submit("Sign in", values={"code": code})
    other.get("/account")
    other.post(f"/account/sessions/{mine}/end", {})
    assert other.status == 404
    assert is_planner(browser)


def test_signing_in_again_ends_what_was_there(house, browser):
    first = signed_in(house, browser)
    signed_in(house, browser)
    thief = Browser(house)
    thief.set_cookie(COOKIE, first)
    assert not is_planner(thief)
    browser.get("/")
    browser.submit("Sign out")
    assert not is_planner(browser)
    with house.app_context():
        assert db.session.scalar(select(func.count()).where(Session.ended_at.is_(None))) == 0


def another_administrator() -> None:
    """The last one stays."""
    keep_accounts.add_account("bob@example.edu", "Bob Example", **WHO)
    keep_accounts.give_role("bob@example.edu", Role.ADMINISTRATOR, **WHO)


def test_who_was_let_go_is_signed_out_at_once_and_gets_no_letter(house, browser):
    signed_in(house, browser)
    ask(Browser(house))
    _, link = newest_letter(house)
    with house.app_context(), transaction():
        another_administrator()
        keep_accounts.end_account(ADA, **WHO)
    assert not is_planner(browser)
    late = Browser(house)
    late.get(link)
    assert late.status == 410
    before = len(sent(house))
    ask(browser)
    assert len(sent(house)) == before


def test_a_role_counts_no_more_once_it_is_taken(house, browser):
    signed_in(house, browser)
    with house.app_context(), transaction():
        another_administrator()
        keep_accounts.take_role(ADA, Role.ADMINISTRATOR, **WHO)
    assert not is_planner(browser)


def test_a_session_is_no_key_to_the_api(house, browser):
    signed_in(house, browser)
    browser.get("/api/v1/events?status=declined")
    assert browser.status == 401


def test_whoever_runs_the_service_sees_that_a_letter_was_sent_and_not_its_keys(house, browser):
    ask(browser)
    code, link = newest_letter(house)
    administrator = Browser(house)
    administrator.sign_in()
    with house.app_context():
        letter = sent(house)[-1].public_id
    administrator.get(f"/outbox/{letter}")
    assert "Only the person to whom it is written may read it." in administrator.text
    assert code not in administrator.response.get_data(as_text=True)
    assert link not in administrator.response.get_data(as_text=True)
    administrator.get(f"/outbox/{letter}/html")
    assert administrator.status == 404
