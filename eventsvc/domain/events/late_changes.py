"""Changes that came so late that a letter may not be enough: what was before, whom it concerns, whom a call reached.

See `urgency` for which changes those are. Rows are written in the story of the change and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.domain.events.models import Event


class Concerned(TypedDict):
    """Somebody who must know: a person by the public id of the invitation, or an office by its slug, as `role`."""

    who: str
    role: str


class LateChange(Base):
    """One change of time, place or status within 48 hours of the start."""

    __tablename__ = "late_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    was: Mapped[dict[str, Any]] = mapped_column(JSON, comment="time, place and status before, as urgency.known_of")
    concerned: Mapped[list[Concerned]] = mapped_column(JSON)


class Reached(Base):
    """Somebody said of a late change that they have told a person or an office themselves."""

    __tablename__ = "reached"
    __table_args__ = (UniqueConstraint("change_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("late_changes.id"))
    who: Mapped[str] = mapped_column(String(80), comment="as in `concerned`")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")


def note(event: Event, was: Mapping[str, Any], concerned: Sequence[Concerned], now: datetime) -> None:
    """Keep what was so before this late change, and whom it concerns. Call inside the transaction of the change."""
    db.session.add(LateChange(event_id=event.id, changed_at=now, was=dict(was), concerned=list(concerned)))


def of_event(event_id: int) -> Sequence[LateChange]:
    """The late changes of an event, the newest first."""
    query = select(LateChange).where(LateChange.event_id == event_id)
    return db.session.scalars(query.order_by(LateChange.id.desc())).all()


def reached(change: LateChange) -> dict[str, Reached]:
    """Who was reached by somebody after it, by `who`."""
    return {one.who: one for one in db.session.scalars(select(Reached).where(Reached.change_id == change.id))}


def note_reached(change: LateChange, who: str, by: str, now: datetime) -> bool:
    """Note that somebody was told; False where that was noted before.

    Locks: none; call with the event locked.
    """
    if who in reached(change):
        return False
    db.session.add(Reached(change_id=change.id, who=who, at=now, noted_by=by))
    db.session.flush()
    return True
