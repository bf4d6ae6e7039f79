"""Keys of calls, and the answers they were given (draft-ietf-httpapi-idempotency-key-header-07).

A key is claimed in a short transaction of its own, before its story begins; the story's own transaction keeps the
answer, so that what was done and what was said of it never part. A crash in between leaves a key under way that has
done nothing: when its lease is over, whoever sends the same again begins anew. Who comes back after somebody else has
taken the lease over may not keep an answer any more, and so writes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import JSON, CursorResult, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, db, is_postgresql
from eventsvc.core.errors import KeyReused, UnderWay

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
LONGEST_KEY = 255


class IdempotencyKey(Base):
    """A key that somebody has sent with a call, and the answer once there is one."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("whose", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    whose: Mapped[str] = mapped_column(String(64), comment="digest of the credential, or of the link that is one")
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    request: Mapped[str] = mapped_column(
        String(64), comment="digest of method, path, query, If-Match and body; paths hold links, which are not stored"
    )
    lease: Mapped[UUID] = mapped_column(comment="who carries it out, or did")
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None] = mapped_column(comment="of the answer; none while it is under way")
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    body: Mapped[str] = mapped_column(Text, default="")


class Call(NamedTuple):
    """A call that may be sent again: whose, under which key, and what it asks, as digests."""

    whose: str
    key: str
    request: str


class Answer(NamedTuple):
    """What a call was answered."""

    status: int
    headers: dict[str, str]
    body: str


class Claim(NamedTuple):
    """The right to carry a call out, as long as nobody else has taken the lease over."""

    row_id: int
    lease: UUID


def claim(call: Call, now: datetime) -> Claim | Answer:
    """The right to carry the call out, or the answer it was given; call inside a short transaction of its own.

    Locks:   the key's row.
    Refuses: KeyReused, UnderWay.
    """
    mine = uuid4()
    new = {**call._asdict(), "lease": mine, "claimed_at": now, "headers": {}, "body": ""}
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    db.session.execute(insert(IdempotencyKey).values(**new).on_conflict_do_nothing())
    query = select(IdempotencyKey).where(IdempotencyKey.whose == call.whose, IdempotencyKey.key == call.key)
    row = db.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:  # given free between both statements
        raise UnderWay
    if row.lease != mine and (known := _known(row, call, now)):
        return known
    row.request, row.lease, row.claimed_at = call.request, mine, now
    row.status, row.headers, row.body = None, {}, ""
    return Claim(row.id, mine)


def _known(row: IdempotencyKey, call: Call, now: datetime) -> Answer | None:
    """The answer that was given, or None where the call may be carried out (again)."""
    if row.claimed_at <= now - KEPT:
        return None
    if row.request != call.request:
        raise KeyReused
    if row.status is not None:
        return Answer(row.status, row.headers, row.body)
    if row.claimed_at <= now - LEASE:
        return None
    raise UnderWay


def keep(claimed: Claim, answer: Answer) -> None:
    """Keep the answer of a call that was carried out; call inside the transaction in which it was.

    Refuses: UnderWay where somebody else has taken the lease over meanwhile: then nothing may be written.
    """
    kept = update(IdempotencyKey).where(*_is_ours(claimed)).values(**answer._asdict())
    if not cast("CursorResult[Any]", db.session.execute(kept)).rowcount:
        raise UnderWay


def give_free(claimed: Claim) -> None:
    """Forget a call that has done nothing: the same key begins anew."""
    db.session.execute(delete(IdempotencyKey).where(*_is_ours(claimed)))


def _is_ours(claimed: Claim) -> tuple[Any, ...]:
    is_under_way = IdempotencyKey.status.is_(None)
    return IdempotencyKey.id == claimed.row_id, IdempotencyKey.lease == claimed.lease, is_under_way
