"""Reading the audit log: newest first a page at a time, or all of it in the order in which it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import selectinload

from eventsvc.core.db import db
from eventsvc.domain.audit.chain import AuditSeal
from eventsvc.domain.audit.log import AuditEntry

AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which acts: within half-open `[since, until)`, by one actor (whatever token it used, and for whomever it wrote
    something down), of one verb, on what."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    verb: str = ""
    subject_kind: str = ""
    subject: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row must fulfil; empty members do not narrow."""
        also = [AuditEntry.actor.startswith(self.actor + more, autoescape=True) for more in (" token ", ", for ")]
        named = {
            AuditEntry.verb: self.verb,
            AuditEntry.subject_kind: self.subject_kind,
            AuditEntry.subject: self.subject,
        }
        return [
            *([AuditEntry.at >= self.since] if self.since else []),
            *([AuditEntry.at < self.until] if self.until else []),
            *([or_(AuditEntry.actor == self.actor, *also)] if self.actor else []),
            *(column == value for column, value in named.items() if value),
        ]


class Sealed(NamedTuple):
    """An act and its seal: what verifying holds against it; none until the next tick of the scheduler."""

    entry: AuditEntry
    seal: AuditSeal | None


def newest(wanted: Wanted, limit: int, *, before: int | None = None) -> tuple[Sequence[Sealed], int | None]:
    """Acts, newest first, with their erasable values; and the `before` of the next page, None at the end."""
    query = _with_seals(wanted).options(selectinload(AuditEntry.values)).order_by(AuditEntry.id.desc())
    if before is not None:
        query = query.where(AuditEntry.id < before)
    found = [Sealed(entry, seal) for entry, seal in db.session.execute(query.limit(limit + 1))]
    return found[:limit], found[limit - 1].entry.id if len(found) > limit else None


def every(wanted: Wanted) -> Iterator[Sealed]:
    """Acts as they were written, without the values that may be erased.

    Keeps little in memory, and no transaction open between two reads: whoever takes it down the wire may be slow.
    """
    rows, last = _with_seals(wanted).order_by(AuditEntry.id).limit(AT_ONCE), 0
    while found := db.session.execute(rows.where(AuditEntry.id > last)).all():
        last = max(entry.id for entry, _ in found)
        db.session.close()
        yield from (Sealed(entry, seal) for entry, seal in found)


def _with_seals(wanted: Wanted) -> Select[AuditEntry, AuditSeal]:
    rows = select(AuditEntry, AuditSeal).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    return rows.where(*wanted.conditions())
