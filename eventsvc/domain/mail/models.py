"""Tables of mail: the thread with each invited person, and every mail that came in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.invitations.models import Invitation


class Thread(Base):
    """The mail with one person about one event: ORGANIZER and Reply-To for the life of the UID, and its revisions.

    SEQUENCE is counted for each person alone: another's CANCEL raises nobody's. It is never below the event's own.
    """

    __tablename__ = "mail_threads"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), unique=True)
    turn: Mapped[int] = mapped_column(default=0, comment="turning it ends the address")
    digest: Mapped[str | None] = mapped_column(
        String(64), unique=True, comment="by which its address is found; None until a letter leaves"
    )
    mailbox: Mapped[str | None] = mapped_column(
        String(254), comment="ORGANIZER without the +address; set when the first letter leaves, and kept"
    )
    takes_answers: Mapped[bool] = mapped_column(default=False, comment="the mailbox is ours: answers are read")
    sequence: Mapped[int] = mapped_column(default=-1, comment="SEQUENCE of the last calendar part owed")
    asked_sequence: Mapped[int] = mapped_column(default=0, comment="SEQUENCE with which the time was told")
    answered_sequence: Mapped[int | None] = mapped_column(comment="SEQUENCE of the newest answer taken")
    answered_stamp: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="DTSTAMP of the newest answer taken")

    invitation: Mapped[Invitation] = relationship()


class MailState(StrEnum):
    """What became of a mail that came in."""

    WAITING = "waiting"  # taken in; not read yet
    APPLIED = "applied"  # an answer of ours by it
    NOTED = "noted"  # words put into the conversation, a bounce, an absence: nothing to decide
    REVIEW = "review"  # somebody has to look at it
    IGNORED = "ignored"  # seen before, or nothing to us
    SETTLED = "settled"  # was in review


_WAITS = "state = 'waiting'"
_IN_REVIEW = "state = 'review'"


class ReceivedMail(Base):
    """A mail that came in, whole until it is forgotten; taking the same bytes in again is once."""

    __tablename__ = "received_mails"
    __table_args__ = (
        Index("ix_received_mails_waiting", "id", sqlite_where=text(_WAITS), postgresql_where=text(_WAITS)),
        Index("ix_received_mails_review", "id", sqlite_where=text(_IN_REVIEW), postgresql_where=text(_IN_REVIEW)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True, comment="of the bytes")
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, comment="RFC 5322; None once forgotten")
    door: Mapped[str] = mapped_column(String(10), comment="imap, maildir, pipe, http, demo")
    envelope_to: Mapped[str] = mapped_column(String(254), default="", comment="RCPT TO, where the door was told")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[MailState] = mapped_column(Word(MailState, 10), default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0, comment="readings begun; what kills its reader is for review")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="somebody is reading it")
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message_id: Mapped[str] = mapped_column(String(300), default="", index=True)
    from_address: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, comment="what was read in it")
    family: Mapped[str] = mapped_column(String(20), default="", comment="client family: google, microsoft, apple, …")
    is_verified: Mapped[bool | None] = mapped_column(comment="our own server vouches for the sender; None: no word")
    reason: Mapped[str] = mapped_column(String(40), default="", comment="why it was applied, noted, put off or ignored")
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("mail_threads.id"), index=True)
    event: Mapped[str] = mapped_column(String(36), default="", index=True, comment="public id")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    resolution: Mapped[str] = mapped_column(String(20), default="", comment="how the review ended")

    thread: Mapped[Thread | None] = relationship()
    settled_by: Mapped[Account | None] = relationship()
