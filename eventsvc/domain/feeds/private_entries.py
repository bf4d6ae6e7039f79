"""What the entries of all private calendars share: the day they are written for, their stamp, and what stands beside
an event (a way, a set-up, a hold).

Answers, neighbours and contacts change an entry without a change of its event, so each carries the number and instant
of the calendar's last change: SEQUENCE and LAST-MODIFIED rise whenever an entry may have changed, and never else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, or_

from eventsvc.core.links import Links
from eventsvc.core.times import Span, days_span
from eventsvc.domain.events.contacts import Contact
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.feeds import entries, versions
from eventsvc.ical.entry import Entry

Standing = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
# Free and busy times are of use for planning: what is over is nobody's, and half a year ahead is guessed anyway.
BUSY_BEFORE, BUSY_AHEAD = timedelta(days=7), timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a private calendar is written with on a UTC day; nothing of it changes while nothing that shows does."""

    links: Links
    day: date
    number: int
    changed_at: datetime

    @classmethod
    def of(cls, keys: Collection[str], links: Links, day: date, *, made_at: datetime) -> Sheet:
        """The sheet of a calendar that changes under those keys, or was made then and has not changed since."""
        number, changed_at = versions.read(*sorted(keys))
        return cls(links, day, number, changed_at or made_at.replace(microsecond=0))

    @property
    def midnight(self) -> datetime:
        """The moment that counts as now: who is away, which hold has lapsed."""
        return days_span(self.day, 1, "UTC").start

    @property
    def oldest(self) -> datetime:
        """What ended before is not shown any more."""
        return self.midnight - entries.KEPT_AFTER_END

    @property
    def busy_window(self) -> Span:
        """Which time free and busy times are told of."""
        return Span(self.midnight - BUSY_BEFORE, self.midnight + BUSY_AHEAD)

    def entry(self, event: Event, *, said: Sequence[str], is_sure: bool = True, is_seen: bool = True) -> Entry:
        """An event as those see it who work on it; `said` stands before its own words.

        Not `is_sure`: tentative. Not `is_seen`: its page is not there for who reads this.
        """
        entry = entries.entry_of(event, self.links)
        words = "\n\n".join([*said, *([entry.description] if entry.description else [])])
        page = self.links.event_page(str(event.public_id))
        status = "TENTATIVE" if entry.status == "CONFIRMED" and not is_sure else entry.status
        return replace(
            entry,
            sequence=event.sequence,
            revised_at=max(self.changed_at, event.revised_at),
            status=status,
            description=words if is_seen else words.replace(page, "").strip(),
            url=page if is_seen else "",
            is_public=False,
        )

    def beside(
        self,
        uid: UUID,
        span: Span,
        summary: str,
        *,
        status: Standing = "CONFIRMED",
        description: str = "",
        location: str = "",
        is_transparent: bool = False,
    ) -> Entry:
        """An entry that is no event of ours by itself."""
        return Entry(
            uid=str(uid),
            sequence=self.number,
            created_at=self.changed_at,
            revised_at=self.changed_at,
            starts=span.start,
            ends=span.end,
            summary=summary,
            status=status,
            organizer_name="",
            organizer_address=f"no-reply@{self.links.host}",
            description=description,
            location=location,
            is_transparent=is_transparent,
            is_public=False,
        )


def uid_beside(event: Event, what: str) -> UUID:
    """The UID of what stands beside an event: the same as long as it does."""
    return uuid5(event.public_id, what)


def not_over(oldest: datetime) -> ColumnElement[bool]:
    """True for events whose shown time ended later than that: of those that are off, the time promised."""
    is_off = Event.status.in_(OFF)
    return or_(and_(is_off, Event.promised_ends_at > oldest), and_(~is_off, Event.ends_at > oldest))


def is_sure(event: Event) -> bool:
    """True where its time and rooms are promised."""
    return event.status in (Status.CONFIRMED, Status.COMPLETED)


def told(contact: Contact) -> str:
    """Whom to call, in a line."""
    who = ", ".join(part for part in (contact.name, contact.office) if part)
    return ": ".join(
        ["Contact on the day", ", ".join(part for part in (who, contact.telephone, contact.mailbox) if part)]
    )


def in_order(found: Sequence[Entry]) -> list[Entry]:
    """By start, then UID: the order of a calendar never depends on the database's."""
    return sorted(found, key=lambda one: (_starts(one), one.uid))


def _starts(entry: Entry) -> str:
    return entry.starts.strftime("%Y%m%dT%H%M%S") if isinstance(entry.starts, datetime) else f"{entry.starts:%Y%m%d}T"
