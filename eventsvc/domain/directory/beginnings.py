"""What was left out while a college was set up, and why: the only thing about setting up that nothing else shows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db

NOTE_LENGTH = 300


class SkippedStep(Base):
    """A step that somebody left for later. Once it is done all the same, this says nothing any more."""

    __tablename__ = "skipped_steps"
    __table_args__ = (UniqueConstraint("organization_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    step: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="", comment="why, as typed")
    skipped_at: Mapped[datetime] = mapped_column(UtcDateTime)


def skip(organization_id: int, step: str, note: str, now: datetime) -> None:
    """Leave a step for later; skipping it again replaces the note."""
    mine = select(SkippedStep).where(SkippedStep.organization_id == organization_id, SkippedStep.step == step)
    skipped = db.session.scalar(mine)
    if skipped is None:
        db.session.add(skipped := SkippedStep(organization_id=organization_id, step=step))
    skipped.note, skipped.skipped_at = note, now
    db.session.flush()


def skipped(organization_id: int) -> dict[str, str]:
    """The steps of a college that were left for later, each with its note."""
    rows = db.session.scalars(select(SkippedStep).where(SkippedStep.organization_id == organization_id))
    return {row.step: row.note for row in rows}
