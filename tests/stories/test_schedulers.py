"""Real scheduler processes on one database: each letter once, at its moment, and an end in order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from tests import databases
from tests.commands import Commands, Started
from tests.databases import KEEPER
from tests.domain.outbox.test_letters import LETTERS
from tests.faults.schedulers import open_schedulers, stop
from tests.post_office import PostOffice, open_post_office

FEW, ALL = 150, 10_000
# Seconds; a machine may be busy with other tests.
PATIENCE = 150.0
Starting = Callable[..., AbstractContextManager[list[Started]]]


@pytest.fixture
def house(database_url):
    """An app beside the processes, for posting and looking."""
    app = create_app(databases.settings(database_url))
    with app.app_context():
        yield app
        db.session.rollback()
        db.engine.dispose()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def schedulers(database_url: str, office: PostOffice, commands: Commands, tmp_path: Path) -> Starting:
    """So many processes, ended in order at the end of the block: each says 0."""

    @contextmanager
    def started(number: int = 1, **more: str) -> Iterator[list[Started]]:
        environment = databases.environment(database_url, SMTP_URL=office.url, **more)
        with open_schedulers(commands, environment, tmp_path / "log") as some:
            running = some.start(None, number)
            yield running
            left = [one for one in running if one.code is None and not one.was_killed]
            assert stop(left) == [0] * len(left), some.said()

    return started


def owe(count: int, *, at: datetime | None = None, start: int = 0) -> None:
    now = datetime.now(UTC)
    with transaction():
        for number in range(start, start + count):
            address = f"person-{number}@port.example"
            post.post("confirmed", key=str(number), to_address=address, facts=LETTERS["confirmed"], now=at or now)


def counts() -> dict[str, int]:
    db.session.rollback()
    return post.counts()


def wait_until_sent(count: int, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while counts().get("sent", 0) < count:
        assert time.monotonic() < deadline, counts()
        time.sleep(0.1)


@pytest.mark.parametrize("count", [FEW, pytest.param(ALL, marks=pytest.mark.matrix)])
def test_four_processes_send_each_letter_once(house, office, schedulers, count):
    owe(count)
    with schedulers(number=4):
        office.wait_until(lambda: len(office.raw) >= count, seconds=600)
        wait_until_sent(count)
    assert Counter(Counter(office.recipients).values()) == {1: count}
    assert counts() == {"sent": count}
    assert set(db.session.scalars(select(Message.attempts))) == {1}


def test_a_letter_leaves_once_it_is_owed_and_not_before_its_moment(house, office, schedulers):
    """By being woken up: the next whole tick is an hour away. How soon is measured in tests/benchmarks/delivery.py."""
    with schedulers(TICK_SECONDS="3600"):
        owe(1)
        wait_until_sent(1)  # the process is up from here on
        soon = datetime.now(UTC) + timedelta(seconds=1.5)
        owe(1, at=soon, start=1)
        owe(1, start=2)
        wait_until_sent(3)
    assert min(_lateness()) >= timedelta(0), "nothing leaves before its moment"


def _lateness() -> list[timedelta]:
    db.session.rollback()
    rows = db.session.execute(select(Message.sent_at, Message.created_at).order_by(Message.id))
    return [sent_at - created_at for sent_at, created_at in rows]


def test_asked_to_end_it_finishes_the_letter_in_hand_and_gives_back_the_rest(house, office, schedulers):
    owe(FEW)
    with schedulers() as (one,):
        office.wait_until(lambda: len(office.raw) >= 15, seconds=PATIENCE)
        one.ask_to_stop()
        assert one.wait() == 0
    sent = len(office.raw)
    assert 15 <= sent < FEW
    assert counts() == {"sent": sent, "queued": FEW - sent}, "nothing is left in anybody's hands"
    with schedulers():
        wait_until_sent(FEW)
    assert Counter(Counter(office.recipients).values()) == {1: FEW}


@pytest.mark.parametrize("count", [5, pytest.param(200, marks=pytest.mark.matrix)])
def test_nobody_who_is_asked_to_end_right_after_the_start_misses_it(house, office, schedulers, count):
    """A signal that came just before the process began to wait for one was lost, on a busy machine: it never ended."""
    for turn in range(count):
        owe(5, start=5 * turn)
        office.forget()
        with schedulers():
            office.wait_until(lambda: office.raw)


def test_a_process_that_is_killed_loses_nothing_and_repeats_the_same_bytes(house, office, schedulers):
    owe(FEW)
    with schedulers(number=2, MAIL_LEASE_SECONDS="5") as (first, _):
        office.wait_until(lambda: len(office.raw) >= 20, seconds=PATIENCE)
        first.kill()
        wait_until_sent(FEW)
    by_reader = {address: set() for address in office.recipients}
    for address, raw in zip(office.recipients, office.raw, strict=True):
        by_reader[address].add(raw)
    assert len(by_reader) == FEW
    assert {len(letters) for letters in by_reader.values()} == {1}, "the same Message-ID and bytes"
    assert len(office.raw) <= FEW + 1, "at most the one that was in its hand"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_started_anew_in_the_middle_repeats_nothing(house, office, schedulers):
    owe(FEW)
    everybody_else = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        f"AND application_name <> '{KEEPER}'"
    )
    # A claim may be kept whose process was cut off before it heard so: those letters wait for the end of the lease.
    with schedulers(number=2, LOG_LEVEL="CRITICAL", MAIL_LEASE_SECONDS="10"):
        for reached in (20, 60, 100):
            office.wait_until(lambda reached=reached: len(office.raw) >= reached, seconds=PATIENCE)
            db.session.execute(text(everybody_else))
        wait_until_sent(FEW)
    assert Counter(Counter(office.recipients).values()) == {1: FEW}


def test_five_thousand_readers_are_one_letter_each(house, office, schedulers, request):
    count = 5000 if request.config.option.matrix else 400
    owe(count)
    with schedulers(number=2):
        wait_until_sent(count, seconds=300)
    assert {len(mail.split(b"\r\n\r\n", 1)[0].split(b"\r\nTo: ")) for mail in office.raw} == {2}
    assert len(set(office.recipients)) == len(office.raw) == count
    assert db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) == count
