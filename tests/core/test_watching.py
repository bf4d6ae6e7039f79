"""A number that is asked for at every poll: seen as soon as it is committed, by whomever."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from eventsvc.core.db import db
from eventsvc.core.watching import Watched

READ = "SELECT version FROM feed_versions WHERE key = 'watched'"
WRITE = (
    "INSERT INTO feed_versions (key, version, changed_at) VALUES ('watched', :number, '2027-01-01 00:00:00+00:00') "
    "ON CONFLICT (key) DO UPDATE SET version = excluded.version"
)


@pytest.fixture
def watched(bare_app):
    """The number, and how to write it as somebody else does; nothing stays open."""
    with bare_app.app_context():
        engine = db.engine
        yield Watched(engine, READ), engine
        engine.dispose()


def write(engine, number, *, commit=True):
    with engine.connect() as connection:
        connection.execute(text(WRITE), {"number": number})
        connection.commit() if commit else connection.rollback()


def test_what_is_committed_is_seen_by_the_next_read_and_nothing_else_is(watched):
    number, engine = watched
    assert number.read() == 0
    for value in range(1, 20):
        write(engine, value)
        assert (number.read(), number.read()) == (value, value)
    write(engine, 99, commit=False)
    assert number.read() == 19


def test_threads_that_ask_at_once_each_see_what_was_committed_before(watched):
    number, engine = watched
    write(engine, 1)
    gate, seen = threading.Barrier(8), []

    def ask():
        for value in range(2, 12):
            if gate.wait() == 0:
                write(engine, value)
            gate.wait()
            seen.append((value, number.read()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(seen) == 80
    assert all(value == found for value, found in seen)


def test_a_connection_that_is_gone_is_replaced(watched):
    number, engine = watched
    write(engine, 5)
    assert number.read() == 5
    engine.dispose()  # closes them all, as at the end of a test or a fork
    write(engine, 6)
    assert number.read() == 6


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_reads_no_table_while_nobody_commits(watched):
    number, engine = watched
    write(engine, 1)
    assert number.read() == 1
    (reader,) = number._idle  # what it asks is what this is about
    asked = []
    reader._connection.set_trace_callback(asked.append)
    assert [number.read() for _ in range(3)] == [1, 1, 1]
    assert asked == ["PRAGMA data_version"] * 3
    write(engine, 2)
    assert number.read() == 2
    assert asked[3:] == ["PRAGMA data_version", READ]
