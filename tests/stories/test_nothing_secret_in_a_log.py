"""A whole day at DEBUG level, with every logger listened to: no token, link, cookie, code, address or name."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.domain.mail.places import place_of
from eventsvc.interfaces import scheduler
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders, databases, private_calendars
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN, SECRET_KEY
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
ADA, TITLE = "ada.lovelace@example.edu", "A title that stays at home"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture(params=["text", "json"])
def house(request, database_url, still) -> Iterator[Flask]:
    app = create_app(
        databases.settings(database_url, LOG_FORMAT=request.param, LOG_LEVEL="DEBUG", PROPAGATE_EXCEPTIONS=False)
    )
    with app.app_context(), transaction():
        keep_accounts.add_account(ADA, "Ada Lovelace", **WHO)
        keep_accounts.give_role(ADA, Role.ADMINISTRATOR, **WHO)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def written(house: Flask) -> Iterator[io.StringIO]:
    """All that any logger says, as the service writes it; statements too, as SQLAlchemy logs them when asked."""
    stream = io.StringIO()
    (own,) = logging.getLogger("eventsvc").handlers
    listener = logging.StreamHandler(stream)
    listener.setFormatter(own.formatter)
    levels = {"": logging.DEBUG, "sqlalchemy.engine": logging.INFO}
    before = {name: logging.getLogger(name).level for name in levels}
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    for name in ("", "eventsvc"):
        logging.getLogger(name).addHandler(listener)
    yield stream
    for name in ("", "eventsvc"):
        logging.getLogger(name).removeHandler(listener)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_a_day_leaves_no_secret_and_no_name_in_the_log(house, written):
    world = pages.make(house)
    with house.app_context(), transaction():
        _, token = make_token(ADA, "a program", list(Scope), days=30, **WHO)
    browser, thief = Browser(house), Browser(house)
    ask(browser, ADA)
    code, link = newest_letter(house)
    thief.get(link)
    browser.submit("Sign in", values={"code": code})
    cookie = browser.cookie(COOKIE)
    browser.get("/plan")
    event = world.plan(builders.at("2027-02-20T10:00"), title=TITLE, experts=("expert-one",))
    answer = world.answer_path(event)
    client = house.test_client()
    client.get(answer)
    client.get(answer + "x")
    client.get(f"/calendars?q={ADA}&token={token}", headers={"Cookie": f"x={cookie}", "User-Agent": ADA})
    wrong = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "198.51.100.7"}
    client.post("/api/v1/events", json={"title": TITLE, "campus": ADA}, headers=wrong)
    client.post("/api/v1/events", data=f'{{"title": "{TITLE}', content_type="application/json", headers=wrong)
    client.get(f"/api/v1/events?cursor={token}", headers=wrong)
    client.get(f"/{token}/{ADA}", headers=wrong)
    calendar = private_calendars.make(house, "experts", "expert-one")
    turned = private_calendars.turn(house, calendar)
    assert [client.get(one.path).status_code for one in (calendar, turned)] == [404, 200]
    client.get(turned.path + "x", headers={"Referer": turned.path})
    house.config["SMTP_URL"] = "smtp://user:hunter2@127.0.0.1:1"
    scheduler.run_tick(house)
    browser.get("/account")
    browser.submit("Sign out everywhere")
    nothing_of(
        written, [ADA, "lovelace", TITLE, token, cookie, code, link.rpartition("/")[2], answer.rpartition("/")[2]]
    )
    nothing_of(written, [one.path.rpartition("/")[2].removesuffix(".ics") for one in (calendar, turned)])
    assert "POST /sign-in 200" in written.getvalue()


def test_mail_comes_in_and_leaves_no_sender_no_words_and_no_password_in_the_log(house, written, imap_server, tmp_path):
    """Good mail and bad, by relay and mailbox, with right and wrong passwords, and a server that is away."""
    mailbox, secret, to = imap_server.user(), "the relay's own secret", f"events+{'a' * 26}@calendar.example"
    raw = f"From: {ADA}\r\nTo: {to}\r\nSubject: {TITLE}\r\n\r\nNo: {TITLE}\r\n".encode()
    mailbox.put(raw, f"{ADA} says {TITLE}".encode())
    good = mailbox.url()
    wrong = good.replace("hunter2", "hunter2x")
    nobody = f"imap://{ADA.replace('@', '%40')}:hunter2@127.0.0.1:1/INBOX"
    for url in (good, wrong, nobody, f"maildir://{tmp_path}/{ADA}", good):
        made = house.extensions["eventsvc"]
        house.extensions["eventsvc"] = replace(made, mail_place=place_of(url), mail_in_secret=secret)
        assert scheduler.run_mail(house) is not None
        client = house.test_client()
        for offered in (secret, "guess", secret + TITLE):
            said = {"Authorization": f"Bearer {offered}", "X-Envelope-To": to}
            for body in (raw, raw + b"!", TITLE.encode()):
                client.post(f"/inbound/mail?to={ADA}", data=body, content_type="message/rfc822", headers=said)
        client.get("/readyz")
    with house.app_context():
        assert db.session.scalar(select(func.count(ReceivedMail.id))) == 2
        db.session.remove()
    nothing_of(written, [ADA, "lovelace", TITLE, to, secret, "guess", mailbox.name])
    for words in ("POST /inbound/mail 202", "POST /inbound/mail 401", "mail is not read: the server", "mail is read"):
        assert words in written.getvalue(), words


class Strange(Exception):
    """An error of some library."""


def test_what_breaks_is_logged_with_its_place_and_without_its_values(house, written):
    """Bugs quote what they stumbled over: numbers that are none, keys that are missing, rows that are there twice."""

    def number() -> str:
        return str(int(ADA))

    def key() -> str:
        return {}[TITLE]

    def twice() -> str:
        with transaction():
            known = db.session.scalars(select(Account)).one()
            db.session.add(Account(email=known.email, name=TITLE, language="en", created_at=clock.now()))
        return ""

    def type_of_column() -> str:
        db.session.execute(text("SELECT * FROM nothing_of_that_name WHERE x = :x"), {"x": ADA})
        return ""

    def chained() -> str:
        try:
            return number()
        except ValueError as error:
            raise Strange(f"{TITLE} for {ADA}") from error

    broken = (number, key, twice, type_of_column, chained)
    for view in broken:
        house.add_url_rule(f"/broken/{view.__name__}", endpoint=view.__name__, view_func=view)
    for view in broken:
        answer = house.test_client().get(f"/broken/{view.__name__}")
        assert answer.status_code == 500, view
        assert TITLE not in answer.text
    nothing_of(written, [ADA, "lovelace", TITLE])
    said = written.getvalue()
    for words in ("ValueError", "KeyError", "IntegrityError", "Strange", "in number", "in twice", "in chained"):
        assert words in said, words


def test_a_tick_that_fails_says_where_and_not_what(house, written, monkeypatch):
    def failing(**_: object) -> None:
        raise Strange(f"no letter to {ADA}: {TITLE}")

    monkeypatch.setattr(scheduler, "do_what_is_due", failing)
    assert scheduler.run_tick(house) is None
    nothing_of(written, [ADA, TITLE])
    assert "Strange" in written.getvalue()
    assert "in failing" in written.getvalue()


def nothing_of(written: io.StringIO, secrets: list[str]) -> None:
    """None of these, and none of the keys, in any line."""
    always = [ADMIN_TOKEN, SECRET_KEY, "hunter2", "127.0.0.1", "198.51.100.7", "ada.lovelace", "evt_"]
    for line in written.getvalue().splitlines():
        assert [secret for secret in [*secrets, *always] if secret.lower() in line.lower()] == [], line
