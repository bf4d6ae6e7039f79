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
from eventsvc.domain.events import urgency
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
    was: Mapped[dict[str, Any]] = mapped_column(JSON, comment="as urgency.known_of, but for the link")
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
    """Keep what was so before this late change, and whom it concerns. Call inside the transaction of the change.

    Who had to learn of an earlier one, and has nothing to do with this one, is still listed until somebody tells them.
    """
    kept = {name: said for name, said in was.items() if name != "online_url"}  # it opens a room; nobody needs it here
    listed = [*concerned, *_left_of_earlier(event, {one["who"] for one in concerned}, now)]
    db.session.add(LateChange(event_id=event.id, changed_at=now, was=kept, concerned=listed))


def _left_of_earlier(event: Event, known: set[str], now: datetime) -> list[Concerned]:
    earlier = urgent_of(event, now)[:1]
    told = set(reached(earlier[0])) if earlier else set()
    return [one for change in earlier for one in change.concerned if one["who"] not in known | told]


def urgent_of(event: Event, now: datetime) -> list[LateChange]:
    """Its late changes, the newest first, until the event is over by each time that was near when it was changed."""
    query = select(LateChange).where(LateChange.event_id == event.id).order_by(LateChange.id.desc())
    return [one for one in db.session.scalars(query) if now < _counts_until(one, event)]


def _counts_until(change: LateChange, event: Event) -> datetime:
    """Who was told of a time weeks ahead knows it when it comes, so that one does not count."""
    spans = (urgency.span_of(change.was), event.span)
    near = [span.end for span in spans if span.start - change.changed_at <= urgency.SOON]
    return max(near, default=change.changed_at)


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
