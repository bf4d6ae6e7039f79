"""The table of promises."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, Word


class MessageState(StrEnum):
    """Where a message stands. `leased`: being sent by somebody until `lease_until`; `dropped`: no longer owed;

    `set_aside`: our own program failed at it so often that a person has to look.
    """

    QUEUED = "queued"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    SET_ASIDE = "set_aside"


# Written out: neither database matches a partial index against bound parameters.
_OWED = "state IN ('queued', 'leased')"
IS_OWED = text(f"messages.{_OWED}")


class Message(Base):
    """A letter owed to somebody. It is rendered from this row alone, so the row holds every fact it needs."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_owed",
            "next_attempt_at",
            sqlite_where=text(_OWED),
            postgresql_where=text(_OWED),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    key: Mapped[str] = mapped_column(String(200), unique=True, comment="what is owed; posting it twice is once")
    letter: Mapped[str] = mapped_column(String(40), comment="name of the template")
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(10), default="en")
    event: Mapped[str] = mapped_column(String(36), default="", index=True, comment="public id")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[MessageState] = mapped_column(Word(MessageState, 10), default=MessageState.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    put_offs: Mapped[int] = mapped_column(default=0, comment="how often the other side said: not now")
    setbacks: Mapped[int] = mapped_column(default=0, comment="how often our own program failed or died at it")
    slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="its turn, where its domain has a pace")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")
