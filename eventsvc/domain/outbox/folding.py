"""One letter in the morning instead of five: for readers who have chosen so.

It is decided when letters are about to leave, in the transaction in which they are claimed: no single one slips by, and
whoever dies undoes all of it. What is folded are reminders, open answers and missing counts; what would come too late
in the morning, what was tried before and what belongs to a calendar leaves by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, db
from eventsvc.core.links import mark_of_reader
from eventsvc.core.times import instant_at, local_day
from eventsvc.domain.outbox.choices import Stopped
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import knows, post
from eventsvc.domain.outbox.streams import Topic

LETTER = "digest"
# What the row of a letter says that another one holds.
FOLDED = "folded into the letter of that morning"
AT_MINUTE = 7 * 60
# So long before its start somebody must have been reminded; afterwards nothing is too late for a count.
EARLY = timedelta(hours=3)
_BEFORE_START = frozenset({"reminder", "partner_reminder", "unanswered"})
FOLDABLE = _BEFORE_START | {"count_wanted"}


class Morning(Base):
    """A reader wants reminders together, in one letter at 7:00."""

    __tablename__ = "letter_mornings"

    reader: Mapped[str] = mapped_column(String(64), primary_key=True, comment="digest of an address in small letters")
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone of the reader's mornings")


def zone_of(reader: str) -> str:
    """In whose mornings a reader (a digest) wants one letter; empty for single letters."""
    return db.session.scalar(select(Morning.zone).where(Morning.reader == reader)) or ""


def choose(reader: str, zone: str) -> None:
    """Have one letter in the mornings of that zone, or, without one, single letters. Call inside a transaction."""
    row = db.session.get(Morning, reader, with_for_update=True)
    if row is not None and not zone:
        db.session.delete(row)
    elif row is not None:
        row.zone = zone
    elif zone:
        db.session.add(Morning(reader=reader, zone=zone))
    db.session.flush()


def fold(claimed: Sequence[Message], now: datetime) -> list[Message]:
    """Put off or fold those of the claimed letters that are for such readers; returns those that leave by themselves.

    Locks: the claimed rows (held), then the readers' choices in order, then more letters of theirs, skipping what
    others hold. So no two processes make two letters of one morning.
    """
    mine: defaultdict[str, list[Message]] = defaultdict(list)
    for message in claimed:
        if message.attempts == 1 and _may_fold(message):
            mine[mark_of_reader(message.to_address)].append(message)
    if not mine:
        return list(claimed)
    single = select(Stopped.reader).where(Stopped.topic == Topic.DIGEST)
    wants = Morning.reader.in_(mine), Morning.reader.not_in(single)
    query = select(Morning).where(*wants).order_by(Morning.reader).with_for_update()
    for morning in db.session.scalars(query).all():
        _fold_of(mine[morning.reader], morning.zone, now)
    return [message for message in claimed if message.state is MessageState.LEASED]


def _may_fold(message: Message) -> bool:
    return message.letter in FOLDABLE and "calendar" not in message.facts


def _fold_of(messages: Sequence[Message], zone: str, now: datetime) -> None:
    due = []
    for message in messages:
        leaves_at = _morning_after(message.created_at, zone)
        if not _helps(message, max(leaves_at, now)):
            continue
        if leaves_at > now:
            _put_off(message, leaves_at)
        else:
            due.append(message)
    if not due:
        return
    waiting = [one for one in _waiting_too(due[0], now) if _helps(one, now)]
    due += [one for one in waiting if _morning_after(one.created_at, zone) <= now]
    _into_one(due, local_day(now, zone), now)


def _morning_after(instant: datetime, zone: str) -> datetime:
    """The first 7:00 in a zone that is not before it."""
    today = local_day(instant, zone)
    mornings = (instant_at(today + timedelta(days=days), AT_MINUTE, zone) for days in (0, 1))
    return next(one for one in mornings if one >= instant)


def _helps(message: Message, at: datetime) -> bool:
    """True where it is still in time then."""
    if message.letter not in _BEFORE_START:
        return True
    return datetime.fromisoformat(message.facts["event"]["starts_at"]) - at >= EARLY


def _put_off(message: Message, until: datetime) -> None:
    message.state, message.lease_until, message.next_attempt_at = MessageState.QUEUED, None, until
    message.attempts -= 1  # nothing was tried


def _waiting_too(first: Message, now: datetime) -> list[Message]:
    """More letters to the same address that are due and that nobody has begun to send, locked."""
    query = select(Message).where(
        func.lower(Message.to_address) == first.to_address.lower(),
        Message.state == MessageState.QUEUED,
        Message.attempts == 0,
        Message.letter.in_(FOLDABLE),
        Message.next_attempt_at <= now,
    )
    found = db.session.scalars(query.order_by(Message.id).with_for_update(skip_locked=True))
    return [one for one in found if _may_fold(one)]


def _into_one(due: Sequence[Message], day: date, now: datetime) -> None:
    """One letter of all of them; where that morning's has left already, they leave by themselves."""
    first = min(due, key=lambda one: one.id)
    key = f"{LETTER}:{mark_of_reader(first.to_address)}:{day}"
    if len(due) == 1 or knows([key]):
        return
    in_order = sorted(due, key=lambda one: (one.facts["event"]["starts_at"], one.id))
    facts: dict[str, Any] = {"day": day.isoformat(), "letters": [_piece(one) for one in in_order]}
    post(
        LETTER,
        key=key,
        to_address=first.to_address,
        to_name=first.to_name,
        language=first.language,
        facts=facts,
        now=now,
    )
    for one in due:
        if one.state is MessageState.LEASED:
            one.attempts -= 1  # nothing was tried
        one.state, one.error, one.lease_until = MessageState.DROPPED, FOLDED, None


def _piece(message: Message) -> dict[str, Any]:
    return {"key": message.key, "letter": message.letter, "to_name": message.to_name, "facts": message.facts}
