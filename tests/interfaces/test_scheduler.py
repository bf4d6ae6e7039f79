"""The heartbeat: what came due while nobody ticked is done at the start, and a failing tick ends nothing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Event

from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders.models import Reason, Reminder, ReminderState
from eventsvc.interfaces import scheduler
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.post_office import open_post_office

# The scheduler's own threads read the real clock.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WOKEN = NOW + timedelta(hours=3)


def test_a_letter_that_waited_leaves_when_the_scheduler_starts(database_url):
    with open_post_office() as office:
        app = create_app(databases.settings(database_url, SMTP_URL=office.url, TICK_SECONDS=3600))
        with app.app_context(), transaction():
            post.post("confirmed", key="waits", to_address="one@port.example", facts=LETTERS["confirmed"], now=LONG_AGO)
        running = scheduler.in_background(app)
        try:
            assert office.arrived.wait(timeout=20)
        finally:
            running.shutdown(wait=True)
    assert office.recipients == ["one@port.example"]
    with app.app_context():
        db.engine.dispose()


def test_every_job_survives_lateness_and_never_piles_up(bare_app):
    running = scheduler.in_background(bare_app)
    try:
        job = running.get_job("tick")
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    finally:
        running.shutdown(wait=True)


def test_a_tick_that_fails_is_logged_and_the_next_one_works(tmp_path, caplog):
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/nothing-here.sqlite3"))
    logging.getLogger("eventsvc").propagate = True
    assert scheduler.run_tick(app) is None
    assert "a tick failed" in caplog.text
    databases.upgrade(f"sqlite:///{tmp_path}/nothing-here.sqlite3")
    assert scheduler.run_tick(app) is not None
    with app.app_context():
        db.engine.dispose()


def test_without_a_mail_server_letters_wait(app):
    with transaction():
        post.post("confirmed", key="waits", to_address="one@port.example", facts=LETTERS["confirmed"], now=LONG_AGO)
    kept = scheduler.run_tick(app)
    assert kept is not None
    assert kept.delivered is None
    assert post.counts() == {"queued": 1}


def confirmed_event(slug: str, starts_at: datetime) -> None:
    """Confirmed an hour before NOW: of its expert's reminders the one two hours before the start is still ahead."""
    then = NOW - timedelta(hours=1)
    with transaction():
        expert = builders.an_expert(slug, email=f"{slug}@port.example")
        when = builders.at(f"{to_wall(starts_at, builders.PACIFIC):%Y-%m-%dT%H:%M}")
        event = plan_event(
            builders.a_plan(builders.a_campus(), experts=[expert], when=when), actor=ADMINISTRATOR, now=then
        )
        invitation = db.session.scalars(select(Invitation).where(Invitation.event_id == event.id)).one()
        answer_invitation(str(invitation.public_id), AnswerWord.ACCEPT, turn=invitation.turn, now=then)
        confirm_as_host(str(event.public_id), actor=ADMINISTRATOR, now=then)


def fates(slug: str) -> list[tuple[ReminderState, Reason | None]]:
    found = db.session.scalars(select(Reminder).where(Reminder.recipient == f"expert:{slug}"))
    return [(one.state, one.reason) for one in found]


def reminded(slug: str) -> list[MessageState]:
    mine = Message.to_address == f"{slug}@port.example", Message.letter == "reminder"
    return list(db.session.scalars(select(Message.state).where(*mine)))


def test_after_three_hours_asleep_everything_due_is_said_or_noted_why_not_and_once(database_url, still):
    """The machine slept: the library finds its job three hours late, and by its own default would drop it."""
    letters = {f"late-{number}@port.example" for number in range(60)}
    ticks: list[datetime] = []
    first, waits = Event(), Event()

    def noted(app, transport, delivery):
        kept = scheduler.run_tick(app, transport, delivery)
        ticks.append(datetime.now(UTC))
        first.set()
        if ticks[-1] >= WOKEN:
            waits.set()
        return kept

    with open_post_office() as office:
        app = create_app(databases.settings(database_url, SMTP_URL=office.url, CHANGES_WAIT_MINUTES=0))
        with app.app_context():
            confirmed_event("has-begun", NOW + timedelta(minutes=150))  # its reminder is due in half an hour
            confirmed_event("is-ahead", NOW + timedelta(hours=4))
            assert fates("has-begun") == fates("is-ahead") == [(ReminderState.PLANNED, None)]
            with transaction():
                for number, address in enumerate(sorted(letters)):
                    due_at = NOW + timedelta(minutes=3 * number)
                    facts = LETTERS["confirmed"]
                    post.post("confirmed", key=address, to_address=address, facts=facts, now=NOW, not_before=due_at)
        running = scheduler.in_background(app, noted)
        try:
            assert first.wait(timeout=20)
            still.move_to(WOKEN)
            assert waits.wait(timeout=20)
            office.wait_until(lambda: letters <= set(office.recipients))
        finally:
            running.shutdown(wait=True)
        assert max(ticks) >= WOKEN
        again = len(office.raw)
        kept = scheduler.run_tick(app)
        assert kept is not None
        assert (kept.reminders, len(office.raw)) == (0, again), "nothing is left, and nothing is said twice"
    assert [office.recipients.count(address) for address in letters] == [1] * 60
    with app.app_context():
        assert (fates("has-begun"), reminded("has-begun")) == ([(ReminderState.MISSED, Reason.TOO_LATE)], [])
        assert (fates("is-ahead"), reminded("is-ahead")) == ([(ReminderState.POSTED, None)], [MessageState.SENT])
        late = select(Reminder).where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= WOKEN)
        assert db.session.scalars(late).all() == [], "each is said or noted"
        assert post.counts().keys() <= {"sent", "dropped"}
        db.session.remove()
        db.engine.dispose()
