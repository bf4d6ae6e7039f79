"""Tables of reminders."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert, Office, Organization
from eventsvc.domain.events.models import Event, EventKind


class Audience(StrEnum):
    """Whom a rule is for: who comes, the office in charge, the office that lends people, and students who register.

    Nobody registers yet: rules for students are kept and shown, and nothing is planned by them.
    """

    EXPERT = "expert"
    HOST = "host"
    PARTNER = "partner"
    STUDENT = "student"


class Condition(StrEnum):
    """When a rule that is due really applies."""

    ALWAYS = "always"
    UNANSWERED = "unanswered"
    NO_COUNT = "no_count"


class Channel(StrEnum):
    """By which way a reminder goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    BOTH = "both"


class Anchor(StrEnum):
    """From where an offset is counted: back from the start, or on from the end."""

    START = "start"
    END = "end"


class ReminderState(StrEnum):
    """Where a planned reminder stands. `missed`: it came due when it could no longer help."""

    PLANNED = "planned"
    POSTED = "posted"
    DROPPED = "dropped"
    MISSED = "missed"


class Reason(StrEnum):
    """Why a reminder was missed or dropped."""

    TOO_LATE = "too_late"  # nobody could send it before the event began
    OVERTAKEN = "overtaken"  # a later one to the same reader was due by then: one letter is enough
    ANSWERED = "answered"
    COUNTED = "counted"
    NOT_COMING = "not_coming"
    ASKED_TODAY = "asked_today"
    TOLD_ALREADY = "told_already"  # the office reads its people's own reminders
    NO_ADDRESS = "no_address"
    NOT_WANTED = "not_wanted"  # the event, its people or the rules have changed


class RuleSet(Base):
    """The rules of one scope for one audience; a set without rules says that nobody is reminded there.

    Of all sets that fit, the most specific counts alone: of the event, of the reader's organization for the kind, of
    the organization, of the kind, of everybody.
    """

    __tablename__ = "reminder_rule_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(120), unique=True, comment="audience and scope in one word")
    audience: Mapped[Audience] = mapped_column(Word(Audience, 10))
    event_kind: Mapped[EventKind | None] = mapped_column(Word(EventKind, 20))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True)
    is_in_force: Mapped[bool] = mapped_column(default=True, server_default=true(), comment="else the next counts")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change")

    organization: Mapped[Organization | None] = relationship()
    rules: Mapped[list[Rule]] = relationship(
        primaryjoin="and_(RuleSet.id == Rule.set_id, Rule.retired_at.is_(None))",
        order_by="Rule.id",
        viewonly=True,
    )


class Rule(Base):
    """When a reminder is due: so many minutes before the start or after the end, or N days away at a local hour.

    The hour is the reader's own. Rules are never deleted, since reminders name them; said anew, one is the same again.
    """

    __tablename__ = "reminder_rules"
    __table_args__ = (CheckConstraint("(minutes IS NULL) <> (days IS NULL)", name="offset"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule_sets.id"), index=True)
    anchor: Mapped[Anchor] = mapped_column(Word(Anchor, 5), default=Anchor.START)
    minutes: Mapped[int | None] = mapped_column(comment="elapsed, from the anchor")
    days: Mapped[int | None] = mapped_column(comment="local days from the anchor's, in the reader's zone")
    at_minute: Mapped[int | None] = mapped_column(comment="minute of that local day")
    condition: Mapped[Condition] = mapped_column(Word(Condition, 12), default=Condition.ALWAYS)
    channel: Mapped[Channel] = mapped_column(Word(Channel, 10), default=Channel.MAIL, server_default=Channel.MAIL)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="taken out of its set")

    rule_set: Mapped[RuleSet] = relationship(lazy="joined")


class QuietHours(Base):
    """Minutes of the reader's local day in which nobody is reminded; the same twice: there are none."""

    __tablename__ = "quiet_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(120), unique=True, comment="everybody, or the office in a word")
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), unique=True, comment="None: everybody's")
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change")

    office: Mapped[Office | None] = relationship()


class Replan(Base):
    """An event whose reminders are to be planned anew, because a rule, a zone or quiet hours have changed."""

    __tablename__ = "reminder_replans"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="what was ahead then is still to be said")
    turn: Mapped[int] = mapped_column(default=1, comment="rises when it is asked for again")


# Written out: neither database matches a partial index against bound parameters.
_PLANNED = "state = 'planned'"
IS_PLANNED = text(f"reminders.{_PLANNED}")
_MISSED = "state = 'missed'"
IS_MISSED = text(f"reminders.{_MISSED}")


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
        Index(
            "ix_reminders_missed",
            "due_at",
            sqlite_where=text(_MISSED),
            postgresql_where=text(_MISSED),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rules.id"))
    recipient: Mapped[str] = mapped_column(String(100), comment="expert:<slug>, office, or partner:<slug of office>")
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start it was planned for")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[ReminderState] = mapped_column(Word(ReminderState, 10), default=ReminderState.PLANNED)
    reason: Mapped[Reason | None] = mapped_column(Word(Reason, 15), comment="why it was missed or dropped")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was posted, missed or dropped")

    event: Mapped[Event] = relationship()
    rule: Mapped[Rule] = relationship()
    expert: Mapped[Expert | None] = relationship()
