"""The audit log.

An entry says who, when, which act on what, and which fields before and after. Free text and personal values stand
in the entry only as a salted digest; the values and the salt are in `audit_values`, the one table that may be erased.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.times import iso

Change = tuple[Any, Any]  # before, after

# Fields that may hold free text or say something about a person.
PRIVATE_FIELDS = frozenset(
    {
        *("title", "description", "reason", "name", "email", "mailbox", "telephone", "parking", "online_url", "url"),
        *("bring", "accommodations", "audience", "note", "wish", "reference", "outside_reference", "purpose", "hours"),
        "words",
        # When somebody is away; of these records themselves nothing is left after some months.
        *("from", "until"),
        "comment",
    }
)


class AuditEntry(Base):
    """One act."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(120), index=True, comment="a role or an id, never a person's name")
    verb: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True, comment="public id or slug")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, comment="field -> [before, after] or digests")

    values: Mapped[list[AuditValue]] = relationship()


class AuditValue(Base):
    """The erasable side of an entry: the personal values behind its digests."""

    __tablename__ = "audit_values"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), index=True)
    field: Mapped[str] = mapped_column(String(60))
    salt: Mapped[str] = mapped_column(String(32))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)


def record(
    verb: str,
    subject_kind: str,
    subject: str | UUID,
    *,
    actor: str,
    now: datetime,
    changes: Mapping[str, Change] | None = None,
) -> None:
    """Write down one act; call inside the transaction of the act itself."""
    plain: dict[str, Any] = {field: [_plain(value) for value in change] for field, change in (changes or {}).items()}
    private = []
    for field in PRIVATE_FIELDS & plain.keys():
        before, after = plain[field]
        value = AuditValue(field=field, salt=secrets.token_hex(16), before=before, after=after)
        plain[field] = {"digests": [_digest(value.salt, before), _digest(value.salt, after)]}
        private.append(value)
    entry = AuditEntry(at=now, actor=actor, verb=verb, subject_kind=subject_kind, subject=str(subject), changes=plain)
    entry.values = private
    db.session.add(entry)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    return value


def _digest(salt: str, value: Any) -> str | None:
    return None if value is None else hashlib.sha256(f"{salt}{value}".encode()).hexdigest()
