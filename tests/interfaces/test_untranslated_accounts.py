"""The pages of signing in and of one's account in a language without Latin letters."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.models import SignIn
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts
from tests import pseudo
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.interfaces.test_untranslated import Reader, greek, in_pseudo, pressed, reader

__all__ = ["greek", "in_pseudo", "reader"]
EMAIL = "1@2.3"  # without a letter: a Latin one would look untranslated
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def newest(app: Flask) -> tuple[str, str]:
    """Code and path of the newest letter that signs in."""
    with app.app_context():
        row = db.session.scalars(select(SignIn).order_by(SignIn.id.desc())).first()
        links, key = services().links, str(row.public_id)
        return links.sign_in_code(key), links.sign_in(key, row.expires_at).removeprefix(links.public_url)


def test_every_page_of_signing_in_and_of_an_account(greek, reader: Reader):
    with greek.app.app_context(), transaction():
        keep_accounts.add_account(EMAIL, "Άλφα", **WHO)
        keep_accounts.give_role(EMAIL, Role.COORDINATOR, office="office", **WHO)
        keep_accounts.give_role(EMAIL, Role.PARTNER, organization="port", **WHO)
    browser = Browser(greek.app)
    browser.get("/sign-in")
    pressed(browser, "Send me the letter", values={"email": EMAIL})
    reader.look(browser, "code")
    pressed(browser, "Sign in", values={"code": "000"})
    reader.look(browser, "wrong code")
    code, link = newest(greek.app)
    phone = Browser(greek.app)
    reader.read(phone, link, about="link")
    pressed(phone, "Sign in")
    reader.read(phone, link, about="used link")
    pressed(browser, "Sign in", values={"code": code})
    reader.look(browser, "used code")
    reader.read(phone, "/account")
    pressed(phone, "Make a token", values={"name": "", "days": "0"})
    reader.look(phone, "no token")
    pressed(
        phone, "Make a token", values={"name": "Σελίδα", "days": "30", "scopes": ["read", "book", "answer", "manage"]}
    )
    secret = phone.page.select_one("#secret")
    assert secret.get("translate") == "no"
    reader.read(phone, "/account", about="with a token")
    reader.read(phone, "/offices/office/calendars")
    pressed(phone, "Make the address", values={"made_for": ""})
    reader.look(phone, "no address made")
    pressed(phone, "Make the address", values={"made_for": "ω"})
    reader.look(phone, "an address")
    reader.read(phone, "/offices/office/calendars", about="with an address")
    reader.read(phone, "/offices/office/webhooks")
    pressed(phone, "Make the webhook", values={"url": "https://8.8.8.8/", "note": "ω"})
    reader.look(phone, "no webhook made")
    wish = {"url": "https://8.8.8.8/", "note": "ω", "kinds": ["event.moved", "reminder.due"]}
    pressed(phone, "Make the webhook", values=wish)
    reader.look(phone, "a webhook")
    pressed(phone, "Save the changes", values={"url": "https://10.0.0.1/"})
    reader.look(phone, "a webhook that was not changed")
    pressed(phone, "Save the changes", values={"url": "https://8.8.4.4/"})
    reader.look(phone, "a webhook that was changed")
    pressed(phone, "Send a test")
    reader.look(phone, "a webhook with a test")
    pressed(phone, "Switch it off")
    reader.look(phone, "a webhook that is off")
    reader.read(phone, "/offices/office/webhooks", about="with a webhook")
    reader.read(phone, "/webhooks", about="not allowed")
    reader.read(phone, "/outbox", about="not allowed")
    for page in ("/account/letters", "/offices/office/letters"):
        reader.read(phone, page)
        pressed(phone, "Keep this", values={"channel": "both"})
        reader.look(phone, "chosen")
    reader.read(phone, "/offices/office/monday")
    pressed(phone, "Do not send it to the office any more")
    reader.look(phone, "switched off")
    reader.read(phone, "/absences")
    reader.read(phone, "/missing")
    reader.read(phone, "/hand-over")
    pressed(phone, "Show what would happen", values={"taker": "ζ@ζ.ελ"})
    reader.look(phone, "no colleague")
    with greek.app.app_context(), transaction():
        keep_accounts.add_account("4@5.6", "Βήτα", **WHO)
        keep_accounts.give_role("4@5.6", Role.COORDINATOR, office="office", **WHO)
        keep_accounts.give_role("4@5.6", Role.PARTNER, organization="port", **WHO)
    days = {"from": "2027-01-11", "until": "2027-01-12"}
    phone.get("/absences")
    pressed(phone, "Note it", values={**days, "cover": EMAIL})
    reader.look(phone, "no cover")
    pressed(phone, "Note it", values={**days, "cover": "4@5.6"})
    reader.look(phone, "away")
    phone.post("/absences", {"act": "leave", "expert": "expert-one", "leave_from": "2027-01-15"})
    reader.look(phone, "no leave")
    leave = {"act": "leave", "leave_from": "2027-01-15", "leave_until": "2027-01-16", "leave_cover": ""}
    phone.post("/absences", {**leave, "expert": "expert-one"})
    reader.look(phone, "leave")
    reader.read(phone, "/experts/expert-one/week", about="with leave")
    phone.get("/hand-over")
    pressed(phone, "Show what would happen", values={"taker": "4@5.6"})
    reader.look(phone, "what would happen")
    reader.read(phone, "/home")
    reader.read(phone, "/door/cut-o", about="no door")
    reader.read(phone, "/people")
    reader.read(phone, "/people?q=ζ", about="nobody")
    pressed(phone, "Let in, and send the letter", values={"email": "ω", "role": "", "place": ""})
    reader.look(phone, "nobody let in")
    reader.read(phone, phone.get("/people").select_one(".people h2 a")["href"])
    pressed(phone, "End this account")
    reader.look(phone, "own account")
    assert reader.found == {}
    assert {
        "pages.account",
        "pages.own_letters",
        "pages.office_letters",
        "pages.private_calendar",
        "pages.private_calendars",
        "pages.webhook",
        "pages.webhooks",
        "guests.door",
        "pages.home",
        "pages.people",
        "pages.person",
        "pages.sign_in_code",
        "pages.sign_in_link",
    } <= reader.seen
    assert pseudo.disguised("Sign out everywhere") in phone.get("/account").get_text()
