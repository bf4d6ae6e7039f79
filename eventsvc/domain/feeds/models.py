"""The table of feed versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime


class FeedVersion(Base):
    """A number and an instant for each key an event can stand under; both rise whenever the feed changes."""

    __tablename__ = "feed_versions"

    key: Mapped[str] = mapped_column(String(120), primary_key=True, comment="all, campus:<slug>, kind:<kind>")
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="whole seconds, strictly rising")
