"""Seats: the roles that an event needs filled, who is to fill each, and who would be asked next."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert


class SeatRole(StrEnum):
    """What an event needs somebody for."""

    PRESENTER = "presenter"
    RECRUITER = "recruiter"
    INTERPRETER = "interpreter"


class Seat(Base):
    """A role that an event needs filled, and who is to fill it.

    `expert` is its only holder: nobody else holds it, and while it is None nobody does.
    """

    __tablename__ = "seats"
    __table_args__ = (Index("uq_seats_event_id_expert_id", "event_id", "expert_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    expert_id: Mapped[int | None] = mapped_column(
        ForeignKey("experts.id"), index=True, comment="who is named; None: nobody yet"
    )
    role: Mapped[SeatRole] = mapped_column(Word(SeatRole, 30), default=SeatRole.PRESENTER)
    is_online: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="joins from afar an event that takes place somewhere"
    )
    open_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="nobody comes and nobody is next, which the offices were told"
    )

    expert: Mapped[Expert | None] = relationship()
    candidates: Mapped[list[SeatCandidate]] = relationship(
        cascade="all, delete-orphan", order_by="SeatCandidate.position"
    )


class SeatCandidate(Base):
    """Somebody in the line-up of a seat: asked when everybody before has said no or nothing."""

    __tablename__ = "seat_candidates"
    __table_args__ = (UniqueConstraint("seat_id", "expert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), index=True)
    position: Mapped[int] = mapped_column(comment="from 0")
    is_understudy: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="agreed beforehand to come if needed"
    )
    released_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when the partner's office let this person be asked, before their turn"
    )

    expert: Mapped[Expert] = relationship()
