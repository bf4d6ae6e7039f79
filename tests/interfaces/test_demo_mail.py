"""The demo's mail: two mails that wait for a decision, and buttons that answer a letter as a calendar program would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.smtp import InboxOnly
from eventsvc.interfaces.demo.mail import MAILBOX
from eventsvc.interfaces.services import services
from eventsvc.workflows.keep_promises import tick
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.interfaces.browser import Browser, words_of


@pytest.fixture
def house(database_url: str, still: time_machine.Coordinates) -> Iterator[Flask]:
    """A demo in which one person was asked, by a letter that has left."""
    app = create_app(databases.settings(database_url, DEMO=True, MAIL_IN_ADDRESS=MAILBOX))
    with app.app_context():
        with transaction():
            expert = builders.an_expert("pelican")
            plan = builders.a_plan(builders.a_campus("harbor"), experts=[expert])
            plan_event(plan, actor=ADMINISTRATOR, now=clock.now())
        tick(transport=InboxOnly(), links=services().links, sender=services().sender, clock=clock.now)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(("family", "word", "state"), [("google", "Yes", "accepted"), ("microsoft", "No", "declined")])
def test_a_letter_is_answered_as_a_calendar_program_would(house, family, word, state):
    with house.app_context():
        letter = db.session.scalars(select(Message).where(Message.letter == "invitation")).one()
    browser = Browser(house)
    browser.get(f"/outbox/{letter.public_id}")
    browser.submit(word, values={"family": family}, within="section:has(#l-answer)")
    assert "The mail came in and was read." in browser.text
    with house.app_context():
        mail = db.session.scalars(select(ReceivedMail)).one()
        assert (mail.state, mail.family, mail.door) == (MailState.APPLIED, family, "demo")
        assert str(mail.thread.invitation.state) == state
    browser.post(f"/demo/reply/{letter.public_id}", {"family": family, "word": "NEVER"})
    assert browser.status == 404
    assert words_of(browser.page.find("h1"))
