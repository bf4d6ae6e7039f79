"""How long the oldest that is due has waited: of every kind, and also while other rows of it are set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.attendance.models import Attendance
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders.models import Reminder, Replan
from eventsvc.domain.reminders.tries import Try, WorkKind
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery, WebhookTarget
from eventsvc.workflows import delivery_standing
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

HOUR = timedelta(hours=1)
KINDS = ("letters", "webhooks", "completion", "planning", "reminder", "step", "afterwards")


def make_due(at, *, is_set_aside):
    """Everything that can be due about one event is so at that instant."""
    plan = builders.a_plan(builders.a_campus(), experts=[builders.an_expert()])
    event = plan_event(plan, actor=ADMINISTRATOR, now=NOW - 9 * HOUR)
    event.status, event.starts_at, event.ends_at = Status.CONFIRMED, at - HOUR, at
    mine = Invitation.event_id == event.id
    invitation = db.session.scalars(select(Invitation).where(mine)).one()
    invitation.next_step_at = at
    for reminder in db.session.scalars(select(Reminder).where(Reminder.event_id == event.id)):
        reminder.due_at = at
    letter = db.session.scalars(select(Message).where(Message.event == str(event.public_id)).limit(1)).one()
    letter.next_attempt_at = at
    target = WebhookTarget(url="https://hear.example/", kinds=[], seal="x", created_at=NOW, turned_at=NOW)
    db.session.add_all([Replan(event_id=event.id, asked_at=at, turn=1), Attendance(event=event, due_at=at), target])
    db.session.flush()
    of_webhook = {"happened_at": at, "next_attempt_at": at, "give_up_at": NOW + timedelta(days=3)}
    delivery = WebhookDelivery(target_id=target.id, key="a", kind="x", body="{}", **of_webhook)
    db.session.add(delivery)
    if is_set_aside:
        letter.state, delivery.state = MessageState.SET_ASIDE, DeliveryState.SET_ASIDE
        for kind in WorkKind:
            row = invitation.id if kind in (WorkKind.STEP, WorkKind.UNDERSTUDY) else event.id
            db.session.add(Try(kind=kind, row=row, begun=5, free_at=NOW, reason="", set_aside_at=NOW))
    db.session.flush()


def ages(now):
    found = delivery_standing.oldest_due_by_kind(now)
    assert tuple(found) == KINDS
    assert delivery_standing.oldest_due(now) == max(filter(None, found.values()), default=None)
    return found


def test_what_is_late_counts_of_every_kind_while_another_row_of_it_is_set_aside(app):
    with transaction():
        make_due(NOW - 5 * HOUR, is_set_aside=True)
        make_due(NOW, is_set_aside=False)
    assert ages(NOW + HOUR) == dict.fromkeys(KINDS, HOUR)
    assert ages(NOW - HOUR) == dict.fromkeys(KINDS, None)


def test_what_was_set_aside_alone_is_not_late(app):
    with transaction():
        make_due(NOW - 5 * HOUR, is_set_aside=True)
    assert ages(NOW) == dict.fromkeys(KINDS, None)
    stands = delivery_standing.standing(ADMINISTRATOR, NOW)
    title = db.session.scalars(select(Event.title)).one()
    assert [(str(one.attempt.kind), one.title) for one in stands.set_aside] == [
        (str(kind), title) for kind in sorted(WorkKind)
    ]
    assert [number for _, number in stands.webhooks_set_aside] == [1]


@pytest.mark.parametrize(
    ("target", "age"),
    [
        ({}, 2 * HOUR),
        ({"resting_until": NOW + HOUR}, HOUR),  # it could not have been sent before
        ({"resting_until": NOW + 3 * HOUR}, None),
        ({"off_because": "by_hand"}, None),
    ],
    ids=["awake", "it has rested", "it rests", "off"],
)
def test_a_webhook_counts_from_when_it_could_have_been_sent(app, target, age):
    with transaction():
        make_due(NOW, is_set_aside=False)
        for name, value in target.items():
            setattr(db.session.scalars(select(WebhookTarget)).one(), name, value)
    assert ages(NOW + 2 * HOUR)["webhooks"] == age
