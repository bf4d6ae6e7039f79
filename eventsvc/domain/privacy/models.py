"""Tables of privacy: what must be kept for the law's sake, and who took persons' names out of the service."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime
from eventsvc.domain.directory.models import Office, Organization

_SCOPE = ("email <> ''", "office_id IS NOT NULL", "organization_id IS NOT NULL", "starts_on IS NOT NULL")


class LegalHold(Base):
    """Records that nobody may erase while it stands: those that fit every part of the scope that is filled in."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        CheckConstraint(" OR ".join(_SCOPE), name="scope"),
        CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name="span"),
        CheckConstraint("starts_on IS NULL OR starts_on <= ends_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    email: Mapped[str] = mapped_column(String(254), default="", comment="a person's, in small letters; empty: any")
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    starts_on: Mapped[date | None] = mapped_column(comment="first day in UTC")
    ends_on: Mapped[date | None] = mapped_column(comment="last day in UTC")
    reason: Mapped[str] = mapped_column(String(500))
    placed_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str] = mapped_column(String(120), default="")
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    office: Mapped[Office | None] = relationship()
    organization: Mapped[Organization | None] = relationship()


class Access(Base):
    """Somebody took records with persons' names out of the service."""

    __tablename__ = "accesses"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    records: Mapped[str] = mapped_column(String(40), comment="which list, see workflows")
    purpose: Mapped[str] = mapped_column(String(500), comment="in the words of whoever took them")
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), comment="whose records; None: of all")
    number: Mapped[int] = mapped_column(comment="how many records")

    office: Mapped[Office | None] = relationship()


class AccessedAccount(Base):
    """An account that stood among them."""

    __tablename__ = "accessed_accounts"

    access_id: Mapped[int] = mapped_column(ForeignKey("accesses.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)


class AccessedExpert(Base):
    """An expert who stood among them."""

    __tablename__ = "accessed_experts"

    access_id: Mapped[int] = mapped_column(ForeignKey("accesses.id"), primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"), primary_key=True, index=True)
