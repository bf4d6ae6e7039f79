"""Letters that leave: how many a second with several processes, how late under a steady load, what a process weighs.

The mail server is a real one on the same machine (aiosmtpd, in the process that measures), so it takes its share of the
processors. The schedulers are the command itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import insert, select, update

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.workflows import plan_event
from tests import builders, databases
from tests.benchmarks.trials import Row, Say, a_database
from tests.commands import loaded_commands
from tests.faults.schedulers import Schedulers, stop
from tests.post_office import PostOffice, open_post_office

PROCESSES = (1, 2, 4)
A_SECOND = 50


class CountingOffice(PostOffice):
    """Takes every mail and keeps when it came, by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, float] = {}
        self.taken = 0
        self.awaited = 0
        self.all_came = threading.Event()

    async def handle_DATA(  # noqa: N802  # aiosmtpd names its hooks after the SMTP command
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        head = (envelope.original_content or b"").partition(b"\r\n\r\n")[0]
        self.came[message_from_bytes(head)["Message-ID"].strip("<>").partition("@")[0]] = monotonic()
        self.taken += 1
        if self.taken >= self.awaited:
            self.all_came.set()
        return "250 taken"

    def await_mails(self, number: int) -> None:
        """Begin to wait for so many more."""
        self.all_came.clear()
        self.taken, self.awaited = 0, number


def delivering(engine: str, say: Say, *, letters: int) -> list[Row]:
    """So many letters due at once, with one, two and four processes; and what the one process weighs."""
    rows = []
    with _a_world(engine) as (office, schedulers):
        for processes in PROCESSES:
            say(f"{engine}: {letters:,} letters, {processes} processes")
            office.await_mails(letters)
            owe(letters)
            begun, running = perf_counter(), schedulers.start(None, processes)
            office.all_came.wait()
            seconds = perf_counter() - begun
            weight = max(_mb(one.number, "VmHWM:") for one in running)
            stop(running)
            figures = f"{letters / seconds:,.0f} a second, start of the processes included; {weight} MB at most"
            rows.append(Row(f"{letters:,} letters to a local SMTP server, {processes} processes", engine, figures))
    return rows


def weighing(engine: str, say: Say, *, letters: int) -> list[Row]:
    """What one process weighs while it sends so many, a tenth owed whenever those before have left."""
    weights = []
    with _a_world(engine) as (office, schedulers):
        (running,) = schedulers.start(None, 1)
        for tenth in range(1, 11):
            office.await_mails(letters // 10)
            owe(letters // 10)
            office.all_came.wait()
            weights.append(_mb(running.number, "VmRSS:"))
            say(f"{engine}: {tenth * letters // 10:,} letters have left; {weights[-1]} MB")
        stop([running])
    figures = f"{weights[0]} MB after a tenth, {weights[4]} MB after half, {weights[-1]} MB at the end"
    return [Row(f"{letters:,} letters by one process: its memory", engine, figures)]


def late(engine: str, say: Say, *, seconds: int) -> list[Row]:
    """Fifty letters a second become due, five each tenth of it; the schedulers are at work when that begins."""
    with _a_world(engine) as (office, schedulers):
        say(f"{engine}: {A_SECOND} letters a second for {seconds} s")
        running = schedulers.start(None, 2)
        _warm_up(office)
        office.await_mails(A_SECOND * seconds)
        due: dict[str, float] = {}
        begun, turn = monotonic(), threading.Event()
        for second in range(seconds):
            for tenth in range(10):
                turn.wait(max(0, begun + second + tenth / 10 - monotonic()))
                now = monotonic()
                due |= dict.fromkeys(owe(A_SECOND // 10), now)
        if not office.all_came.wait(60):
            raise RuntimeError(f"{office.awaited - office.taken} letters have not come")
        stop(running)
    lateness = sorted(office.came[each] - at for each, at in due.items())
    p50, p99 = quantiles(lateness, n=100)[49], quantiles(lateness, n=100)[98]
    what = f"{A_SECOND} letters a second for {seconds} s, two processes: from the commit to the mail server, p50 / p99"
    return [Row(what, engine, f"{1000 * p50:,.0f} / {1000 * p99:,.0f} ms")]


def _warm_up(office: CountingOffice) -> None:
    """Wait until the schedulers have started and each has sent its first."""
    office.await_mails(4 * A_SECOND)
    owe(4 * A_SECOND)
    office.all_came.wait()


def owe(number: int) -> list[str]:
    """So many letters like the one invitation, due now; their public ids."""
    now = clock.now()
    with transaction():
        first = db.session.scalars(select(Message).where(Message.letter == "invitation").limit(1)).one()
        copied = {name: getattr(first, name) for name in ("letter", "to_name", "language", "event", "facts")}
        rows: list[dict[str, Any]] = [
            {
                **copied,
                "public_id": (public_id := uuid4()),
                "key": f"copy:{public_id}",
                "to_address": f"expert-{number % 500}@port.example",
                "state": MessageState.QUEUED,
                "created_at": now,
                "next_attempt_at": now,
                "attempts": 0,
            }
            for number in range(number)
        ]
        db.session.execute(insert(Message), rows)
    return [str(row["public_id"]) for row in rows]


@contextmanager
def _a_world(engine: str) -> Iterator[tuple[CountingOffice, Schedulers]]:
    """An event with one invitation to copy, a mail server, and where schedulers come from."""
    with a_database(engine) as url, TemporaryDirectory() as folder, open_post_office(CountingOffice()) as office:
        assert isinstance(office, CountingOffice)
        settings = databases.environment(url, SMTP_URL=office.url)
        app = create_app(databases.settings(url))
        with loaded_commands() as commands, app.app_context():
            with transaction():
                campus, expert = builders.a_campus("harbor-campus"), builders.an_expert("expert-one")
                when = builders.at(f"{clock.now() + timedelta(days=60):%Y-%m-%d}T14:00")
                plan = builders.a_plan(campus, experts=[expert], when=when)
                plan_event.plan_event(plan, actor=ADMINISTRATOR, now=clock.now())
                db.session.flush()
                db.session.execute(update(Message).values(state=MessageState.DROPPED))  # only its copies leave
            yield office, Schedulers(commands, settings, Path(folder) / "log")
            db.session.remove()
            db.engine.dispose()


def _mb(number: int, which: str) -> int:
    """What a process holds (VmRSS) or has held at most (VmHWM), by the kernel's own count."""
    words = Path(f"/proc/{number}/status").read_text().split()
    return int(words[words.index(which) + 1]) // 1024
