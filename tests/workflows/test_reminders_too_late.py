"""A reminder that could not leave before its event began is never sent: it was missed, and says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.events.schedule import When
from eventsvc.domain.mail.threads import name_addresses
from eventsvc.domain.outbox import timely
from eventsvc.domain.outbox.deliver import Delivered, deliver_due
from eventsvc.domain.outbox.smtp import InboxOnly, NoServer, PutOff
from eventsvc.domain.reminders.models import Audience, Reason, Reminder, ReminderState
from eventsvc.workflows import remind, reminders_too_late
from tests.domain.outbox.test_letters import LINKS, SENDER
from tests.workflows.test_keep_reminders import DAY, HOUR, START, event_id, keep, letters, minutes, planned_event

__all__ = ["event_id"]
SECOND = timedelta(seconds=1)
BEFORE = timedelta(minutes=100)  # no rule that is there says so
MISSED, POSTED = (ReminderState.MISSED, Reason.TOO_LATE), (ReminderState.POSTED, None)


class Mailbox(InboxOnly):
    """Notes what arrives; `away` is what it raises instead."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.texts: list[str] = []
        self.away: Exception | None = None

    def send(self, mail, *, bounces_to=""):
        if self.away:
            raise self.away
        self.subjects.append(str(mail["Subject"]))
        self.texts.append(mail.get_body(("plain",)).get_content())


def deliver(mailbox: Mailbox, *instants: datetime) -> Delivered:
    """One round; the clock says each of the instants once, and stays at the last."""
    left = list(instants)
    return deliver_due(
        mailbox,
        LINKS,
        SENDER,
        lambda: left.pop(0) if len(left) > 1 else left[0],
        name_addresses,
        note_late=reminders_too_late.note,
    )


def fates(due_before: timedelta) -> list[tuple[ReminderState, Reason | None]]:
    db.session.rollback()
    rows = db.session.scalars(select(Reminder).where(Reminder.recipient == "expert:ada").order_by(Reminder.id))
    return [(row.state, row.reason) for row in rows if row.starts_at - row.due_at == due_before]


@pytest.fixture
def owed(event_id) -> str:
    """A reminder was owed when it was due, and has not left; all before it has."""
    keep(Audience.EXPERT, [minutes(100)], event=event_id)
    deliver(Mailbox(), START - DAY)
    remind.post_due_reminders(START - BEFORE)
    return event_id


@pytest.mark.parametrize("why", [NoServer("gone"), PutOff("450 later")])
@pytest.mark.parametrize(
    ("back_at", "arrives", "fate"),
    [(START - SECOND, 1, POSTED), (START, 0, MISSED), (START + 3 * HOUR, 0, MISSED)],
)
def test_after_a_mail_server_was_away_it_leaves_until_the_start_and_never_after(owed, why, back_at, arrives, fate):
    mailbox = Mailbox()
    mailbox.away = why
    deliver(mailbox, START - BEFORE)
    mailbox.away = None
    deliver(mailbox, back_at)
    deliver(mailbox, START + DAY)
    assert sum(subject.startswith("Reminder") for subject in mailbox.subjects) == arrives
    assert fates(BEFORE) == [fate]
    assert (letters()[-1].error == timely.TOO_LATE) == (not arrives)


def test_one_whose_event_begins_while_others_of_its_batch_leave_does_not(owed):
    mailbox = Mailbox()
    deliver(mailbox, START - SECOND, START - SECOND, START)
    assert mailbox.subjects == []
    assert fates(BEFORE) == [MISSED]


def test_one_that_may_have_arrived_or_has_reached_somebody_was_not_missed(owed):
    with transaction():
        letter = letters()[-1]
        letter.setbacks = 1  # a process died over it
    mailbox = Mailbox()
    deliver(mailbox, START)
    assert mailbox.subjects == []
    assert fates(BEFORE) == [POSTED]


def test_a_reminder_of_an_all_day_event_helps_until_its_morning(app):
    event = planned_event(when=When(all_day=True, starts_on=date(2027, 2, 10)))
    keep(Audience.EXPERT, [minutes(60)], event=event)
    deliver(Mailbox(), START - 2 * DAY)
    nine = START - 5 * HOUR
    remind.post_due_reminders(nine - HOUR)
    mailbox = Mailbox()
    deliver(mailbox, nine - SECOND)
    assert [subject for subject in mailbox.subjects if subject.startswith("Reminder")] != []
