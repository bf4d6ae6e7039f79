"""By which way a reader wants to be reminded, where they have said so; else the rule's own channel counts.

The rows know an address by its digest alone, as the other choices of readers do (`domain/outbox/choices.py`).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, Word, db
from eventsvc.domain.reminders.models import Channel

# Both databases take as many values in one statement.
_AT_ONCE = 1000


class ReaderChannel(Base):
    """A reader wants reminders that way."""

    __tablename__ = "letter_channels"

    reader: Mapped[str] = mapped_column(String(64), primary_key=True, comment="digest of an address in small letters")
    channel: Mapped[Channel] = mapped_column(Word(Channel, 10))


def chosen(readers: Collection[str]) -> dict[str, Channel]:
    """What those of the readers (digests) have chosen who have chosen something."""
    marks, found = sorted(readers), {}
    for first in range(0, len(marks), _AT_ONCE):
        some = ReaderChannel.reader.in_(marks[first : first + _AT_ONCE])
        found.update({row.reader: row.channel for row in db.session.scalars(select(ReaderChannel).where(some))})
    return found


def choose(reader: str, channel: Channel | None) -> None:
    """Want reminders that way; None: as the rules say. Call inside a transaction."""
    row = db.session.get(ReaderChannel, reader, with_for_update=True)
    if row is not None and channel is None:
        db.session.delete(row)
    elif row is not None and channel is not None:
        row.channel = channel
    elif channel is not None:
        db.session.add(ReaderChannel(reader=reader, channel=channel))
    db.session.flush()


def in_force(rule: Channel, wanted: Channel | None, *, has_webhook: bool) -> Channel:
    """By which way a reminder goes out: the reader's word before the rule's.

    Who wants webhooks alone is written to where no system is told of reminders: nobody is left without any.
    """
    if wanted is None:
        return rule
    return wanted if has_webhook else Channel.MAIL
