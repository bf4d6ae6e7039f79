"""How many letters a minute a receiving domain is given, over all processes: each letter takes a turn of its domain.

A turn stands in the letter's row and in the domain's, so processes that know nothing of each other keep one pace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db, is_postgresql
from eventsvc.domain.outbox.models import Message

# Letters a minute by domain; OTHERS: each domain that is not named.
Paces = Mapping[str, int]
OTHERS = "*"
UNPACED: Paces = MappingProxyType({})
# A turn that was missed by more than this counts no longer: after a standstill all would come at once.
_GOOD_FOR = timedelta(seconds=5)
_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class MailPace(Base):
    """When a domain may be given its next letter."""

    __tablename__ = "mail_paces"

    domain: Mapped[str] = mapped_column(String(254), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UtcDateTime)


def whose_turn_it_is(messages: Sequence[Message], paces: Paces, now: datetime) -> list[Message]:
    """Those of the messages, locked, that may leave now; the others are given a turn and wait for it.

    Locks: the rows of their domains, in alphabetical order.
    """
    paced = {message.id: domain for message in messages if _pace_of(domain := domain_of(message.to_address), paces)}
    rows = _locked(sorted(set(paced.values())))
    chosen = []
    for message in messages:
        if message.id in paced and not _has_its_turn(message, now):
            domain = paced[message.id]
            _give_turn(message, rows[domain], timedelta(minutes=1) / _pace_of(domain, paces), now)
        if message.next_attempt_at <= now:
            chosen.append(message)
    return chosen


def domain_of(address: str) -> str:
    """What stands behind the @, in small letters."""
    return address.rpartition("@")[2].lower()


def _pace_of(domain: str, paces: Paces) -> int:
    """0 where there is none."""
    return paces.get(domain, paces.get(OTHERS, 0))


def _has_its_turn(message: Message, now: datetime) -> bool:
    """True for the one whose turn has just come; whoever was put off or moved since takes another."""
    return message.slot_at is not None and message.slot_at == message.next_attempt_at > now - _GOOD_FOR


def _give_turn(message: Message, row: MailPace, between: timedelta, now: datetime) -> None:
    turn = max(row.free_at, now)
    row.free_at = turn + between
    message.slot_at = message.next_attempt_at = turn


def _locked(domains: Sequence[str]) -> dict[str, MailPace]:
    if not domains:
        return {}
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    rows = [{"domain": domain, "free_at": _NEVER} for domain in domains]
    db.session.execute(insert(MailPace).values(rows).on_conflict_do_nothing())
    query = select(MailPace).where(MailPace.domain.in_(domains)).order_by(MailPace.domain).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return {row.domain: row for row in found}
