"""How long mail is kept, whose it is when a person asks or is erased, and what leaves of it in files."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts, keep_holds, mail_sheets, record_sheets
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.export_person import export_person
from eventsvc.workflows.keep_retention import end_old_records
from eventsvc.workflows.office_log import OfOffice
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.received import WORDS, a_mail, invitation_of

WHO = {"actor": ADMINISTRATOR, "now": NOW}
ONE, TWO = "expert-one@port.example", "expert-two@port.example"


@pytest.fixture
def world(app):
    """Two people who were asked; a mail of each, one from nobody known, and one that names the first."""
    with transaction():
        campus = builders.a_campus("harbor")
        experts = [builders.an_expert(f"expert-{name}") for name in ("one", "two")]
        event = plan_event(builders.a_plan(campus, experts=experts), **WHO)
        asked = {name: invitation_of(event, f"expert-{name}") for name in ("one", "two")}
        mails = {name: a_mail(one) for name, one in asked.items()}
        mails["stray"] = a_mail()
        mails["stray"].from_address = ONE
        mails["naming"] = a_mail(asked["two"], words=f"Ask {ONE} instead.")
        lee = keep_accounts.add_account("lee@college.example", "Lee Example", **WHO)
        keep_accounts.give_role("lee@college.example", Role.COORDINATOR, office=event.owner.slug, **WHO)
        mails["two"].settled_by_id, mails["two"].state = lee.id, MailState.SETTLED
        of = OfOffice(event.owner_id, event.owner.organization_id, event.owner.mailbox)
        return SimpleNamespace(event=str(event.public_id), of=of, **{name: mail.id for name, mail in mails.items()})


def kept(world: SimpleNamespace, *names: str) -> list[bool]:
    db.session.expire_all()
    rows = [db.session.get_one(ReceivedMail, getattr(world, name)) for name in names]
    return [bool(row.raw or row.facts or row.from_address or row.subject) for row in rows]


EVERY = ("one", "two", "stray", "naming")


def test_a_mail_ends_after_180_days_and_that_it_came_stays(world):
    end_old_records({}, NOW + timedelta(days=180))
    assert kept(world, *EVERY) == [True] * 4
    assert end_old_records({}, NOW + timedelta(days=181))["mail"] == 4
    assert kept(world, *EVERY) == [False] * 4
    row = db.session.get_one(ReceivedMail, world.one)
    assert (row.event, row.family, row.reason, row.state) == (world.event, "google", "needs-check", MailState.REVIEW)
    assert "mail" not in end_old_records({}, NOW + timedelta(days=182))


def test_a_legal_hold_on_a_person_keeps_her_mail_and_no_other(world):
    with transaction():
        keep_holds.place_hold(reason="They asked for it.", email=ONE, **WHO)
        db.session.get_one(ReceivedMail, world.two).event = ""
    end_old_records({}, NOW + timedelta(days=181))
    assert kept(world, "one", "two", "stray") == [True, False, True]


def test_who_asks_what_is_known_of_her_gets_the_words_of_her_mail(world):
    with transaction():
        found = export_person(ONE, purpose="They asked for it.", links=services().links, **WHO).document
    mails = found["records"]["received_mails"]
    assert {one["id"] for one in mails} == {world.one, world.stray}
    assert mails[0]["facts"]["words"] == WORDS
    assert WORDS in mails[0]["raw"]
    assert [one["columns"] for one in found["mentions"] if one["table"] == "received_mails"] == [["facts"]]


def test_who_is_erased_leaves_no_mail_and_no_name_in_that_of_others(world):
    with transaction():
        erased = erase_person(ONE, **WHO)
    assert erased.rows["received_mails"] == 3
    assert kept(world, "one", "stray", "two", "naming") == [False, False, True, True]
    naming = db.session.get_one(ReceivedMail, world.naming)
    assert (naming.raw, naming.facts["words"]) == (None, "Ask [erased] instead.")
    assert db.session.get_one(ReceivedMail, world.two).raw is not None


def test_who_decided_about_a_mail_is_not_whose_it_is(world):
    with transaction():
        erase_person("lee@college.example", **WHO)
    assert kept(world, "two") == [True]


def test_an_office_and_a_public_records_request_take_out_what_was_read(world):
    (sheet,) = mail_sheets.SHEETS
    rows = list(sheet.rows(world.of))
    assert [(row[0], row[2], row[9]) for row in rows] == [
        (world.event, "expert-one", WORDS),
        (world.event, "expert-two", WORDS),
        (world.event, "expert-two", f"Ask {ONE} instead."),
    ]
    (sheet,) = (one for one in record_sheets.SHEETS if one.name == "mail")
    day = NOW.date()
    assert len(list(sheet.rows(record_sheets.request_of(day, day)))) == 4
    assert len(list(sheet.rows(record_sheets.request_of(day, day, email=ONE)))) == 2
    assert list(sheet.rows(record_sheets.request_of(day - timedelta(days=2), day - timedelta(days=1)))) == []
    assert get_event(world.event).experts[0].email == ONE
    assert db.session.scalars(select(ReceivedMail)).first() is not None
