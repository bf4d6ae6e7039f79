"""When to tick: at the next instant at which something is due, and a look each second in case nobody said so.

A process keeps its connection to the mail server from tick to tick, and what it could not note of letters that left.
Asked to end, it finishes the letter in hand and gives back the rest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from eventsvc.core import clock
from eventsvc.core.blame import DATABASE_AWAY
from eventsvc.core.db import db
from eventsvc.core.deadline import Deadline
from eventsvc.core.waking import Waker
from eventsvc.domain.outbox.deliver import Delivery
from eventsvc.domain.outbox.smtp import SmtpTransport, Transport
from eventsvc.interfaces.services import services
from eventsvc.workflows.keep_promises import Kept, next_tick_at

LOOK_SECONDS = 1.0
# Nearer than this is not worth giving the thread back for.
_SOON_SECONDS = 0.05
# The letter in hand is waited for so long when the process is asked to end.
IN_HAND_SECONDS = 20
log = logging.getLogger("eventsvc.scheduler")

Tick = Callable[[Flask, Transport | None, Delivery], Kept | None]


class Heartbeat(BackgroundScheduler):
    """The scheduler of one process, with its job "tick", which it wakes up for what is due."""

    def begin(self, app: Flask, tick: Tick) -> None:
        """Start; `tick` does what is due."""
        self._app, self._tick = app, tick
        self.stopping, self._woken, self._in_hand = threading.Event(), threading.Event(), threading.Lock()
        with app.app_context():
            made = services()
            self._transport = made.transport(keep_open=True)
            self._delivery = made.delivery(is_stopping=self.stopping.is_set)
            engine = db.engine
        self._whole_tick = Deadline.after(0)
        self.add_job(
            self.beat,
            "interval",
            seconds=LOOK_SECONDS,
            id="tick",
            next_run_time=_machine_now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        # A tick that takes longer than a second is no news, and the next look comes after it.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self.start()
        self._waker = Waker(engine, self.wake)

    def beat(self) -> None:
        """Do what is due, for as long as something is; then say when to look again."""
        with self._in_hand:
            wait = 0.0
            while wait <= _SOON_SECONDS and not self.stopping.is_set():
                self._woken.clear()
                wait = self._do_what_is_due()
                if self._woken.is_set():
                    wait = 0.0
            if isinstance(self._transport, SmtpTransport):
                self._transport.hang_up_if_idle()
        self._look_again(wait)

    def wake(self) -> None:
        """Look now: somebody has committed."""
        self._woken.set()
        if not self._in_hand.locked():
            self._look_again(0)

    def shutdown(self, wait: bool = True) -> None:
        """End in order: the letter in hand leaves, and the rest is given back."""
        self.stopping.set()
        self._waker.stop()
        if self._in_hand.acquire(timeout=IN_HAND_SECONDS):
            if isinstance(self._transport, SmtpTransport):
                self._transport.hang_up()
            self._in_hand.release()
        super().shutdown(wait=wait)

    def _do_what_is_due(self) -> float:
        """Returns the seconds until the next look, one at most."""
        kept, due_in = None, self._due_in()
        if due_in <= 0 or self._whole_tick.is_over():
            kept = self._tick(self._app, self._transport, self._delivery)
            self._whole_tick = Deadline.after(self._app.config["TICK_SECONDS"])
            due_in = self._due_in()
            if kept is None or not kept.did_something:
                return LOOK_SECONDS if due_in <= 0 else min(due_in, LOOK_SECONDS)
        return min(max(due_in, 0.0), LOOK_SECONDS)

    def _due_in(self) -> float:
        """Seconds until something is due; none or fewer where it is, and a look's while the database is away."""
        with self._app.app_context():
            try:
                now = clock.now()
                due_at = next_tick_at(now)
                return LOOK_SECONDS if due_at is None else (due_at - now).total_seconds()
            except DATABASE_AWAY:
                return LOOK_SECONDS  # the next whole tick says so in the log
            finally:
                db.session.remove()

    def _look_again(self, wait_seconds: float) -> None:
        if self.stopping.is_set():
            return
        try:
            self.modify_job("tick", next_run_time=_machine_now() + timedelta(seconds=wait_seconds))
        except JobLookupError:
            log.debug("the scheduler has ended")


def _machine_now() -> datetime:
    """By the clock that the scheduler's library reads."""
    return datetime.fromtimestamp(clock.machine_seconds(), UTC)
