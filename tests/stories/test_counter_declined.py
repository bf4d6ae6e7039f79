"""The office says no to a time that a calendar program proposed: the program hears it, where it would understand."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.invitations import proposals
from eventsvc.domain.mail.models import Thread
from eventsvc.domain.outbox.models import Message
from eventsvc.ical.imip import Family
from eventsvc.workflows.answer_proposals import decline_proposal
from tests import letterbox
from tests.conftest import NOW
from tests.letterbox import a_reply, read

DAY = timedelta(days=1)


@pytest.fixture
def world(app: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    return letterbox.an_invited_person(monkeypatch)


@pytest.mark.parametrize("family", list(Family))
def test_a_program_that_proposed_a_time_hears_the_no_in_the_same_revision_but_for_microsofts(world, family):
    event = world.invitation.event
    times = {"starts": event.starts_at + DAY, "ends": event.ends_at + DAY}
    (row,) = read(a_reply(world.thread, "TENTATIVE", method="COUNTER", family=family, **times))
    assert row.reason == "proposed"
    (proposal,) = proposals.open_of_event(world.invitation.event_id, NOW)
    before = world.thread.sequence
    with transaction():
        decline_proposal(world.event, str(proposal.public_id), "The hall is painted", actor=ADMINISTRATOR, now=NOW)
    facts = db.session.scalars(select(Message.facts).where(Message.letter == "proposal_declined")).one()
    told = facts.get("calendar", {})
    expected = {} if family is Family.MICROSOFT else {"method": "DECLINECOUNTER", "sequence": before}
    assert {name: told[name] for name in expected} == expected
    assert bool(told) is bool(expected)
    assert (facts["reason"], facts["thread"]["id"]) == ("The hall is painted", world.thread.id)
    assert db.session.get_one(Thread, world.thread.id).sequence == before
