"""Tables of invitations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.directory.models import Expert, Organization
from eventsvc.domain.events.models import Event


class InvitationState(StrEnum):
    """Where an invitation stands for the time it asks about now (four are PARTSTATs of RFC 5545)."""

    AWAITS_RELEASE = "awaits_release"  # named; the partner's office has not let the person be asked yet
    NEEDS_ACTION = "needs_action"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PASSED_OVER = "passed_over"  # silent for too long: the time is given back, somebody else is asked
    UNDERSTUDY = "understudy"  # would come if needed; the time is held softly
    WITHDRAWN = "withdrawn"


# Who is counted on: their time is held, firmly.
HOLDING = frozenset(
    {
        InvitationState.AWAITS_RELEASE,
        InvitationState.NEEDS_ACTION,
        InvitationState.TENTATIVE,
        InvitationState.ACCEPTED,
    }
)
# The same with those who would come if needed.
COUNTED_ON = HOLDING | {InvitationState.UNDERSTUDY}
# Who was named and will not come, as things stand: the seat is open unless somebody else is named.
GIVEN_UP = frozenset({InvitationState.DECLINED, InvitationState.PASSED_OVER})
# Who has been asked and has not said yes or no.
ASKED = frozenset({InvitationState.NEEDS_ACTION, InvitationState.TENTATIVE})


class AnswerWord(StrEnum):
    """What a person can say."""

    ACCEPT = "accept"
    TENTATIVE = "tentative"
    DECLINE = "decline"


class Invitation(Base):
    """One person, asked to come to one event."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("event_id", "expert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), index=True)
    state: Mapped[InvitationState] = mapped_column(Word(InvitationState, 15))
    turn: Mapped[int] = mapped_column(default=0, comment="rises each time the person is asked")
    asked_at: Mapped[datetime] = mapped_column(
        UtcDateTime, comment="when the question left, or the partner's office was asked for the person"
    )
    released_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when the partner's office let the person be asked"
    )
    chased_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when the person was last chased for it")
    stepped_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="steps of the cascade up to here are done")
    next_step_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, index=True, comment="when the cascade looks at it again; None: not by itself"
    )

    event: Mapped[Event] = relationship()
    expert: Mapped[Expert] = relationship()
    answers: Mapped[list[Answer]] = relationship(order_by="Answer.id")

    @property
    def has_to_confirm_again(self) -> bool:
        """True for who said yes to another time of the event, and has not answered for the present one."""
        return self.state in ASKED and any(one.word is AnswerWord.ACCEPT for one in self.answers)


class PartnerSettings(Base):
    """How one organization's people are asked; an organization without a row has what `settings.DEFAULTS` says."""

    __tablename__ = "partner_settings"
    __table_args__ = (
        CheckConstraint("tell_after_working_days > 0", name="tell_after"),
        CheckConstraint("pass_on_after_working_days >= tell_after_working_days", name="pass_on_after"),
        CheckConstraint("answer_by_working_days > 0", name="answer_by"),
        CheckConstraint("works_from_minute >= 0 AND works_from_minute < works_until_minute", name="works_from"),
        CheckConstraint("works_until_minute <= 1440", name="works_until"),
        CheckConstraint("changes_until_hours >= 0", name="changes_until"),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True, autoincrement=False)
    asks_automatically: Mapped[bool] = mapped_column(comment="people are asked without the office's release")
    chase_after_working_days: Mapped[list[int]] = mapped_column(JSON, comment="after the asking, rising")
    chase_before_days: Mapped[list[int]] = mapped_column(JSON, comment="calendar days before the event, falling")
    tell_after_working_days: Mapped[int] = mapped_column(comment="of silence: the partner's office is told")
    pass_on_after_working_days: Mapped[int] = mapped_column(comment="of silence: the next is asked")
    answer_by_working_days: Mapped[int] = mapped_column(comment="requests are to be answered by then")
    works_from_minute: Mapped[int] = mapped_column(comment="minute of the local day of the person asked")
    works_until_minute: Mapped[int] = mapped_column(comment="the same; letters go out before it")
    changes_until_hours: Mapped[int] = mapped_column(comment="before the start: until then an answer changes freely")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every edit")

    organization: Mapped[Organization] = relationship()


class Answer(Base):
    """What was said, when, and for which time; answers stay on record when the event moves."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    word: Mapped[AnswerWord] = mapped_column(Word(AnswerWord, 10))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    given_for: Mapped[datetime] = mapped_column(UtcDateTime, comment="the start the answer was given for")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
