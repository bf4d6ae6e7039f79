"""The partial indexes are really used: what a check costs does not grow with history."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from eventsvc.core.db import db, transaction
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import diary
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.outbox import leasing
from eventsvc.domain.reminders import planning
from eventsvc.workflows import plan_event
from tests import builders
from tests.conftest import NOW
from tests.databases import SqliteDatabases

SPAN = Span(NOW, NOW.replace(hour=20))


def statements(call):
    """What the call sends to the database, with its parameters."""
    seen = []

    def listen(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return seen


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases):
    """SQLite alone: on an empty PostgreSQL table the planner rightly scans."""
    url = sqlite_databases.fresh()
    yield url
    sqlite_databases.drop(url)


@pytest.mark.parametrize(
    ("index", "call"),
    [
        ("ix_reservations_live", lambda: diary.read([Resource(id=1), Resource(id=2)], SPAN, campus_ids=[], now=NOW)),
        ("ix_messages_owed", lambda: leasing.claim(NOW, limit=10)),
        ("ix_reminders_planned", lambda: planning.due_events(NOW, limit=10)),
        ("ix_reminders_planned", planning.next_due_at),
    ],
)
def test_a_check_reads_its_index_and_scans_nothing(app, index, call):
    asked = statements(call)
    assert asked
    used = []
    for statement, parameters in asked:
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        words = [row[3] for row in plan]
        used += [word for word in words if index in word]
        # An empty list stands in the statement as a subquery without a row.
        scanned = [word for word in words if word.startswith("SCAN") and "USING" not in word]
        assert [word for word in scanned if word not in ("SCAN (subquery-1)", "SCAN CONSTANT ROW")] == [], words
    assert used


def test_no_part_of_a_booking_scans_the_reservations(app):
    with transaction():
        campus = builders.a_campus()
        room, expert = builders.a_room(on=campus), builders.an_expert(max_per_day=2, max_per_week=4)
        plan = builders.a_plan(campus, rooms=[room], experts=[expert])

    def book():
        with transaction():
            plan_event.plan_event(plan, actor=ADMINISTRATOR, now=NOW)

    asked = [(text, values) for text, values in statements(book) if "FROM reservations" in text]
    assert len(asked) >= 2
    for statement, parameters in asked:
        plan_of_it = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert [row[3] for row in plan_of_it if row[3].startswith("SCAN")] == [], statement
