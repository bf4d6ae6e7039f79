"""What comes back by mail (RFC 6047): answers of calendar programs, plain words, bounces.

It trusts nothing, and is still Python that a foreign text can keep busy: call it by `ical.confined`. What a mail *says*
is read here, whoever wrote it; what that means for an event is decided in `domain/mail/matching.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Family(StrEnum):
    """Which sort of program wrote a mail, for the table of what works where."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    APPLE = "apple"
    KDE = "kde"
    MOZILLA = "mozilla"
    OTHER = "other"


class Kind(StrEnum):
    """What a mail is, before anybody asks whose."""

    CALENDAR = "calendar"  # holds an answer of a calendar program
    WORDS = "words"  # plain words
    BOUNCE = "bounce"  # a server says that a letter of ours did not arrive (RFC 3464)
    AUTOMATIC = "automatic"  # out of office and the like (RFC 3834)
    UNREADABLE = "unreadable"  # `problem` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAnswer:
    """The one entry of an iTIP object (RFC 5546), as far as an answer may tell us anything.

    Instants are aware UTC; a `date` stands for whole days. Addresses are lower case, without `mailto:`.
    """

    method: str
    uid: str
    component: str = "VEVENT"
    sequence: int | None = None
    stamped_at: datetime | None = None
    recurrence: datetime | date | None = None
    attendees: tuple[str, ...] = ()
    word: str = ""
    sent_by: str = ""
    delegated_to: str = ""
    delegated_from: str = ""
    comment: str = ""
    guests: int = 0
    starts: datetime | date | None = None
    ends: datetime | date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail says. `to` are all addresses to which it may have been sent, the likeliest first, in lower case."""

    kind: Kind
    message_id: str = ""
    from_address: str = ""
    from_name: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    dated_at: datetime | None = None
    # What our own server says of the sender (RFC 8601): True passed, False failed, None said nothing.
    is_verified: bool | None = None
    family: Family = Family.OTHER
    words: str = ""
    answers: tuple[CalendarAnswer, ...] = field(default=())
    problem: str = ""
    # Of a bounce: the Message-ID of the letter that came back, what the server said, and whether it is final.
    returned_id: str = ""
    diagnosis: str = ""
    is_final: bool = True


def read_mail(raw: bytes, *, authserv_id: str = "") -> Mail:
    """What a mail says; of one that cannot be read, too: its `problem` then names the reason. Never raises."""
    raise NotImplementedError
