"""Tables of the door and of what is asked afterwards: links for helpers, how many came, who spoke, how it was."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert
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


class Standing(StrEnum):
    """Where the number of an event stands. `missing`: its host was asked twice in vain; it is never guessed."""

    AWAITED = "awaited"
    COUNTED = "counted"
    MISSING = "missing"


# Written out: neither database matches a partial index against bound parameters.
_IS_DUE = "due_at IS NOT NULL"
HAS_A_DATE = text(f"attendances.{_IS_DUE}")


class Attendance(Base):
    """How many came, as the host says, and the next letter that is owed about it; one row an event that took place."""

    __tablename__ = "attendances"
    __table_args__ = (
        CheckConstraint("(standing = 'counted') = (heads IS NOT NULL)", name="standing"),
        CheckConstraint("heads >= 0 AND students >= 0 AND families >= 0 AND community >= 0", name="heads"),
        Index("ix_attendances_due_at", "due_at", sqlite_where=text(_IS_DUE), postgresql_where=text(_IS_DUE)),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(Word(Standing, 10), default=Standing.AWAITED)
    times_asked: Mapped[int] = mapped_column(default=0, comment="letters to the host's office")
    due_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when the next step is: ask, ask again, give up, or thank; see `afterwards.next_step`"
    )
    thanked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heads: Mapped[int | None]
    students: Mapped[int | None] = mapped_column(comment="a part of heads; None: not said")
    families: Mapped[int | None] = mapped_column(comment="as students")
    community: Mapped[int | None] = mapped_column(comment="as students")
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="last said")
    counted_by: Mapped[str] = mapped_column(String(120), default="", comment="a role or an id, never a person's name")
    is_spoken_for: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="the host has said who spoke: see speakers, perhaps nobody"
    )
    version: Mapped[int] = mapped_column(default=1, comment="rises whenever the host says something")

    event: Mapped[Event] = relationship()


class Speaker(Base):
    """Somebody who really spoke, as the host says; it need not be who was named."""

    __tablename__ = "event_speakers"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), primary_key=True, index=True)

    expert: Mapped[Expert] = relationship()


class Feedback(Base):
    """Two questions about an event to its host (no expert) or to somebody who spoke: a scale and a line."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("(score IS NULL) = (given_at IS NULL)", name="given"),
        Index("uq_feedback_event_id_expert_id", "event_id", "expert_id", unique=True),
        Index(
            "uq_feedback_event_id",
            "event_id",
            unique=True,
            sqlite_where=text("expert_id IS NULL"),
            postgresql_where=text("expert_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), index=True, comment="None: the host")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    score: Mapped[int | None] = mapped_column(comment="1 (not at all) to 5 (very); None: not answered")
    comment: Mapped[str] = mapped_column(String(1000), default="")
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="last said")

    event: Mapped[Event] = relationship()
    expert: Mapped[Expert | None] = relationship()
