"""Tables of the directory: things of which any will do, and the terms of a campus."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, Word
from eventsvc.domain.directory.models import Campus, Entry, Organization, PoolKind


class Pool(Entry, Base):
    """Ten projectors, the booths of a hall, two sign-language interpreters: things of which any will do."""

    __tablename__ = "pools"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("notice_days >= 0", name="notice_days"),
        CheckConstraint("setup_minutes >= 0 AND takedown_minutes >= 0", name="minutes"),
    )

    kind: Mapped[PoolKind] = mapped_column(Word(PoolKind, 20), default=PoolKind.EQUIPMENT)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), comment="whose they are")
    campus_id: Mapped[int | None] = mapped_column(
        ForeignKey("campuses.id"), index=True, comment="where they are used; None: anywhere, also online"
    )
    quantity: Mapped[int] = mapped_column(comment="how many there are; its first units, by number")
    notice_days: Mapped[int] = mapped_column(default=0, comment="to be asked for at least this long before")
    setup_minutes: Mapped[int] = mapped_column(default=0)
    takedown_minutes: Mapped[int] = mapped_column(default=0)

    organization: Mapped[Organization] = relationship()
    campus: Mapped[Campus | None] = relationship()


class PoolUnit(Base):
    """One thing of a pool; those numbered up to the pool's quantity are in use."""

    __tablename__ = "pool_units"
    __table_args__ = (UniqueConstraint("pool_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id"))
    number: Mapped[int] = mapped_column(comment="from 1")

    pool: Mapped[Pool] = relationship()


class Term(Base):
    """A term of a campus: it blocks nothing, and says until when a weekly series may run."""

    __tablename__ = "terms"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days"),
        Index("uq_terms_campus_id_name", "campus_id", "name", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campuses.id"))
    name: Mapped[str] = mapped_column(String(100))
    starts_on: Mapped[date]
    ends_on: Mapped[date] = mapped_column(comment="the last day")

    campus: Mapped[Campus] = relationship()
