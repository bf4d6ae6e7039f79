"""Tables of events."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.core.times import Side, Span
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, Room, Topic
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.seats import Seat


class EventKind(StrEnum):
    """What sort of event it is."""

    INFO_SESSION = "info_session"
    RECRUITMENT_FAIR = "recruitment_fair"
    CONVENING = "convening"
    WORKSHOP = "workshop"
    SITE_VISIT = "site_visit"
    RESEARCH_ACTIVITY = "research_activity"
    SCHOOL_NIGHT = "school_night"
    MEETING = "meeting"


class Status(StrEnum):
    """Where an event stands; the moves are in `lifecycle`."""

    DRAFT = "draft"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"


class Visibility(StrEnum):
    """Who may see an event once it is published."""

    PUBLIC = "public"
    ORGANIZATIONS = "organizations"
    PRIVATE = "private"


class Series(Base):
    """Events that were planned as one: by a rule, by dates or by a campaign's stops; each is an event of its own."""

    __tablename__ = "series"
    __table_args__ = (Index("uq_series_submission", "submission", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    submission: Mapped[str | None] = mapped_column(
        String(64), comment="digest of the form it was planned by; sending that form again finds it"
    )
    title: Mapped[str] = mapped_column(String(200))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, comment="as it was said; the events say what became of it")
    owner_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, comment="rises with every act on several of its events")

    owner: Mapped[Office] = relationship()
    skipped: Mapped[list[SkippedDate]] = relationship(order_by="SkippedDate.position", back_populates="series")


class SkippedDate(Base):
    """A date of a series that could not be had when the rest was booked; it can be taken later."""

    __tablename__ = "skipped_dates"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    position: Mapped[int] = mapped_column(comment="its place among the dates of the series, from 0")
    starts_on: Mapped[date] = mapped_column(comment="local day")
    plan: Mapped[dict[str, Any]] = mapped_column(JSON, comment="the whole plan of that date, to be planned later")
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON, comment="clashes and errors as facts, when it was last tried")
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), comment="the event that took it later")

    series: Mapped[Series] = relationship(back_populates="skipped")
    taken_by: Mapped[Event | None] = relationship(foreign_keys=[taken_by_id])


class RoomStanding(StrEnum):
    """How sure a room of an event is. Only what is sure is promised; who says so is in `domain/approvals`."""

    SURE = "sure"
    REQUESTED = "requested"
    DECLINED = "declined"


class Event(Base):
    """One occurrence, with one UID for life.

    It keeps what was promised (wall time and zone) and the UTC instants beside it. `all_day` events have
    `starts_on` and `days`, the others `starts_local` and `duration_minutes`.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("days >= 1", name="days"),
        CheckConstraint("duration_minutes IS NULL OR duration_minutes > 0", name="duration"),
        Index("ix_events_published_promised_ends_at", "published_at", "promised_ends_at"),
        Index("uq_events_submission", "submission", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True, comment="also the iCalendar UID")
    source_uid: Mapped[str | None] = mapped_column(
        String(255), unique=True, comment="where it was imported from; importing again finds it"
    )
    submission: Mapped[str | None] = mapped_column(
        String(64), comment="digest of the form it was planned by; sending that form again finds it"
    )
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind, 20), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="", comment="Markdown")
    visibility: Mapped[Visibility] = mapped_column(Word(Visibility, 15), default=Visibility.PUBLIC)
    # What is found by these two stands in tables of their own; see found_under.
    audience: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default="[]", comment="in which it is held, BCP 47 tags"
    )
    bring: Mapped[str] = mapped_column(
        String(1000), default="", server_default="", comment="what people should bring along"
    )
    accommodations: Mapped[str] = mapped_column(
        String(1000), default="", server_default="", comment="what is provided: captions, ASL …"
    )
    accommodations_due_on: Mapped[date | None] = mapped_column(comment="last day to ask for others, there")
    expected_heads: Mapped[int | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), comment="the only office that edits")
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"), index=True)
    online_url: Mapped[str] = mapped_column(String(500), default="")

    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone of the promise")
    starts_local: Mapped[datetime | None] = mapped_column(comment="wall clock in `zone`")
    starts_side: Mapped[Side | None] = mapped_column(String(7), comment="which of two, in a fold")
    duration_minutes: Mapped[int | None] = mapped_column(comment="elapsed")
    all_day: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date] = mapped_column(comment="local day of the start")
    days: Mapped[int] = mapped_column(default=1, comment="whole days of an all-day event")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    status: Mapped[Status] = mapped_column(Word(Status, 10))
    awaits_time: Mapped[bool] = mapped_column(default=False, comment="put off, and no new time yet")
    status_before_cancel: Mapped[Status | None] = mapped_column(Word(Status, 10))
    host_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="the host's own yes")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What calendars and the public are shown, also while the event is off (lists go by it); see promises.
    promised: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    promised_campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"))
    promised_starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    promised_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(default=0, comment="RFC 5546 2.1.4: time, place or status changed")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revised_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="whole seconds, strictly rising")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change of the row")

    series: Mapped[Series | None] = relationship()
    owner: Mapped[Office] = relationship()
    campus: Mapped[Campus | None] = relationship(foreign_keys=[campus_id])
    co_hosts: Mapped[list[Organization]] = relationship(secondary="event_co_hosts", order_by="Organization.slug")
    topics: Mapped[list[Topic]] = relationship(secondary="event_topics", order_by="Topic.slug")
    rooms: Mapped[list[Room]] = relationship(secondary="event_rooms", order_by="Room.slug")
    open_rooms: Mapped[list[EventRoom]] = relationship(
        primaryjoin="and_(Event.id == EventRoom.event_id, EventRoom.standing != 'sure')",
        order_by="EventRoom.room_id",
        viewonly=True,
    )
    seats: Mapped[list[Seat]] = relationship(cascade="all, delete-orphan", order_by="Seat.id")
    equipment: Mapped[list[EventPool]] = relationship(cascade="all, delete-orphan", order_by="EventPool.pool_id")

    @property
    def span(self) -> Span:
        """The public part of the event, without set-up."""
        return Span(self.starts_at, self.ends_at)

    @property
    def promised_span(self) -> Span:
        """The last time that calendars were told."""
        return Span(self.promised_starts_at, self.promised_ends_at)

    @property
    def experts(self) -> list[Expert]:
        """Who is named, in the order of the seats; a seat for which nobody is named yet has no expert."""
        return [seat.expert for seat in self.seats if seat.expert is not None]

    def joins_online(self, expert_id: int) -> bool:
        """True for somebody who joins from afar, or would, while the event itself takes place somewhere."""
        mine = [seat for seat in self.seats if seat.expert_id == expert_id] or [
            seat for seat in self.seats if any(one.expert_id == expert_id for one in seat.candidates)
        ]
        return self.campus_id is not None and any(seat.is_online for seat in mine)

    @property
    def online_experts(self) -> list[Expert]:
        """Who of them joins from afar."""
        return [seat.expert for seat in self.seats if seat.expert is not None and seat.is_online]

    @property
    def sure_rooms(self) -> list[Room]:
        """Those of its rooms that nobody has to grant any more: the only ones that may be promised."""
        not_sure = {place.room_id for place in self.open_rooms}
        return sorted((room for room in self.rooms if room.id not in not_sure), key=lambda room: room.slug)

    @property
    def requested_rooms(self) -> list[Room]:
        """Those of its rooms whose office was asked and has not answered."""
        asked = {place.room_id for place in self.open_rooms if place.standing is RoomStanding.REQUESTED}
        return [room for room in self.rooms if room.id in asked]

    @property
    def holds_resources(self) -> bool:
        """True while rooms and people are reserved for it: it is on, or has got a new time after it was put off."""
        is_on = self.status in (Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED)
        return is_on or (self.status is Status.POSTPONED and not self.awaits_time)

    def has_ended(self, now: datetime) -> bool:
        """True from the end on."""
        return self.ends_at <= now


class EventRoom(Base):
    """A room that the event was asked to have."""

    __tablename__ = "event_rooms"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    standing: Mapped[RoomStanding] = mapped_column(
        Word(RoomStanding, 10), default=RoomStanding.SURE, server_default=RoomStanding.SURE, comment="by approvals"
    )


class EventPool(Base):
    """So many things of a pool that the event was asked to have."""

    __tablename__ = "event_pools"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    quantity: Mapped[int]

    pool: Mapped[Pool] = relationship()


class EventTopic(Base):
    """A subject of the event."""

    __tablename__ = "event_topics"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True, index=True)


class EventCoHost(Base):
    """An organization in whose feeds and pages the event stands beside its owner's."""

    __tablename__ = "event_co_hosts"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True, index=True)
