"""The page that tells everybody what is kept of people."""

from __future__ import annotations

from eventsvc import create_app
from eventsvc.core.db import db
from tests import databases
from tests.interfaces.browser import Browser


def test_its_terms_are_those_that_the_scheduler_keeps_and_it_says_whom_to_ask(database_url):
    settings = databases.settings(
        database_url, RETENTION_DAYS={"experts": 17, "accounts": 1}, MAIL_FROM="Career events <ask@pcc.example>"
    )
    app = create_app(settings)
    visitor = Browser(app)
    page = visitor.get("/privacy-notice")
    assert visitor.status == 200
    assert "It is kept for 17 days more." in visitor.text
    assert "It is kept for 1 day more." in visitor.text
    assert page.select_one('main a[href="mailto:ask@pcc.example"]').text == "ask@pcc.example"
    assert visitor.set_cookies == []
    with app.app_context():
        db.engine.dispose()


def test_every_page_leads_to_it(visitor):
    page = visitor.get("/")
    assert page.select_one('footer a[href="/privacy-notice"]').text == "What is kept of people"
