"""The tables of webhooks: targets, and what is owed to each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Office

NOTE_LENGTH = 200
URL_LENGTH = 1_000


class Happening(StrEnum):
    """What a target may be told of; the words stand in `type` of every body."""

    CREATED = "event.created"
    MOVED = "event.moved"
    CANCELLED = "event.cancelled"
    CONFIRMED = "event.confirmed"
    ANSWERED = "answer.received"
    REMINDER = "reminder.due"


# Sent by hand, to see whether a target hears us; nobody asks for it.
TEST = "webhook.test"


class Off(StrEnum):
    """Why a target is told nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"  # it answered 410: it wants nothing any more (RFC 9110 15.5.11)


class DeliveryState(StrEnum):
    """Where a delivery stands. `leased`: being sent by somebody until `lease_until`."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"  # it was tried for as long as we try
    SET_ASIDE = "set_aside"  # whoever tried it died of it, again and again
    DROPPED = "dropped"  # its target was switched off, or it was a reminder that helps nobody any more


# Written out: neither database matches a partial index against bound parameters.
_OWED = "state IN ('queued', 'leased')"
IS_OWED = text(f"webhook_deliveries.{_OWED}")


class WebhookTarget(Base):
    """An address of somebody else's system. Its secret is made of the row when it is needed, and stored nowhere."""

    __tablename__ = "webhook_targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    office_id: Mapped[int | None] = mapped_column(
        ForeignKey("offices.id"), index=True, comment="whose it is; None: the administrators', told of everything"
    )
    url: Mapped[str] = mapped_column(String(URL_LENGTH), comment="may hold a secret of theirs: shown to keepers alone")
    kinds: Mapped[list[str]] = mapped_column(JSON, comment="of what it is told")
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    off_because: Mapped[Off | None] = mapped_column(Word(Off, 10), comment="None: it is on")
    turn: Mapped[int] = mapped_column(default=1, comment="rises with every new secret")
    seal: Mapped[str] = mapped_column(String(64), comment="by which the secret is known again")
    seal_before: Mapped[str] = mapped_column(String(64), default="", comment="of the secret of the turn before")
    before_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="until then the secret before signs beside the present one"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0, comment="in a row, of the server and not of one body")
    resting_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="nothing is sent to it before")
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when its office was told that it fails")
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it last took something")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change of what people set")

    office: Mapped[Office | None] = relationship()

    @property
    def host(self) -> str:
        """Where it leads, without what may be secret in the address."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_on(self) -> bool:
        """True while it is told what happens."""
        return self.off_because is None


class WebhookDelivery(Base):
    """One happening, owed to one target. Its id and its bytes are the same at every try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("target_id", "key"),
        Index(
            "ix_webhook_deliveries_owed",
            "next_attempt_at",
            sqlite_where=text(_OWED),
            postgresql_where=text(_OWED),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("webhook_targets.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120), comment="what is owed; owing it twice is once")
    kind: Mapped[str] = mapped_column(String(30))
    event: Mapped[str] = mapped_column(String(36), default="", index=True, comment="public id")
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), index=True, comment="who is named in it")
    body: Mapped[str] = mapped_column(Text, comment="as it is sent, in UTF-8")
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState, 10), default=DeliveryState.QUEUED)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    helps_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="of reminders: from then on nobody is helped"
    )
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, comment="the last ones: at, status (None: no answer), said"
    )
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was taken, or given up")

    target: Mapped[WebhookTarget] = relationship()

    @property
    def webhook_id(self) -> str:
        """By which a receiver knows it again."""
        return f"msg_{self.public_id.hex}"
