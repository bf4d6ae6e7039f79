"""The table of rounds: requests gathered until a day and then granted together, so that no fast click wins a term."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime
from eventsvc.core.times import day_start
from eventsvc.domain.directory.models import Office


class RoundStanding(StrEnum):
    """What a round is at a moment."""

    OPEN = "open"
    CLOSED = "closed"  # its day is over, and nobody has granted it yet
    GRANTED = "granted"


class Round(Base):
    """A partner takes requests until the end of a local day and grants them all at once."""

    __tablename__ = "request_rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True, comment="the partner's office")
    title: Mapped[str] = mapped_column(String(200))
    closes_on: Mapped[date] = mapped_column(comment="last local day of the office; counts whole")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    office: Mapped[Office] = relationship()

    @property
    def closes_at(self) -> datetime:
        """The end of its last day, exclusive."""
        return day_start(self.closes_on + timedelta(days=1), self.office.zone)

    def standing(self, now: datetime) -> RoundStanding:
        """What it is now."""
        if self.granted_at is not None:
            return RoundStanding.GRANTED
        return RoundStanding.OPEN if now < self.closes_at else RoundStanding.CLOSED
