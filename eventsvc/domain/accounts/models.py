"""Tables of accounts: who may sign in, which roles they have where, and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory.models import Office, Organization

EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3


def written_small(email: str) -> str:
    """An address as accounts know it: people type capitals and spaces."""
    # PostgreSQL takes no NUL, not even to look for it.
    return email.strip().lower().replace("\x00", "\ufffd")


class Account(Base):
    """A person who signs in. Duties belong to offices; an account only says who may act for them."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True, comment="in small letters")
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(10), comment="of letters and pages, a BCP 47 tag")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="may not sign in from here on")
    version: Mapped[int] = mapped_column(default=1, comment="rises with every edit")

    grants: Mapped[list[Grant]] = relationship(order_by="Grant.id", back_populates="account")


# Nobody has the same role twice in the same place at a time.
_IN_FORCE = (
    ("at_office", ("office_id",), "office_id IS NOT NULL"),
    ("in_organization", ("organization_id",), "organization_id IS NOT NULL"),
    ("everywhere", (), "office_id IS NULL AND organization_id IS NULL"),
)


class Grant(Base):
    """A role that somebody has: at an office, in a whole organization, or, the administrator's, everywhere."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(
            "(role = 'administrator' AND organization_id IS NULL AND office_id IS NULL) OR "
            "(role <> 'administrator' AND (organization_id IS NULL) <> (office_id IS NULL))",
            name="one_place",
        ),
        *(
            Index(
                f"uq_grants_{where}",
                "account_id",
                "role",
                *columns,
                unique=True,
                sqlite_where=text(f"ended_at IS NULL AND {condition}"),
                postgresql_where=text(f"ended_at IS NULL AND {condition}"),
            )
            for where, columns, condition in _IN_FORCE
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role] = mapped_column(Word(Role, 24))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), index=True)
    may_override: Mapped[bool] = mapped_column(default=False, comment="soft rules, by name and with a reason")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by: Mapped[str] = mapped_column(String(120), comment="a role or an id, never a person's name")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(back_populates="grants")
    organization: Mapped[Organization | None] = relationship()
    office: Mapped[Office | None] = relationship()


class SignIn(Base):
    """A letter with a link and a code that signs in once.

    Link and code are made of this row's id under the service's key whenever the letter is written; neither is stored.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_codes: Mapped[int] = mapped_column(default=0, comment="tried so far")
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class Session(Base):
    """A browser in which somebody is signed in; the cookie's value is known by its digest only."""

    __tablename__ = "sessions"
    __table_args__ = (CheckConstraint("begun_at <= seen_at AND seen_at <= ends_at", name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    digest_before: Mapped[str | None] = mapped_column(String(64), unique=True, comment="good for a moment after a turn")
    turned_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when the cookie got its present value")
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="within some minutes")
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="signed out then, however busy")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(60), comment="browser and system in words; no address")

    account: Mapped[Account] = relationship()


class ApiToken(Base):
    """What a program acts with in somebody's name, as far as its scopes go; known by its digest only."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), comment="what it is for, in its owner's words")
    scopes: Mapped[list[str]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="within an hour")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()
