"""The delivery pause: while it lasts no letter and no call to a webhook leaves the house; all of them stay owed.

After a restore it stands until somebody has seen what would go again; it can be made by hand as well.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, Word, db

_ONLY = 1


class PauseReason(StrEnum):
    """Why nothing leaves: the database was filled from a backup, or somebody said so."""

    RESTORED = "restored"
    BY_HAND = "by_hand"


class DeliveryPause(Base):
    """The one row that stands while delivery is paused."""

    __tablename__ = "delivery_pause"
    __table_args__ = (CheckConstraint(f"id = {_ONLY}", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[PauseReason] = mapped_column(Word(PauseReason, 10))
    by_whom: Mapped[str] = mapped_column(String(120), comment="a role or an id, as in the audit log")
    taken_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="of the backup; what left later is not known here"
    )


def is_paused() -> bool:
    """True while nothing may leave; ask it in the transaction that claims."""
    return bool(db.session.scalar(select(exists().where(DeliveryPause.id == _ONLY))))


def present() -> DeliveryPause | None:
    """The pause that stands, or None."""
    return db.session.get(DeliveryPause, _ONLY, populate_existing=True)


def begin(reason: PauseReason, *, by: str, now: datetime, taken_at: datetime | None = None) -> DeliveryPause:
    """Let nothing leave from now on; a pause that stands already stays as it is.

    What is being sent at this moment arrives. `taken_at`: when the backup was taken out of which the database came.
    """
    standing = present()
    if standing is None:
        standing = DeliveryPause(id=_ONLY, since=now, reason=reason, by_whom=by, taken_at=taken_at)
        db.session.add(standing)
        db.session.flush()
    return standing


def end() -> DeliveryPause | None:
    """Let letters leave again; returns the pause that stood, or None."""
    standing = db.session.get(DeliveryPause, _ONLY, with_for_update=True, populate_existing=True)
    if standing is not None:
        db.session.delete(standing)
        db.session.flush()
    return standing
