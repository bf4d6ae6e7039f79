"""Tables of reminders."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, EventKind


class Audience(StrEnum):
    """Whom a rule is for."""

    EXPERT = "expert"
    OFFICE = "office"


class Condition(StrEnum):
    """When a rule that is due really applies."""

    ALWAYS = "always"
    UNANSWERED = "unanswered"


class ReminderState(StrEnum):
    """Where a planned reminder stands. `missed`: it came due when it could no longer help."""

    PLANNED = "planned"
    POSTED = "posted"
    DROPPED = "dropped"
    MISSED = "missed"


class Rule(Base):
    """An offset before the start, for an audience; `event_kind` None is for every kind without rules of its own."""

    __tablename__ = "reminder_rules"
    __table_args__ = (UniqueConstraint("event_kind", "audience", "minutes_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_kind: Mapped[EventKind | None] = mapped_column(Word(EventKind, 20))
    audience: Mapped[Audience] = mapped_column(Word(Audience, 10))
    minutes_before: Mapped[int]
    condition: Mapped[Condition] = mapped_column(Word(Condition, 12), default=Condition.ALWAYS)


# Written out: neither database matches a partial index against bound parameters.
_PLANNED = "state = 'planned'"
IS_PLANNED = text(f"reminders.{_PLANNED}")


class Reminder(Base):
    """One promise of a rule to one person or office, for one start of one event."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("event_id", "rule_id", "recipient", "starts_at"),
        Index(
            "ix_reminders_planned",
            "due_at",
            sqlite_where=text(_PLANNED),
            postgresql_where=text(_PLANNED),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rules.id"))
    recipient: Mapped[str] = mapped_column(String(100), comment="expert:<slug>, or office")
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start it was planned for")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[ReminderState] = mapped_column(Word(ReminderState, 10), default=ReminderState.PLANNED)

    event: Mapped[Event] = relationship()
    rule: Mapped[Rule] = relationship()
    expert: Mapped[Expert | None] = relationship()
