"""Rules change while reminders are planned and said, over real connections: the last word of the rules counts for all.

On PostgreSQL, where stories run side by side; SQLite has one writer at a time.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event
from eventsvc.domain.reminders.models import Audience, Reminder, ReminderState
from eventsvc.domain.reminders.saying import SaidRule
from eventsvc.workflows import keep_reminders, move_event, plan_event, remind
from eventsvc.workflows.keep_reminders import Whose
from tests import builders, databases
from tests.conftest import NOW
from tests.workflows.test_keep_reminders import planned_event

pytestmark = [
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("still"),
]
OLD, NEW = [SaidRule(minutes=45)], [SaidRule(minutes=90)]
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@contextmanager
def connected(app: Flask) -> Iterator[None]:
    """A thread's own connection."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()


def say(rules: list[SaidRule], audience: Audience = Audience.HOST) -> None:
    with transaction():
        keep_reminders.keep_rules(Whose(), audience, rules, **WHO)


def somebody_waits() -> bool:
    return db.session.scalar(text(databases.SOMEBODY_WAITS_FOR_ME)) is not None


def due() -> Counter[timedelta]:
    """How long before its event each planned reminder of an office in charge is due."""
    rows = select(Reminder).where(Reminder.state == ReminderState.PLANNED, Reminder.recipient == "office")
    return Counter(row.starts_at - row.due_at for row in db.session.scalars(rows))


def plans(number: int) -> Callable[[], None]:
    def plan() -> None:
        campus = db.session.scalars(select(Campus)).one()
        plan_event.plan_event(builders.a_plan(campus, when=builders.at(f"2027-03-{number:02}T14:00", 90)), **WHO)

    return plan


def moves(number: int) -> Callable[[], None]:
    def move() -> None:
        event = db.session.scalars(select(Event).order_by(Event.id)).first()
        assert event is not None
        to = move_event.Destination(time={"starts_local": builders.at(f"2027-04-{number:02}T10:00").starts_local})
        move_event.move_event(str(event.public_id), to, **WHO)

    return move


@pytest.mark.parametrize("act", [plans(10), moves(10)], ids=["a new event", "a moved event"])
def test_an_event_that_is_planned_while_rules_change_follows_the_new_ones(app, act):
    """Its planning has read the old rules, and is not committed when the new ones are said."""
    planned_event()
    say(OLD)
    remind.plan_waiting(NOW)
    planned, changed = threading.Event(), threading.Event()

    def change() -> None:
        with connected(app):
            planned.wait(timeout=30)
            say(NEW)
            changed.set()

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        with transaction():
            act()
            planned.set()
            while not changed.wait(timeout=0.05) and not somebody_waits():
                pass
        changing.result(timeout=30)
    remind.plan_waiting(NOW)
    assert due() == {timedelta(minutes=90): db.session.scalar(select(func.count()).select_from(Event))}
