"""How the last look at the mailbox went: the scheduler writes it down, and whoever watches over the service reads it.

Written where something has changed, and once in a while, so that one sees that somebody looks at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db, is_postgresql

NOTED_EVERY = timedelta(minutes=2)
# Nobody has looked for so long: no scheduler runs, or none with that setting.
LONG = timedelta(minutes=10)


class MailLook(Base):
    """The last look through a door: when, and since when and why it fails."""

    __tablename__ = "mail_looks"

    door: Mapped[str] = mapped_column(String(10), primary_key=True, comment="imap or maildir")
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="to within two minutes")
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(100), default="", comment="a word of places.Why; empty: it went well")


def note(door: str, why: str, now: datetime) -> bool:
    """Write down how a look went; true where it went otherwise than the one before, also for the first that fails."""
    row = db.session.get(MailLook, door, with_for_update=True)
    if row is None:
        insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
        db.session.execute(insert(MailLook).values(door=door, looked_at=now, why="").on_conflict_do_nothing())
        row = db.session.get_one(MailLook, door, with_for_update=True)
    is_changed = row.why != why
    if is_changed:
        row.failing_since = (row.failing_since or now) if why else None
        row.why = why
    if is_changed or now - row.looked_at >= NOTED_EVERY:
        row.looked_at = now
    return is_changed


def state_of(door: str, now: datetime) -> str:
    """In words for those who watch over the service."""
    row = db.session.get(MailLook, door)
    if row is None or now - row.looked_at > LONG:
        return "nobody looks: is `eventsvc scheduler` running?"
    if row.failing_since is not None:
        return f"not read since {row.failing_since:%Y-%m-%dT%H:%M}Z: {row.why}"
    return "read"
