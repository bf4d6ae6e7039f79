"""The only reader of the system clock. Everything else is handed `now`.

In the demo, and only there, the clock is moved by an offset that stands in the demo's own database, so that
every process of the demo agrees. The engine of a demo carries the execution option `demo_clock`; no other does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, db


class DemoClock(Base):
    """One row in a demo's database: how far its clock has been moved."""

    __tablename__ = "demo_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int]


def now() -> datetime:
    """The present instant, aware UTC."""
    instant = datetime.now(UTC)
    return instant + _demo_offset() if _is_demo() else instant


def machine_seconds() -> float:
    """The machine's own time since 1970, in a demo too: beside libraries that read it themselves."""
    return datetime.now(UTC).timestamp()


def advance_demo(by: timedelta) -> None:
    """Move a demo's clock forward; call inside transaction()."""
    if not _is_demo():
        raise RuntimeError("only a demo's clock can be moved")
    row = db.session.get(DemoClock, 1)
    if row is None:
        db.session.add(row := DemoClock(id=1, offset_seconds=0))
    row.offset_seconds += int(by.total_seconds())


def _is_demo() -> bool:
    return bool(db.engine.get_execution_options().get("demo_clock"))


def _demo_offset() -> timedelta:
    with db.engine.connect() as connection:
        seconds = connection.scalar(select(DemoClock.offset_seconds).where(DemoClock.id == 1))
    return timedelta(seconds=seconds or 0)
