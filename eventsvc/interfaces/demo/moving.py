"""Moving the demo's clock: it passes every instant on the way at which something is due, as real time would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from flask import Flask

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.outbox import post
from eventsvc.interfaces.scheduler import run_tick
from eventsvc.workflows import keep_promises

HOUR, DAY, LETTER = "hour", "day", "letter"
STEPS = (HOUR, DAY, LETTER)
_LENGTHS = {HOUR: timedelta(hours=1), DAY: timedelta(days=1)}
# A demo holds a few hundred promises; this many instants on the way mean that something does not get done.
_MOST_STOPS = 1000


def move(step: str, app: Flask) -> int | None:
    """Move forward by a step and do what is due; returns how many letters were written on the way.

    With LETTER it goes to the next instant at which a letter really comes; None when there is no such instant.
    """
    before = _letters()
    if step in _LENGTHS:
        target = clock.now() + _LENGTHS[step]
        for due_at in _due_until(target):
            _stop_at(due_at, app)
        _stop_at(target, app)
        return _letters() - before
    for due_at in _due_until(None):
        was_queued = post.next_due_at() == due_at
        _stop_at(due_at, app)
        if was_queued or _letters() > before:
            return _letters() - before
    return None


def _due_until(target: datetime | None) -> Iterator[datetime]:
    """Every instant at which something is due, as it becomes known; ends when one is still due after its tick."""
    last = None
    for _ in range(_MOST_STOPS):
        db.session.rollback()
        due_at = min(filter(None, (keep_promises.next_due_at(), post.next_due_at())), default=None)
        if due_at is None or due_at == last or (target is not None and due_at > target):
            return
        yield (last := due_at)


def _stop_at(instant: datetime, app: Flask) -> None:
    ahead = (instant - clock.now()).total_seconds()
    if ahead > 0:
        with transaction():
            clock.advance_demo(timedelta(seconds=ceil(ahead)))
    run_tick(app)


def _letters() -> int:
    db.session.rollback()
    return sum(post.counts().values())
