"""The tables of feeds: their versions, and the entries that are ready to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime


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
