"""The table of approvals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
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


@dataclass(frozen=True, slots=True)
class Stood:
    """Where an approval stood before a story asked anew or stopped asking; a letter that waits keeps it as JSON."""

    turn: int
    state: ApprovalState
    answered_at: datetime | None
    reference: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which `of` makes it again."""
        at = self.answered_at.isoformat() if self.answered_at else None
        return {**asdict(self), "state": str(self.state), "answered_at": at}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Stood:
        """What `as_json` has kept."""
        at = datetime.fromisoformat(kept["answered_at"]) if kept["answered_at"] else None
        return cls(kept["turn"], ApprovalState(kept["state"]), at, kept["reference"], kept["reason"])


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
    # Of the running story only: the letter about its change keeps it, until the letter leaves.
    stood: ClassVar[Stood | None] = None

    def note_standing(self) -> None:
        """Remember how it stands, before the running story changes it."""
        stood = Stood(self.turn, self.state, self.answered_at, self.reference, self.reason)
        object.__setattr__(self, "stood", stood)  # no column: nothing that the session would write

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
