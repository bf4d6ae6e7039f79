"""What a mail can say: the words in which `imip.read_mail` tells it. Plain values, for they come out of a process."""

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


class Problem(StrEnum):
    """Why a mail cannot be read: the words that `Mail.problem` may hold."""

    TOO_LARGE = "too-large"  # the whole mail
    TOO_MUCH = "too-much"  # time or memory ran out over it
    READER_DIED = "reader-died"  # twice
    TOO_MANY_PARTS = "too-many-parts"
    HEADERS_TOO_LONG = "headers-too-long"
    BROKEN_MAIL = "broken-mail"
    TWO_SENDERS = "two-senders"  # two From lines: which of them was checked, nobody can tell
    EMPTY = "empty"
    TNEF = "tnef"
    CALENDAR_TOO_LARGE = "calendar-too-large"
    BROKEN_CALENDAR = "broken-calendar"
    SEVERAL_CALENDARS = "several-calendars"
    SEVERAL_EVENTS = "several-events"
    METHODS_DISAGREE = "methods-disagree"
    NO_METHOD = "no-method"
    NO_UID = "no-uid"
    CONTRADICTORY = "contradictory"  # one person says two things in one entry
    UNKNOWN_ZONE = "unknown-zone"  # a time that would matter, in a zone that nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAnswer:
    """One entry of an iTIP object (RFC 5546), as far as an answer may tell us anything.

    Instants are aware UTC; a `date` stands for whole days. Addresses are lower case, without `mailto:`.
    """

    method: str  # REPLY, COUNTER, REFRESH; another one where the mail holds none of these
    uid: str
    component: str = "VEVENT"
    # Of Outlook's own line where SEQUENCE is missing or 0.
    sequence: int | None = None
    stamped_at: datetime | None = None
    recurrence: datetime | date | None = None
    # Each once. The first is whom the mail comes from, if that is one of them; else who delegates; else as written.
    attendees: tuple[str, ...] = ()
    # PARTSTAT in upper case, and all below down to `guests`: of the first attendee, of nobody else.
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
    """What a mail says. `to` are all addresses to which it may have been sent, the likeliest first, in lower case.

    Ids are without angle brackets. `words` stay empty beside an answer of a calendar program: it writes them itself.
    """

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
    # One of `Problem`; empty for whatever could be read.
    problem: str = ""
    # Of a bounce: the Message-ID of the letter that came back, what the server said, and whether it is final.
    returned_id: str = ""
    diagnosis: str = ""
    is_final: bool = True


class Unreadable(Exception):
    """Ends the reading of a part: `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
