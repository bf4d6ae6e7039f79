"""Tables of requests: a wish of one office to a partner's office, without a time and with nobody named."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Campus, Level, Office, Topic
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.requests.rounds import Round


class RequestState(StrEnum):
    """Where a request stands; the moves are in `standing`."""

    OPEN = "open"
    OFFERED = "offered"  # the partner has named another date, and the college has not said
    PLANNED = "planned"
    DECLINED = "declined"
    NOT_THIS_TERM = "not_this_term"
    WITHDRAWN = "withdrawn"


class Format(StrEnum):
    """How people meet."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Request(Base):
    """What a college's office wishes for; it becomes an event, or is answered in words."""

    __tablename__ = "requests"
    __table_args__ = (
        CheckConstraint("duration_minutes > 0", name="duration_minutes"),
        Index("ix_requests_waiting", "partner_id", "state", "asked_at", "id"),
        Index("uq_requests_submission", "submission", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    submission: Mapped[str | None] = mapped_column(
        String(64), comment="digest of the form it was asked by; sending that form again finds it"
    )
    asker_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True, comment="the college's office")
    partner_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), comment="the partner's office")
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"), comment="None: online")
    round_id: Mapped[int | None] = mapped_column(ForeignKey("request_rounds.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind, 20))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000), default="", comment="what the event should be about")
    audience: Mapped[list[str]] = mapped_column(JSON, default=list)
    level: Mapped[Level | None] = mapped_column(Word(Level, 10), comment="None: mixed, or nobody has said")
    language: Mapped[str] = mapped_column(String(10), default="en", comment="to be spoken, a BCP 47 tag")
    format: Mapped[Format] = mapped_column(Word(Format, 10))
    duration_minutes: Mapped[int]
    expected_heads: Mapped[int | None]
    accommodations: Mapped[str] = mapped_column(String(1000), default="")
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone of its windows")
    state: Mapped[RequestState] = mapped_column(Word(RequestState, 20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[date] = mapped_column(comment="local day of the partner's office; counts whole")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(1000), default="", comment="the answer in words")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every act on it")

    asker: Mapped[Office] = relationship(foreign_keys=asker_id)
    partner: Mapped[Office] = relationship(foreign_keys=partner_id)
    campus: Mapped[Campus | None] = relationship()
    round: Mapped[Round | None] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary="request_topics", order_by="Topic.slug")
    windows: Mapped[list[Window]] = relationship(order_by="Window.rank", cascade="all, delete-orphan")
    events: Mapped[list[Event]] = relationship(secondary="request_events", order_by="Event.id")


class RequestTopic(Base):
    """A subject that is wished for."""

    __tablename__ = "request_topics"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)


class Window(Base):
    """Days and hours at which it could be, in the request's zone; rank 1 is wished most."""

    __tablename__ = "request_windows"
    __table_args__ = (
        UniqueConstraint("request_id", "rank"),
        CheckConstraint("rank BETWEEN 1 AND 3", name="rank"),
        CheckConstraint("first_on <= last_on", name="days"),
        CheckConstraint("0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440", name="hours"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    rank: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date] = mapped_column(comment="counts whole")
    from_minute: Mapped[int] = mapped_column(comment="of the local day: not to begin before")
    until_minute: Mapped[int] = mapped_column(comment="of the local day: to be over by")
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list, comment="Monday is 0; none: every day")


class RequestEvent(Base):
    """An event that was made of a request."""

    __tablename__ = "request_events"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, unique=True)


class Side(StrEnum):
    """Whose office somebody acts for."""

    COLLEGE = "college"
    PARTNER = "partner"


class RequestKeeper(Base):
    """The person of an office who looks after a request there: whoever acted on it last while signed in."""

    __tablename__ = "request_keepers"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(Word(Side, 10), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()
