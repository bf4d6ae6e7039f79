"""What becomes of mails that came in: answers, proposals, words, bounces, and what somebody has to look at."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.domain.mail.models import MailState
from tests import letterbox
from tests.letterbox import a_reply, read
from tests.stories.test_replies import make_world

DAY = timedelta(days=1)


@pytest.fixture
def world(app: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    letterbox.read_what_was_put_in(monkeypatch)
    with transaction():
        made = make_world()
        made.thread = letterbox.a_thread(made.invitation)
    return made


def became(row) -> tuple[MailState, str]:
    return row.state, row.reason


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACCEPTED", InvitationState.ACCEPTED),
        ("TENTATIVE", InvitationState.TENTATIVE),
        ("DECLINED", InvitationState.DECLINED),
    ],
)
def test_a_button_of_a_calendar_program_is_an_answer(world, word, state):
    (row,) = read(a_reply(world.thread, word, comment="See you\x00 there"))
    assert became(row) == (MailState.APPLIED, "answered")
    assert (row.event, row.thread_id) == (world.event, world.thread.id)
    db.session.refresh(world.invitation)
    assert world.invitation.state is state
    assert world.invitation.answers[-1].reason == "See you there"
    by = db.session.scalars(select(AuditEntry.actor).where(AuditEntry.subject == str(world.invitation.public_id)))
    assert "invited person, by mail" in by.all()
