"""The table of remarks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert, Office


class Subject(StrEnum):
    """What a conversation is about."""

    EVENT = "event"
    REQUEST = "request"


class Remark(Base):
    """Something that one office, or an invited person by mail, wrote to the others; it is not changed afterwards."""

    __tablename__ = "remarks"
    __table_args__ = (Index("ix_remarks_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    subject_kind: Mapped[Subject] = mapped_column(Word(Subject, 10))
    subject: Mapped[UUID] = mapped_column(comment="public id of the event or the request")
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), comment="in whose name")
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id"), index=True, comment="None: the administrator's key, or an invited person"
    )
    expert_id: Mapped[int | None] = mapped_column(
        ForeignKey("experts.id"), index=True, comment="of an invited person who wrote it by mail"
    )
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    office: Mapped[Office | None] = relationship()
    account: Mapped[Account | None] = relationship()
    expert: Mapped[Expert | None] = relationship()

    @property
    def author(self) -> Account | Expert | None:
        """Who wrote it; None for the administrator's key."""
        return self.account or self.expert
