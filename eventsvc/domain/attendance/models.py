"""Tables of the door: links for helpers, and how many came."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime
from eventsvc.domain.events.models import Event


class DoorLink(Base):
    """What lets somebody without an account help at the door of one event on one day; the link itself is not stored."""

    __tablename__ = "door_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    day: Mapped[date] = mapped_column(comment="local day of the event")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    event: Mapped[Event] = relationship()


class HeadCount(Base):
    """How many came to an event on one of its local days; never who."""

    __tablename__ = "head_counts"
    __table_args__ = (UniqueConstraint("event_id", "day"), CheckConstraint("heads >= 0", name="heads"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    day: Mapped[date] = mapped_column(comment="local day of the event")
    heads: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="last changed")
