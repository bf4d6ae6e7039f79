"""What is done once a day, by whichever process comes first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, String, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, db, is_postgresql

DOCTOR = "doctor"
# Between two and four in the morning in California, and not yet morning in New York.
NIGHT_HOUR_UTC = 10
_NEVER = date(2000, 1, 1)


class Chore(Base):
    """Something that is done once a day."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    done_on: Mapped[date] = mapped_column(comment="day in UTC on which somebody last set out to do it")


def claim(name: str, now: datetime) -> bool:
    """True for the one who is to do it now: it is night or later, and nobody has set out yet on this day of UTC.

    Locks: the chore's row; call inside a transaction of its own.
    """
    if now.hour < NIGHT_HOUR_UTC:
        return False
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    db.session.execute(insert(Chore).values(name=name, done_on=_NEVER).on_conflict_do_nothing())
    claimed = update(Chore).where(Chore.name == name, Chore.done_on < now.date()).values(done_on=now.date())
    return cast("CursorResult[Any]", db.session.execute(claimed)).rowcount == 1
