"""What is due is done row by row, each in a transaction of its own, and one row that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from eventsvc.core.blame import DATABASE_AWAY, where
from eventsvc.core.db import Free, db, transaction
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import WorkKind

BATCH = 50
log = logging.getLogger(__name__)

# Ids of what is due, the longest due first: no more than the number, and of those that are free.
Find = Callable[[int, Free], Sequence[int]]


def never() -> bool:
    """Nobody asks this process to end."""
    return False


def do_each(
    kind: WorkKind,
    find: Find,
    do: Callable[[int], None],
    now: datetime,
    *,
    most: int | None = None,
    is_stopping: Callable[[], bool] = never,
) -> int:
    """Do every row that is due, up to `most`; opens its own transactions. Returns how many were looked at.

    `do` runs in the transaction of its row and must end its being due. A row whose doing raises waits and is set aside
    at last (`domain/reminders/tries.py`). A database that is away is no row's fault: that is raised.
    """
    looked_at = 0
    while (most is None or looked_at < most) and not is_stopping():
        batch = _begun(kind, find, now)
        if not batch:
            break
        for place, row in enumerate(batch):
            if is_stopping():
                with transaction():
                    tries.give_back(kind, batch[place:])
                return looked_at
            _do(kind, row, do, now)
            looked_at += 1
    return looked_at


def _begun(kind: WorkKind, find: Find, now: datetime) -> list[int]:
    """The next rows that are ours; others may have taken up all that were found."""
    while True:
        with transaction():
            found = list(dict.fromkeys(find(BATCH, tries.free(kind, now))))
            ours = tries.begin(kind, found, now)
        if ours or not found:
            return ours


def _do(kind: WorkKind, row: int, do: Callable[[int], None], now: datetime) -> None:
    try:
        with transaction():
            do(row)
            tries.done(kind, row)
    except DATABASE_AWAY:
        _forgive(kind, row)
        raise
    except Exception as error:  # whatever one row meets, the others are done
        log.exception("%s %d cannot be done now", kind, row)
        with transaction():
            if tries.failed(kind, row, where(error), now):
                log.error("%s %d is set aside after %d tries", kind, row, tries.MOST)


def _forgive(kind: WorkKind, row: int) -> None:
    """Where even this cannot be written the row waits until its lease is over."""
    db.session.rollback()
    try:
        with transaction():
            tries.give_back(kind, [row])
    except DATABASE_AWAY:
        db.session.rollback()

