"""Setting up a college in a language without Latin letters."""

from __future__ import annotations

from sqlalchemy import update

from eventsvc.core.db import db, transaction
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.web.setup_page import PAGES
from tests import pseudo
from tests.interfaces.browser import Browser
from tests.interfaces.test_untranslated import Reader, greek, in_pseudo, pressed, reader

__all__ = ["greek", "in_pseudo", "reader"]


def test_every_page_of_setting_up(greek, reader: Reader):
    browser = Browser(greek.app)
    browser.get("/sign-in")
    pressed(browser, "Sign in", values={"token": "the administrator's token in tests"})
    reader.read(browser, "/setup")
    reader.read(browser, "/setup/new")
    pressed(browser, "Save and go on", values={"college": "Κολέγιο", "mailbox": ""})
    reader.look(browser, "refused")
    for step in PAGES:
        reader.read(browser, f"/setup/college/{step}", about=step)
    reader.read(browser, "/setup/college/sender")
    pressed(browser, "Send a test letter", values={"to": "a@b.example"})
    reader.look(browser, "waits")
    with greek.app.app_context(), transaction():
        db.session.execute(update(Message).where(Message.letter == "test_letter").values(state=MessageState.FAILED))
    reader.read(browser, "/setup/college/sender", about="failed")
    reader.read(browser, "/setup/college/colleague")
    pressed(browser, "Let them in", values={"person_name": "", "person_email": "a"})
    reader.look(browser, "nobody")
    pressed(browser, "Leave it and go on", values={"note": "Αύριο"})
    reader.read(browser, "/setup/college")
    reader.read(browser, "/setup/college/ready")
    reader.read(browser, "/setup/nowhere/ready")
    assert reader.found == {}
    assert {"pages.set_up_colleges", "pages.set_up_new", "pages.set_up_college", "pages.set_up_ready"} <= reader.seen
    assert pseudo.disguised("What is still missing") in browser.get("/setup/college").get_text()


def test_the_welcome_to_an_empty_service(bare_app, still, in_pseudo, reader: Reader):
    reader.read(Browser(bare_app), "/")
    bare_app.config["EVENTSVC_ADMIN_TOKEN"] = ""
    assert reader.found == {}
