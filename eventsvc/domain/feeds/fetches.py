"""Which feeds a program has ever asked for: that somebody has subscribed is seen by nothing else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db, is_postgresql


class FeedFetch(Base):
    """A feed that was asked for, and when it first was; not by whom."""

    __tablename__ = "feed_fetches"

    key: Mapped[str] = mapped_column(String(120), primary_key=True, comment="as in feed_versions")
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note(key: str, now: datetime) -> None:
    """Write down that a feed was asked for; the first time stays."""
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    db.session.execute(insert(FeedFetch).values(key=key, first_at=now).on_conflict_do_nothing())


def fetched(keys: Collection[str]) -> set[str]:
    """Those of the keys that were ever asked for."""
    return set(db.session.scalars(select(FeedFetch.key).where(FeedFetch.key.in_(list(keys)))))
