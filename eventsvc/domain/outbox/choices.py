"""What readers have chosen: which letters do not reach an address any more.

The rows know an address by its digest alone. They outlive account and person: who has stopped letters gets none because
their record was erased and came back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, Word, db, is_postgresql
from eventsvc.core.links import mark_of_reader
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.streams import Topic, sort_of

# What the row of a letter says that was not sent.
STOPPED = "stopped by its reader"


class Stopped(Base):
    """Letters of a topic do not reach an address."""

    __tablename__ = "letters_stopped"

    reader: Mapped[str] = mapped_column(String(64), primary_key=True, comment="digest of an address in small letters")
    topic: Mapped[Topic] = mapped_column(Word(Topic, 20), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it was first switched off")


def stopped(reader: str) -> set[Topic]:
    """What a reader (a digest) has switched off."""
    return set(db.session.scalars(select(Stopped.topic).where(Stopped.reader == reader)))


def stop(reader: str, topics: Collection[Topic], now: datetime) -> None:
    """Switch topics off; doing it again changes nothing. Call inside a transaction."""
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    rows = [{"reader": reader, "topic": topic, "at": now} for topic in sorted(topics)]
    if rows:
        db.session.execute(insert(Stopped).values(rows).on_conflict_do_nothing())


def resume(reader: str, topics: Collection[Topic]) -> None:
    """Switch topics on again; doing it again changes nothing. Call inside a transaction."""
    db.session.execute(delete(Stopped).where(Stopped.reader == reader, Stopped.topic.in_(topics)))


def drop_stopped(claimed: Sequence[Message]) -> list[Message]:
    """Give up those of the claimed letters that their readers have stopped; returns the others.

    It is asked when letters are about to leave, not when they are owed: a choice made in between counts.

    Locks: none beyond the claimed rows; call inside their transaction.
    """
    # What a folded letter holds was promised: it leaves, and is the last one.
    asked = {_pair(one) for one in claimed if sort_of(one.letter).topic not in (None, Topic.DIGEST)}
    if not asked:
        return list(claimed)
    query = select(Stopped.reader, Stopped.topic).where(tuple_(Stopped.reader, Stopped.topic).in_(asked))
    off = {(reader, topic) for reader, topic in db.session.execute(query)}
    for message in claimed:
        if _pair(message) in off:
            message.state, message.error, message.lease_until = MessageState.DROPPED, STOPPED, None
            message.attempts -= 1  # nothing was tried
    return [message for message in claimed if message.state is not MessageState.DROPPED]


def _pair(message: Message) -> tuple[str, Topic | None]:
    return mark_of_reader(message.to_address), sort_of(message.letter).topic
