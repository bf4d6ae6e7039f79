"""The tables of feeds: their versions, the entries that are ready to be sent, and how they are asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.feeds.families import Family


class FeedVersion(Base):
    """A number and an instant for each key an event can stand under; both rise whenever the feed changes."""

    __tablename__ = "feed_versions"

    key: Mapped[str] = mapped_column(String(120), primary_key=True, comment="all, campus:<slug>, kind:<kind>")
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="whole seconds, strictly rising")


class FeedEntry(Base):
    """The VEVENT of a published public event, ready to be sent."""

    __tablename__ = "feed_entries"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    version: Mapped[int] = mapped_column(comment="the event's, of which this was made")
    written_by: Mapped[str] = mapped_column(String(16), comment="digest of the way of writing and of PUBLIC_URL")
    body: Mapped[bytes] = mapped_column(LargeBinary, comment="from BEGIN:VEVENT to the last line break")


class FeedPoll(Base):
    """How one family of programs asks for one feed; not who."""

    __tablename__ = "feed_polls"
    __table_args__ = (UniqueConstraint("key", "family"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), comment="of the feed, never a secret address")
    family: Mapped[Family] = mapped_column(Word(Family, 20))
    polls: Mapped[int] = mapped_column(BigInteger)
    not_modified: Mapped[int] = mapped_column(BigInteger, comment="of them, those answered 304")
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(comment="the newest that was served, as in feed_versions")
    is_private: Mapped[bool]


class FeedLag(Base):
    """How many new versions of a feed a family fetched first within so many seconds of the change."""

    __tablename__ = "feed_lags"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    family: Mapped[Family] = mapped_column(Word(Family, 20), primary_key=True)
    up_to_seconds: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="see polls.STEPS")
    number: Mapped[int]
