"""The table of offered dates: a partner says when somebody could come; the first college to claim it has it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.core.times import Span, day_start
from eventsvc.domain.directory.models import Expert, Office, Topic
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests.models import Format, Request


class OfferState(StrEnum):
    """Where an offered date stands. `closed`: taken back by the partner, or not taken by the college it was for."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class OfferStanding(StrEnum):
    """The same at a moment: `lapsed` once its time, or the last day to claim it, is over."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"
    LAPSED = "lapsed"


class OfferedDate(Base):
    """A date that a partner's office offers: to every college, or to the one whose request it answers."""

    __tablename__ = "offered_dates"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True, comment="the partner's office")
    request_id: Mapped[int | None] = mapped_column(
        ForeignKey("requests.id"), index=True, comment="the request that it answers; None: for every college"
    )
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind, 20))
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(1000), default="")
    format: Mapped[Format] = mapped_column(Word(Format, 10))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone in which it was said")
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), index=True)
    closes_on: Mapped[date | None] = mapped_column(comment="last local day of the office to claim it")
    state: Mapped[OfferState] = mapped_column(Word(OfferState, 10))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was claimed or closed")
    version: Mapped[int] = mapped_column(default=1)

    office: Mapped[Office] = relationship()
    request: Mapped[Request | None] = relationship(foreign_keys=request_id)
    claimed_by: Mapped[Request | None] = relationship(foreign_keys=claimed_by_id)
    expert: Mapped[Expert | None] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary="offered_topics", order_by="Topic.slug")

    @property
    def span(self) -> Span:
        """From when until when."""
        return Span(self.starts_at, self.ends_at)

    @property
    def open_until(self) -> datetime:
        """It can be claimed before this moment."""
        if self.closes_on is None:
            return self.starts_at
        return min(self.starts_at, day_start(self.closes_on + timedelta(days=1), self.office.zone))

    def standing(self, now: datetime) -> OfferStanding:
        """What it is now."""
        if self.state is OfferState.OPEN and now >= self.open_until:
            return OfferStanding.LAPSED
        return OfferStanding(self.state)


class OfferedTopic(Base):
    """A subject of an offered date."""

    __tablename__ = "offered_topics"

    offered_id: Mapped[int] = mapped_column(ForeignKey("offered_dates.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
