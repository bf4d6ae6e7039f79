"""Tables of booking."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.core.times import Span
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool, PoolUnit


class State(StrEnum):
    """What a reservation is. The databases refuse overlaps among `held` and `confirmed` ones of a resource."""

    HELD = "held"
    CONFIRMED = "confirmed"
    SOFT = "soft"
    RELEASED = "released"
    EXPIRED = "expired"


# Held or confirmed, written out: neither database matches a partial index against bound parameters.
LIVE = "state IN ('held', 'confirmed')"
IS_BOOKED = text(f"reservations.{LIVE}")


_ONE_THING = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in ("room_id", "expert_id", "unit_id"))


class Resource(Base):
    """Anything that can be reserved: exactly one room, one expert or one unit of a pool behind it."""

    __tablename__ = "resources"
    __table_args__ = (CheckConstraint(f"{_ONE_THING} = 1", name="one_thing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"), unique=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("pool_units.id"), unique=True)

    room: Mapped[Room | None] = relationship()
    expert: Mapped[Expert | None] = relationship()
    unit: Mapped[PoolUnit | None] = relationship()

    @property
    def thing(self) -> Room | Expert | Pool:
        """The room, the expert, or the pool whose unit this is."""
        if (thing := self.room or self.expert) is not None:
            return thing
        assert self.unit is not None
        return self.unit.pool


class Hold(Base):
    """Things set aside for a while without an event: an offer that somebody thinks over.

    `wish` is what the offer said, in the fields of a plan, so that it becomes an event by one call.
    """

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    held_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    note: Mapped[str] = mapped_column(String(200), default="")
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hold_until: Mapped[datetime] = mapped_column(UtcDateTime, comment="free for everyone from here on")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="given back, or turned into an event")
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True, comment="what it became")

    def is_live(self, now: datetime) -> bool:
        """True while it holds anything."""
        return self.ended_at is None and now < self.hold_until


class Reservation(Base):
    """A resource, taken for a busy span by a holder.

    `busy_*` is what the resource needs by itself (set-up and take-down, arrival lead); `starts_at`/`ends_at` is the
    presence within it. Travel is never stored. A span is never updated: a move releases rows and inserts new ones.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("busy_from < busy_until", name="busy_span"),
        CheckConstraint("busy_from <= starts_at AND ends_at <= busy_until", name="presence_in_busy"),
        CheckConstraint("(event_id IS NULL) <> (hold_id IS NULL)", name="one_holder"),
        Index(
            "ix_reservations_live",
            "resource_id",
            "busy_from",
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index(
            "ix_reservations_soft",
            "resource_id",
            "busy_from",
            sqlite_where=text("state = 'soft'"),
            postgresql_where=text("state = 'soft'"),
        ),
        ExcludeConstraint(
            (text("int4range(resource_id, resource_id, '[]')"), "&&"),
            (text("tstzrange(busy_from, busy_until)"), "&&"),
            name="ex_reservations_overlap",
            using="gist",
            where=text(LIVE),
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True, comment="the holder, or a hold")
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"), index=True)
    state: Mapped[State] = mapped_column(Word(State, 10))
    busy_from: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("campuses.id"), comment="where the presence is; None when online"
    )
    hold_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="a hold is free from here on")
    asked_room_id: Mapped[int | None] = mapped_column(
        ForeignKey("rooms.id"), comment="the hall that was asked for, where the resource is a part of one"
    )

    resource: Mapped[Resource] = relationship()

    @property
    def busy(self) -> Span:
        """The whole busy span."""
        return Span(self.busy_from, self.busy_until)

    def is_live(self, now: datetime) -> bool:
        """True while the resource is taken: confirmed, or held and not yet lapsed."""
        if self.state == State.CONFIRMED:
            return True
        return self.state == State.HELD and (self.hold_until is None or now < self.hold_until)
