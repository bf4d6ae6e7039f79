"""The table of approvals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Office, Room
from eventsvc.domain.events.models import Event


class ApprovalState(StrEnum):
    """Where an approval stands for the time it asks about now."""

    REQUESTED = "requested"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class RoomWord(StrEnum):
    """What an office can say about its room."""

    GRANT = "grant"
    DECLINE = "decline"


class RoomApproval(Base):
    """One room of another office, asked for by one event. What was said before stands in the audit log."""

    __tablename__ = "room_approvals"
    __table_args__ = (UniqueConstraint("event_id", "room_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), index=True)
    state: Mapped[ApprovalState] = mapped_column(Word(ApprovalState, 10))
    turn: Mapped[int] = mapped_column(default=0, comment="rises each time the office is asked")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reference: Mapped[str] = mapped_column(
        String(120), default="", comment="the reservation's number in the office's own system"
    )
    reason: Mapped[str] = mapped_column(String(1000), default="", comment="why it was declined")

    event: Mapped[Event] = relationship()
    room: Mapped[Room] = relationship()

    @property
    def office(self) -> Office | None:
        """Who is asked: the office that grants the room, or the hall that it is a part of; else who looks after it."""
        granted_as = granting_room(self.room)
        return (granted_as or self.room).office


def granting_room(room: Room) -> Room | None:
    """The room itself or the hall it is a part of, whichever has to be granted; None when neither has."""
    looked_at: Room | None = room
    while looked_at is not None and not looked_at.needs_approval:
        looked_at = looked_at.parent
    return looked_at
