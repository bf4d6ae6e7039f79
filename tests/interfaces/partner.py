"""Somebody of a partner's office at a browser, and wishes that wait for it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.accounts.models import Account
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests.interfaces.browser import Browser


def somebody(app: Flask, role: Role, office: str) -> Browser:
    """A browser in which somebody with that role at that office is signed in; the same person each time."""
    with app.app_context(), transaction():
        email, now = f"{role}-{office}@example.edu", clock.now()
        account = db.session.scalar(select(Account).where(Account.email == email))
        if account is None:
            who = {"actor": ADMINISTRATOR, "now": now}
            account = keep_accounts.let_in(email, "Somebody", role=role, office=office, **who).account
        cookie = sessions.begin(account, device="", now=now)
    browser = Browser(app)
    browser.set_cookie(COOKIE, cookie)
    return browser
