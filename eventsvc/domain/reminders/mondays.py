"""For which offices it is Monday morning, and that each of them gets one letter a week, whoever writes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, db, is_postgresql
from eventsvc.core.times import instant_at, local_day
from eventsvc.domain.directory.models import Office

AT_MINUTE = 7 * 60
# After downtime: until the end of Tuesday it still helps with the week.
USEFUL_FOR = timedelta(hours=41)


class MondayLetter(Base):
    """Somebody has written an office its letter of a week, or found that there was nothing to say."""

    __tablename__ = "monday_letters"

    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    monday: Mapped[date] = mapped_column(primary_key=True, comment="in the office's zone")


def monday_of(now: datetime, zone: str) -> date | None:
    """The Monday whose letter is due in a zone: from its 7:00 on, as long as it is useful; else None."""
    today = local_day(now, zone)
    monday = today - timedelta(days=today.weekday())
    due_at = instant_at(monday, AT_MINUTE, zone)
    return monday if due_at <= now < due_at + USEFUL_FOR else None


def due(now: datetime) -> list[tuple[int, date]]:
    """Offices with a mailbox whose letter nobody has written yet, by id, each with its Monday."""
    zones = db.session.scalars(select(Office.zone).where(Office.retired_on.is_(None)).distinct()).all()
    found: list[tuple[int, date]] = []
    for zone in zones:
        if (monday := monday_of(now, zone)) is None:
            continue
        written = and_(MondayLetter.office_id == Office.id, MondayLetter.monday == monday)
        mine = Office.zone == zone, Office.retired_on.is_(None), Office.mailbox != ""
        query = select(Office.id).outerjoin(MondayLetter, written).where(*mine, MondayLetter.office_id.is_(None))
        found += [(office_id, monday) for office_id in db.session.scalars(query)]
    return sorted(found)


def claim(office_id: int, monday: date) -> bool:
    """True for the one who is to write it; call inside the transaction that owes the letter.

    Who comes at the same time waits for that transaction, and writes it in its place when that is undone.
    """
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    row = insert(MondayLetter).values(office_id=office_id, monday=monday).on_conflict_do_nothing()
    return db.session.scalar(row.returning(MondayLetter.office_id)) is not None


def next_after(now: datetime, zone: str) -> datetime:
    """The next Monday, 7:00 in a zone."""
    today = local_day(now, zone)
    monday = today - timedelta(days=today.weekday())
    return next(
        due_at
        for due_at in (instant_at(monday + timedelta(weeks=weeks), AT_MINUTE, zone) for weeks in (0, 1))
        if due_at > now
    )
