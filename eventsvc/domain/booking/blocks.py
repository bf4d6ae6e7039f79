"""Tables of what stands in the way without being a reservation, and of the leave that was given to ignore it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert


class BlockKind(StrEnum):
    """Why something cannot be booked then."""

    LEAVE = "leave"
    BUSY_ELSEWHERE = "busy_elsewhere"
    HOLIDAY = "holiday"
    FINALS = "finals"
    BLACKOUT = "blackout"


class OutsideCalendar(Base):
    """A calendar kept elsewhere (25Live, EMS, Outlook …) that blocks a resource or a whole campus.

    What is known of it is as old as `fetched_at`; a failed look changes nothing of that.
    """

    __tablename__ = "outside_calendars"
    __table_args__ = (CheckConstraint("(resource_id IS NULL) <> (campus_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"), unique=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"), unique=True)
    url: Mapped[str] = mapped_column(String(1000), default="", comment="empty: uploaded by hand")
    etag: Mapped[str] = mapped_column(String(200), default="")
    last_modified: Mapped[str] = mapped_column(String(60), default="")
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was last read whole")
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True, comment="when to look again; a lease too")
    failures: Mapped[int] = mapped_column(default=0, comment="in a row")
    error: Mapped[str] = mapped_column(String(300), default="", comment="why the last look failed")
    read_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="how far ahead it was read")
    skipped: Mapped[int] = mapped_column(default=0, server_default="0", comment="entries that could not be understood")
    edition: Mapped[UUID | None] = mapped_column(comment="another with each source that people choose")


class Block(Base):
    """A time that cannot be booked: of one resource, or of a campus and all that takes place there."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("(resource_id IS NULL) <> (campus_id IS NULL)", name="one_owner"),
        Index("ix_blocks_resource_id_ends_at", "resource_id", "ends_at"),
        Index("ix_blocks_campus_id_ends_at", "campus_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BlockKind] = mapped_column(Word(BlockKind, 15))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str] = mapped_column(String(200), default="", comment="of a campus's day; a person's stays empty")
    outside_calendar_id: Mapped[int | None] = mapped_column(ForeignKey("outside_calendars.id"), index=True)
    uid: Mapped[str | None] = mapped_column(String(255), comment="in the calendar or file that it came from")

    outside_calendar: Mapped[OutsideCalendar | None] = relationship()
    named_cover: Mapped[LeaveCover | None] = relationship(cascade="all, delete-orphan")

    @property
    def cover(self) -> Expert | None:
        """Of an expert's leave: who may be asked in their place."""
        return self.named_cover.expert if self.named_cover else None


class LeaveCover(Base):
    """The expert whom a partner named to be asked while another one is on leave."""

    __tablename__ = "leave_covers"

    block_id: Mapped[int] = mapped_column(ForeignKey("blocks.id"), primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"))

    expert: Mapped[Expert] = relationship()


class Override(Base):
    """Somebody took it on themselves that a soft rule does not count for an event at that time."""

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), comment="a ClashKind that is soft")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start it was given for")
    reason: Mapped[str] = mapped_column(String(500))
    given_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
