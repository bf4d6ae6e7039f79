"""Tables of booking."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.core.times import Span
from eventsvc.domain.directory.models import Expert, Room


class State(StrEnum):
    """What a reservation is. The databases refuse overlaps among `held` and `confirmed` ones of a resource."""

    HELD = "held"
    CONFIRMED = "confirmed"
    SOFT = "soft"
    RELEASED = "released"
    EXPIRED = "expired"


# Held or confirmed, written out: neither database matches a partial index against bound parameters.
_LIVE = "state IN ('held', 'confirmed')"
IS_BOOKED = text(f"reservations.{_LIVE}")


class Resource(Base):
    """Anything that can be reserved: exactly one room or one expert behind it."""

    __tablename__ = "resources"
    __table_args__ = (CheckConstraint("(room_id IS NULL) <> (expert_id IS NULL)", name="one_thing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"), unique=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"), unique=True)

    room: Mapped[Room | None] = relationship(lazy="joined")
    expert: Mapped[Expert | None] = relationship(lazy="joined")

    @property
    def thing(self) -> Room | Expert:
        """The room or the expert."""
        thing = self.room or self.expert
        assert thing is not None
        return thing


class Reservation(Base):
    """A resource, taken for a busy span by a holder.

    `busy_*` is what the resource needs by itself (set-up and take-down, arrival lead); `starts_at`/`ends_at` is the
    presence within it. Travel is never stored. A span is never updated: a move releases rows and inserts new ones.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("busy_from < busy_until", name="busy_span"),
        CheckConstraint("busy_from <= starts_at AND ends_at <= busy_until", name="presence_in_busy"),
        Index(
            "ix_reservations_live",
            "resource_id",
            "busy_from",
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        ExcludeConstraint(
            (text("int4range(resource_id, resource_id, '[]')"), "&&"),
            (text("tstzrange(busy_from, busy_until)"), "&&"),
            name="ex_reservations_overlap",
            using="gist",
            where=text(_LIVE),
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True, comment="the holder")
    state: Mapped[State] = mapped_column(Word(State, 10))
    busy_from: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place_id: Mapped[int | None] = mapped_column(
        ForeignKey("campuses.id"), comment="where the presence is; None when online"
    )
    hold_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="a hold is free from here on")

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
