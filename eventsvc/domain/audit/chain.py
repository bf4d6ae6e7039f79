"""The audit log proves itself: every entry that is committed gets a seal, which is made of it and of the seal before.

An entry that was altered, or taken out, does not match its seal; a seal that was made anew does not match the next.
Personal values stand beside the entries and are no part of a seal: they may be erased. Where the tail was cut off, or
the log rewritten whole, and then sealed anew, the chain is whole again: whoever noted a seal elsewhere can tell, for it
is in the chain no more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.times import iso
from eventsvc.domain.audit.log import AuditEntry

AT_ONCE = 1000
# Numbers are given before the commit: a long story's entry may come after later ones. None takes so long.
_LOOKS_BACK = 10_000
_BEGINNING = "0" * 64


class AuditSeal(Base):
    """The seal of one entry; `number` counts from 1 without a gap."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    seal: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries match their seals, how many wait for one, and what is wrong, in the order of the seals."""

    sealed: int
    waiting: int
    last_seal: str
    wrong: list[str] = field(default_factory=list)


def waits() -> bool:
    """True where an entry waits for its seal."""
    newest = db.session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    return db.session.scalar(_waiting(newest).with_only_columns(AuditEntry.id).limit(1)) is not None


def seal_some(now: datetime) -> int:
    """Seal entries that wait, some at a time; returns how many.

    Locks: nothing. Where two seal at once, the numbers of the slower one are taken: it meets an IntegrityError.
    """
    last = db.session.execute(
        select(AuditSeal.number, AuditSeal.seal).order_by(AuditSeal.number.desc()).limit(1)
    ).first()
    number, before = last or (0, _BEGINNING)
    newest = db.session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    entries = db.session.scalars(_waiting(newest).order_by(AuditEntry.id).limit(AT_ONCE)).all()
    for entry in entries:
        number, before = number + 1, _seal(before, entry)
        db.session.add(AuditSeal(number=number, entry_id=entry.id, seal=before, sealed_at=now))
    db.session.flush()
    return len(entries)


def _waiting(newest: int) -> Select[AuditEntry]:
    """Entries without a seal, where the newest that has one is of that number."""
    query = select(AuditEntry).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    return query.where(AuditSeal.number.is_(None), AuditEntry.id > newest - _LOOKS_BACK)


def verify(noted: str = "") -> Verified:
    """Hold every sealed entry against its seal; costs time in proportion to the log, and little memory.

    `noted` is a seal that was the last one once, and must still be in the chain.
    """
    wrong: list[str] = []
    expected, before, is_known = 1, _BEGINNING, noted in ("", _BEGINNING)
    for number, seal, entry_id, entry in _sealed():
        if number != expected:
            wrong.append(f"seals {expected} to {number - 1} are missing")
        if entry is None:
            wrong.append(f"entry {entry_id} (seal {number}) is gone")
        elif seal != _seal(before, entry):
            wrong.append(f"entry {entry_id} (seal {number}) is not what was sealed")
        expected, before, is_known = number + 1, seal, is_known or seal == noted
    if not is_known:
        wrong.append("the seal that was noted is in the chain no more")
    wrong += [f"entry {number} was never sealed, and stands before sealed ones" for number in _passed_over()]
    waiting = select(func.count()).select_from(AuditEntry).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    return Verified(expected - 1, db.session.scalar(waiting.where(AuditSeal.number.is_(None))) or 0, before, wrong)


def _passed_over() -> Sequence[int]:
    """Entries so old that nothing seals them any more; no story comes so late."""
    newest = db.session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    query = select(AuditEntry.id).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    query = query.where(AuditSeal.number.is_(None), AuditEntry.id <= newest - _LOOKS_BACK)
    return db.session.scalars(query.order_by(AuditEntry.id).limit(AT_ONCE)).all()


def _sealed() -> Iterator[tuple[int, str, int, AuditEntry | None]]:
    last = 0
    rows = select(AuditSeal, AuditEntry).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    while True:
        some = rows.where(AuditSeal.number > last).order_by(AuditSeal.number).limit(AT_ONCE)
        found = db.session.execute(some.execution_options(populate_existing=True)).all()
        if not found:
            return
        for seal, entry in found:
            yield seal.number, seal.seal, seal.entry_id, entry
        last = found[-1][0].number
        db.session.expunge_all()


def _seal(before: str, entry: AuditEntry) -> str:
    said = [entry.id, iso(entry.at), entry.actor, entry.verb, entry.subject_kind, entry.subject, entry.changes]
    return hashlib.sha256(f"{before}{json.dumps(said, sort_keys=True)}".encode()).hexdigest()
