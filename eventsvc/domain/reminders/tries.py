"""How often something that is due was begun and not finished, so that one row holds up no other.

What is due stands in its own table (a reminder, a step of the cascade …); here stands only what went wrong with it. A
row is noted before it is begun, in a transaction of its own, and forgotten in the transaction that does it: so a
process that dies in the middle counts too. After `MOST` tries a row is set aside until a person lets it be tried again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, Free, UtcDateTime, Word, db, is_postgresql
from eventsvc.core.times import AHEAD_OF_US

MOST = 5
# Much longer than one row may take: each waits at most 15 seconds for somebody else's lock.
LEASE = timedelta(seconds=30)
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15))
# What is held for longer was written before the clock was set back.
_LONGEST = _WAITS[-1] + AHEAD_OF_US
_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_BESIDE_THE_SESSION = {"synchronize_session": False}
DIED = "The program ended while it was at it."


class WorkKind(StrEnum):
    """What is done when it is due, beside letters, which count for themselves."""

    COMPLETION = "completion"
    PLANNING = "planning"
    REMINDER = "reminder"
    STEP = "step"
    UNDERSTUDY = "understudy"
    AFTERWARDS = "afterwards"


class Try(Base):
    """A row of that kind was begun and is not finished."""

    __tablename__ = "tries"

    kind: Mapped[WorkKind] = mapped_column(Word(WorkKind, 20), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="id of what is due")
    begun: Mapped[int] = mapped_column(comment="how often, and never finished")
    free_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="nobody else begins before")
    reason: Mapped[str] = mapped_column(String(200), comment="the kind of error and where, never its words")
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def free(kind: WorkKind, now: datetime) -> Free:
    """A condition on the column of ids: nobody is at the row, and it neither waits nor was set aside."""

    def condition(column: Any) -> ColumnElement[bool]:
        is_held = Try.free_at.between(now + timedelta(microseconds=1), now + _LONGEST)
        mine = Try.kind == kind, Try.row == column
        return ~exists().where(*mine, or_(is_held, Try.set_aside_at.is_not(None)))

    return condition


def not_set_aside(kind: WorkKind) -> Free:
    """A condition on the column of ids: the row does not wait for a person."""

    def condition(column: Any) -> ColumnElement[bool]:
        return ~exists().where(Try.kind == kind, Try.row == column, Try.set_aside_at.is_not(None))

    return condition


def begin(kind: WorkKind, rows: Sequence[int], now: datetime) -> list[int]:
    """Take up rows that are free, in their order; a row that was begun before is taken up alone.

    Returns those that are ours, and nobody else's for `LEASE`. What was begun too often is set aside instead.
    """
    known = set(db.session.scalars(select(Try.row).where(Try.kind == kind, Try.row.in_(rows))))
    place = next((place for place, row in enumerate(rows) if row in known), len(rows))
    chosen = rows[: place or 1]
    if not chosen:
        return []
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    begun = [{"kind": kind, "row": row, "begun": 1, "free_at": now + LEASE, "reason": ""} for row in chosen]
    again = {"begun": Try.begun + 1, "free_at": now + LEASE}
    put = insert(Try).values(begun)
    put = put.on_conflict_do_update(
        index_elements=[Try.kind, Try.row],
        set_=again,
        where=or_(Try.free_at <= now, Try.free_at > now + _LONGEST),
    )
    ours = set(db.session.scalars(put.returning(Try.row)))
    too_often = select(Try).where(Try.kind == kind, Try.row.in_(ours), Try.begun > MOST)
    for row in db.session.scalars(too_often.execution_options(populate_existing=True)):
        row.set_aside_at, row.begun, row.reason = now, MOST, row.reason or DIED
        ours.discard(row.row)
    db.session.flush()
    return [row for row in chosen if row in ours]


def done(kind: WorkKind, rows: Collection[int]) -> None:
    """Forget rows that are finished; call it in the transaction that finishes them."""
    db.session.execute(delete(Try).where(Try.kind == kind, Try.row.in_(rows)), execution_options=_BESIDE_THE_SESSION)


def part(kind: WorkKind, rows: Collection[int]) -> None:
    """Let each of rows that failed together be taken up again at once, alone."""
    mine = update(Try).where(Try.kind == kind, Try.row.in_(rows))
    db.session.execute(mine.values(free_at=_NEVER), execution_options=_BESIDE_THE_SESSION)


def give_back(kind: WorkKind, rows: Collection[int]) -> None:
    """Rows that were taken up and not begun after all, or that a database that was away has ended."""
    mine = Try.kind == kind, Try.row.in_(rows)
    db.session.execute(delete(Try).where(*mine, Try.begun <= 1), execution_options=_BESIDE_THE_SESSION)
    earlier = update(Try).where(*mine).values(begun=Try.begun - 1, free_at=_NEVER)
    db.session.execute(earlier, execution_options=_BESIDE_THE_SESSION)


def failed(kind: WorkKind, row: int, reason: str, now: datetime) -> bool:
    """Note why a row could not be done; it waits, and is set aside at last. True where that was now."""
    found = db.session.get(Try, (kind, row), populate_existing=True, with_for_update=True)
    if found is None:
        return False
    found.reason = reason[:200]
    if found.begun >= MOST:
        found.set_aside_at = now
    else:
        found.free_at = now + _WAITS[min(found.begun, len(_WAITS)) - 1]
    return found.set_aside_at is not None


def set_aside() -> list[Try]:
    """What a person has to look at, oldest first."""
    query = select(Try).where(Try.set_aside_at.is_not(None)).order_by(Try.set_aside_at, Try.kind, Try.row)
    return list(db.session.scalars(query))


def counts_set_aside() -> dict[str, int]:
    """How many rows of each kind wait for a person; kinds of which none does are left out."""
    query = select(Try.kind, func.count()).where(Try.set_aside_at.is_not(None)).group_by(Try.kind)
    return {str(kind): number for kind, number in db.session.execute(query)}


def count_set_aside() -> int:
    """How many rows wait for a person."""
    return sum(counts_set_aside().values())


def retry_all() -> int:
    """Let everything that was set aside be tried again, as if for the first time; returns how much."""
    found = set_aside()
    for one in found:
        retry(one)
    return len(found)


def find_set_aside(kind: WorkKind, row: int) -> Try | None:
    """The row of that kind, locked, if it waits for a person."""
    found = db.session.get(Try, (kind, row), populate_existing=True, with_for_update=True)
    return found if found is not None and found.set_aside_at is not None else None


def retry(one: Try) -> None:
    """Let a row that was set aside be tried again, as if for the first time."""
    db.session.delete(one)
    db.session.flush()
