"""What is due is done a few rows at a time, and one row that fails holds up no other."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from eventsvc.core.blame import DATABASE_AWAY, where
from eventsvc.core.db import Free, db, look, transaction
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import WorkKind

BATCH = 50
# A row may be due again at once, as a cascade that has slept takes step after step; one that never ends waits.
MOST_TURNS = 100
log = logging.getLogger(__name__)

# Ids of what is due, the longest due first: about so many, and of those that are free.
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
    """Do every row that is due, up to `most`, each in a transaction of its own. Returns how many were looked at.

    `do` must end its being due; a row that is due time and again waits. So does a row whose doing raises, and it is set
    aside at last (`domain/reminders/tries.py`). A database that is away is no row's fault: that is raised.
    """
    return do_together(kind, find, lambda rows: do(rows[0]), now, together=1, most=most, is_stopping=is_stopping)


def do_together(
    kind: WorkKind,
    find: Find,
    do: Callable[[Sequence[int]], object],
    now: datetime,
    *,
    together: int,
    most: int | None = None,
    is_stopping: Callable[[], bool] = never,
) -> int:
    """The same with several rows in one transaction; where that raises, each of them is done alone afterwards."""
    looked_at, turns = 0, Counter[int]()
    while most is None or looked_at < most:
        batch = [] if is_stopping() else _begun(kind, find, now)
        if not batch:
            break
        for first in range(0, len(batch), together):
            if is_stopping():
                with transaction():
                    tries.give_back(kind, batch[first:])
                return looked_at
            rows = batch[first : first + together]
            turns.update(rows)
            _do(kind, rows, do if turns[rows[0]] <= MOST_TURNS else _never_ends, now)
            looked_at += len(rows)
    return looked_at


def _never_ends(_rows: Sequence[int]) -> None:
    raise RuntimeError("it is due again however often it is done")


def _begun(kind: WorkKind, find: Find, now: datetime) -> list[int]:
    """The next rows that are ours; others may have taken up all that were found."""
    while _is_any_due(kind, find, now):
        with transaction():
            found = list(dict.fromkeys(find(BATCH, tries.free(kind, now))))[:BATCH]
            ours = tries.begin(kind, found, now) if found else []
        if ours:
            return ours
    return []


def _is_any_due(kind: WorkKind, find: Find, now: datetime) -> bool:
    """Mostly nothing is, and then no writer waits for us."""
    with look():
        return bool(find(1, tries.free(kind, now)))


def _do(kind: WorkKind, rows: Sequence[int], do: Callable[[Sequence[int]], object], now: datetime) -> None:
    try:
        with transaction():
            do(rows)
            tries.done(kind, rows)
    except DATABASE_AWAY:
        _forgive(kind, rows)
        raise
    except Exception as error:  # whatever one row meets, the others are done
        if len(rows) > 1:
            log.warning("%s: one of %d fails; each is done alone", kind, len(rows))
            with transaction():
                tries.part(kind, rows)
            return
        log.exception("%s %d cannot be done now", kind, rows[0])
        with transaction():
            if tries.failed(kind, rows[0], where(error), now):
                log.error("%s %d is set aside after %d tries", kind, rows[0], tries.MOST)


def _forgive(kind: WorkKind, rows: Sequence[int]) -> None:
    """Where even this cannot be written the rows wait until their lease is over."""
    db.session.rollback()
    try:
        with transaction():
            tries.give_back(kind, rows)
    except DATABASE_AWAY:
        db.session.rollback()
