"""What an event was made of where it came from a calendar of another system, and which state of that is known here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.models import Event

_MOST_AT_ONCE = 500


class ImportedEntry(Base):
    """One occurrence of a foreign entry that became an event; an office knows each by UID and `recurrence` once."""

    __tablename__ = "imported_entries"
    __table_args__ = (Index("uq_imported_entries_entry", "office_id", "uid", "recurrence", unique=True),)

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("event_subscriptions.id"), index=True, comment="through which it is kept up; NULL: by files"
    )
    uid: Mapped[str] = mapped_column(String(255), comment="as the calendar says it")
    recurrence: Mapped[str] = mapped_column(String(20), default="", comment="which date of its UID")
    sequence: Mapped[int] = mapped_column(default=0)
    modified_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="LAST-MODIFIED")
    digest: Mapped[str] = mapped_column(String(40), comment="of all that the entry said when it was last taken")
    is_off: Mapped[bool] = mapped_column(default=False, comment="the source has called it off, nobody here")
    is_tentative: Mapped[bool] = mapped_column(default=False)
    gone_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="since when the subscribed calendar does not hold it any more"
    )


class Known(NamedTuple):
    """A row as it was when the import began, with where its event stood."""

    event_id: int
    public_id: UUID
    uid: str
    recurrence: str
    digest: str
    starts_at: datetime
    title: str
    is_on: bool
    is_gone: bool
    subscription_id: int | None


@dataclass(frozen=True, slots=True)
class Revision:
    """Which state of an entry is known; RFC 5546 2.1.5 goes by SEQUENCE, most programs keep LAST-MODIFIED alone."""

    sequence: int
    modified_at: datetime | None

    def is_older_than(self, known: Revision) -> bool:
        """True where something says that it is older, and nothing that it is newer."""
        if self.modified_at is None or known.modified_at is None or self.modified_at == known.modified_at:
            return self.sequence < known.sequence
        return self.modified_at < known.modified_at and self.sequence <= known.sequence


def source_uid_of(office_id: int, uid: str, recurrence: str) -> str:
    """The lasting name of an event that came from there, as `Event.source_uid` keeps it."""
    return "ics:" + hashlib.sha256(repr((office_id, uid, recurrence)).encode()).hexdigest()[:40]


def known_of(office_id: int, uids: Collection[str]) -> list[Known]:
    """Every event of an office that came from one of those UIDs."""
    wanted, found = sorted(uids), []
    for first in range(0, len(wanted), _MOST_AT_ONCE):
        some = wanted[first : first + _MOST_AT_ONCE]
        found += _known(ImportedEntry.office_id == office_id, ImportedEntry.uid.in_(some))
    return found


def known_through(subscription_id: int) -> list[Known]:
    """Every event that is kept up through a subscription."""
    return _known(ImportedEntry.subscription_id == subscription_id)


def _known(*where: ColumnElement[bool]) -> list[Known]:
    query = (
        select(ImportedEntry, Event.public_id, Event.starts_at, Event.title, Event.status)
        .join(Event, Event.id == ImportedEntry.event_id)
        .where(*where)
        .order_by(Event.starts_at, Event.id)
    )
    return [
        Known(
            entry.event_id,
            public_id,
            entry.uid,
            entry.recurrence,
            entry.digest,
            starts_at,
            title,
            status in ON,
            entry.gone_at is not None,
            entry.subscription_id,
        )
        for entry, public_id, starts_at, title, status in db.session.execute(query)
    ]


def claim(event_id: int) -> ImportedEntry:
    """The row of an event that is locked already, as it stands now."""
    return db.session.get_one(ImportedEntry, event_id, populate_existing=True)
