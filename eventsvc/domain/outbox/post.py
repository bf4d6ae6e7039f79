"""Posting a promise, changing what nobody has begun to send, and finding letters; delivery's marks: leasing.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.outbox.models import IS_OWED, Message, MessageState


def post(
    letter: str,
    *,
    key: str,
    to_address: str,
    to_name: str = "",
    language: str = "en",
    event: str = "",
    facts: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> Message | None:
    """Owe somebody a letter; the same key is owed once. Returns None when it is owed already or has no address.

    It leaves at once, or at `not_before`.

    Locks: none; call inside the transaction of the change that the letter is about.
    """
    if not to_address or db.session.scalar(select(Message.id).where(Message.key == key)) is not None:
        return None
    message = Message(
        key=key,
        letter=letter,
        to_address=to_address,
        to_name=to_name,
        language=language,
        event=event,
        facts=dict(facts),
        created_at=now,
        next_attempt_at=not_before or now,
        state=MessageState.QUEUED,
    )
    db.session.add(message)
    return message


def rewrite_unsent(event: str, key_starts: Sequence[str], facts: Mapping[str, Any]) -> Sequence[Message]:
    """Put new facts into the letters of those keys that nobody has ever begun to send; returns them, locked.

    So a change on the heels of another is told once, with what is true when the letter leaves. A letter that was
    tried may have arrived: other words under its Message-ID would be thrown away as a copy.
    """
    untried = [message for message in _queued(event, _of_keys(key_starts)) if message.attempts == 0]
    for message in untried:
        message.facts = {**message.facts, **facts}
    return untried


def untried_about(about: str) -> list[Message]:
    """The letters about an event or a series that wait and that nobody has ever begun to send, locked by id."""
    return [message for message in _queued(about, true()) if message.attempts == 0]


def hand_on(abouts: Collection[str], *, giver: str, taker: str, to_address: str, to_name: str, language: str) -> None:
    """Letters about those events that nobody has begun to send, to a person who has given them up, reach the taker.

    Both are told by the public ids that end the keys of letters to people; what the taker is owed already is dropped.
    """
    for about in abouts:
        for message in untried_about(about):
            if not message.key.endswith(f":{giver}"):
                continue
            key = message.key.removesuffix(giver) + taker
            if db.session.scalar(select(Message.id).where(Message.key == key)) is not None:
                drop([message])
                continue
            message.key, message.to_address, message.to_name, message.language = key, to_address, to_name, language
    db.session.flush()


def begun_about(about: str, letters: Sequence[str]) -> list[Message]:
    """The letters of those names about it that were sent, are being sent, failed, or were put off after a try."""
    has_begun = or_(Message.state.not_in((MessageState.QUEUED, MessageState.DROPPED)), Message.attempts > 0)
    query = select(Message).where(Message.event == about, Message.letter.in_(letters), has_begun)
    return list(db.session.scalars(query.where(Message.state != MessageState.DROPPED)))


def about(events: Collection[str], letters: Sequence[str]) -> list[Message]:
    """The letters of those names about any of the events that are owed or were, in the order in which they were."""
    query = select(Message).where(Message.event.in_(events), Message.letter.in_(letters))
    return list(db.session.scalars(query.where(Message.state != MessageState.DROPPED).order_by(Message.id)))


def knows(keys: Collection[str]) -> set[str]:
    """Those of the keys under which something was ever owed."""
    return set(db.session.scalars(select(Message.key).where(Message.key.in_(keys))))


def drop_unsent(event: str, key_starts: Sequence[str]) -> None:
    """Stop owing the letters of those keys that are not being sent."""
    drop(_queued(event, _of_keys(key_starts)))


def drop_unsent_letters(event: str, letters: Sequence[str]) -> Sequence[Message]:
    """Stop owing the letters of those names about an event that are not being sent; returns them."""
    unsent = _queued(event, Message.letter.in_(letters))
    drop(unsent)
    return unsent


def drop(messages: Sequence[Message]) -> None:
    """Stop owing letters that are locked and wait."""
    for message in messages:
        message.state = MessageState.DROPPED
    db.session.flush()


def has_any_left(event: str, key_starts: Sequence[str]) -> bool:
    """True when a letter of those keys was sent, is being sent, or failed on its way."""
    is_out = Message.state.not_in((MessageState.QUEUED, MessageState.DROPPED))
    query = select(Message.id).where(Message.event == event, _of_keys(key_starts), is_out).limit(1)
    return db.session.scalar(query) is not None


def _queued(event: str, which: ColumnElement[bool]) -> list[Message]:
    """Locks them: whoever is claiming one at this moment goes first, and then it is queued no more."""
    query = select(Message).where(Message.event == event, which, Message.state == MessageState.QUEUED)
    query = query.order_by(Message.id).with_for_update()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _of_keys(key_starts: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Message.key.startswith(start, autoescape=True) for start in key_starts))


def mark_bounced(message: Message, diagnosis: str) -> bool:
    """Note that a letter which had left came back; False where that, or another end, was noted before."""
    if message.state is not MessageState.SENT:
        return False
    message.state, message.error = MessageState.FAILED, f"bounced: {diagnosis}"[:500]
    return True


def find_sent(public_id: str) -> Message | None:
    """The letter of that public id, or None."""
    return public_ids.find(select(Message), Message.public_id, public_id)


def sent_about(event: str) -> list[Message]:
    """The letters about an event that have left, the newest first."""
    has_left = Message.state.in_((MessageState.SENT, MessageState.FAILED))
    query = select(Message).where(Message.event == event, has_left)
    return list(db.session.scalars(query.order_by(Message.sent_at.desc(), Message.id.desc())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which letters to look at: those whose address holds `to`, in that state, about the event of that public id.

    `letter`: of that name; `owed_before`: that were owed before; `ids`: public ids.
    """

    to: str = ""
    state: MessageState | None = None
    event: str = ""
    letter: str = ""
    owed_before: datetime | None = None
    ids: tuple[str, ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row must fulfil; empty members do not narrow."""
        return [
            *([Message.to_address.icontains(self.to, autoescape=True)] if self.to else []),
            *([Message.state == self.state] if self.state else []),
            *([Message.event == self.event] if self.event else []),
            *([Message.letter == self.letter] if self.letter else []),
            *([Message.created_at < self.owed_before] if self.owed_before else []),
            *(
                [Message.public_id.in_([one for text in self.ids if (one := public_ids.read(text))])]
                if self.ids
                else []
            ),
        ]


EVERY_LETTER = Wanted()


def newest(limit: int, *, before: str | int | None = None, wanted: Wanted = EVERY_LETTER) -> list[Message]:
    """The newest messages: those before the one of that public id, or number.

    Refuses: NotFound when no message has that public id.
    """
    query = select(Message).where(*wanted.conditions()).order_by(Message.id.desc()).limit(limit)
    if before:
        query = query.where(Message.id < (get_message(before).id if isinstance(before, str) else before))
    return list(db.session.scalars(query))


def beside(message: Message, wanted: Wanted = EVERY_LETTER) -> tuple[Message | None, Message | None]:
    """The next newer and the next older message among those wanted."""
    among = select(Message).where(*wanted.conditions()).limit(1)
    newer = db.session.scalar(among.where(Message.id > message.id).order_by(Message.id))
    older = db.session.scalar(among.where(Message.id < message.id).order_by(Message.id.desc()))
    return newer, older


def get_message(message_id: str) -> Message:
    """The message of that public id; refuses NotFound."""
    return public_ids.get(select(Message), Message.public_id, message_id, say("There is no such letter."))


def next_due_at() -> datetime | None:
    """When the next queued message is to be sent, or None."""
    waiting = select(Message.next_attempt_at).where(IS_OWED, Message.state == MessageState.QUEUED)
    return db.session.scalar(waiting.order_by(Message.next_attempt_at).limit(1))


def counts() -> dict[str, int]:
    """How many messages stand in each state."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {str(state): number for state, number in rows}
