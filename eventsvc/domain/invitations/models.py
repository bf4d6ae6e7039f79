"""Tables of invitations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event


class InvitationState(StrEnum):
    """Where an invitation stands for the time it asks about now (the first three are RFC 5545 PARTSTATs)."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AnswerWord(StrEnum):
    """What a person can say."""

    ACCEPT = "accept"
    DECLINE = "decline"


class Invitation(Base):
    """One person, asked to come to one event."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("event_id", "expert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), index=True)
    state: Mapped[InvitationState] = mapped_column(Word(InvitationState, 12))
    turn: Mapped[int] = mapped_column(default=0, comment="rises each time the person is asked")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    event: Mapped[Event] = relationship()
    expert: Mapped[Expert] = relationship()
    answers: Mapped[list[Answer]] = relationship(order_by="Answer.id")


class Answer(Base):
    """What was said, when, and for which time; answers stay on record when the event moves."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    word: Mapped[AnswerWord] = mapped_column(Word(AnswerWord, 10))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    given_for: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start the answer was given for")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
