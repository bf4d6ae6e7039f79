"""Tables of what people say beside yes and no: other times, that they have come, and through whom they answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.core.times import Side
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Office
from eventsvc.domain.invitations.models import Answer, Invitation


class ProposalState(StrEnum):
    """What became of a time that somebody proposed."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # answered otherwise since, or proposed others


class Proposal(Base):
    """A time at which an invited person could come instead; as long as the event."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_proposals_invitation_id_state", "invitation_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"))
    turn: Mapped[int] = mapped_column(comment="which asking it answers")
    starts_local: Mapped[datetime] = mapped_column(comment="wall clock in `zone`; midnight of an all-day event")
    starts_side: Mapped[Side | None] = mapped_column(String(7), comment="which of two, in a fold")
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone of the event")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(1000), default="", comment="in the person's words")
    state: Mapped[ProposalState] = mapped_column(Word(ProposalState, 10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(1000), default="", comment="why not, in the office's words")

    invitation: Mapped[Invitation] = relationship()


class Arrival(Base):
    """What somebody says on the day: that they are there, or by how much they will be late."""

    __tablename__ = "arrivals"
    __table_args__ = (CheckConstraint("late_minutes IS NULL OR late_minutes > 0", name="late_minutes"),)

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), primary_key=True, autoincrement=False)
    given_for: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start it was said for")
    here_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_minutes: Mapped[int | None] = mapped_column(comment="after the start, as they expect")
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)

    invitation: Mapped[Invitation] = relationship()


class OnBehalf(Base):
    """That an answer was written down by an office, as the person had told it."""

    __tablename__ = "answers_on_behalf"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), primary_key=True, autoincrement=False)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), comment="None: the administrator")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)

    answer: Mapped[Answer] = relationship()
    office: Mapped[Office | None] = relationship()
    account: Mapped[Account | None] = relationship()
