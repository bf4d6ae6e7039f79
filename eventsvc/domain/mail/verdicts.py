"""What a mail is held against, and what is to be done with it: the words in which `matching` is asked and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.instances import Date
from eventsvc.domain.mail.reasons import Reason


class Act(StrEnum):
    """What is to be done."""

    ANSWER = "answer"  # `word`
    RECORD = "record"  # `word`, for an older time; nothing else changes, and somebody looks at it
    PROPOSE = "propose"  # `starts`
    DELEGATE = "delegate"  # `delegate`
    WORDS = "words"  # into the conversation
    BOUNCE = "bounce"
    REFRESH = "refresh"
    NOTE = "note"
    REVIEW = "review"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the invitation stands that a mail was found to belong to. Addresses are in lower case."""

    uid: str
    address: str
    # True where the mail was sent to the invitation's own address, which nobody can guess.
    is_by_address: bool
    # Of the other people who are asked to the same event.
    others: frozenset[str] = frozenset()
    sequence: int = 0  # of the last calendar part that was owed
    asked_sequence: int = 0  # with which the present time was asked for
    newest: tuple[int, datetime] | None = None  # SEQUENCE and DTSTAMP of the last answer taken by mail
    said: AnswerWord | None = None  # the answer for the present time
    said_at: datetime | None = None  # when it was given, where it came by another way than mail
    # The dates that the UID has, or had: RECURRENCE-ID may name them.
    dates: frozenset[Date] = frozenset()
    starts: Date
    ends: Date
    # EVENT_OFF, EVENT_PUT_OFF, EVENT_OVER or NOT_NEEDED where there is nothing to answer.
    closed: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a mail, and why; `sequence` and `stamp` order the answer among those of the same person."""

    act: Act
    reason: Reason
    word: AnswerWord | None = None
    comment: str = ""
    starts: Date | None = None
    delegate: str = ""
    sequence: int = 0
    stamp: datetime | None = None
