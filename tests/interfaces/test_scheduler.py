"""The heartbeat: what came due while nobody ticked is done at the start, and a failing tick ends nothing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.outbox import post
from eventsvc.interfaces import scheduler
from tests import databases
from tests.domain.outbox.test_letters import LETTERS
from tests.post_office import open_post_office

# The scheduler's own threads read the real clock.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


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
