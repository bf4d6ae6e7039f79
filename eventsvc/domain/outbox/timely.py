"""Letters that help until a moment, such as reminders until the start: what has not left by then is owed no more.

It is asked when letters are claimed: a mail server that was away, a pause or a long line in front of a letter may have
held it up since it was owed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from eventsvc.core.times import iso
from eventsvc.domain.outbox.models import Message, MessageState

# What the row of a letter says that was not sent.
TOO_LATE = "too late to help"
_UNTIL = "helps_until"


class Timely(NamedTuple):
    """Of letters that were claimed together, those that still help, and the keys of what came too late."""

    letters: list[Message]
    late_keys: list[str]


def until(instant: datetime) -> dict[str, str]:
    """The fact of a letter that helps nobody from that instant on."""
    return {_UNTIL: iso(instant)}


def drop_late(claimed: Sequence[Message], now: datetime) -> Timely:
    """Give up those of the claimed letters that cannot help any more.

    A letter that holds several loses those alone, as long as nobody has begun to send it; once it may have arrived its
    words stay, and it goes again while any of them helps.

    Locks: none beyond the claimed rows; call inside their transaction.
    """
    late_keys: list[str] = []
    for message in claimed:
        held = message.facts.get("letters", [])
        late = [one for one in held if is_late(one["facts"], now)]
        if is_late(message.facts, now) or (late and len(late) == len(held)):
            late_keys += [message.key, *(one.get("key", "") for one in late)]
            message.state, message.error, message.lease_until = MessageState.DROPPED, TOO_LATE, None
            message.attempts -= 1  # nothing was tried
        elif late and message.attempts == 1:
            late_keys += [one.get("key", "") for one in late]
            message.facts = {**message.facts, "letters": [one for one in held if one not in late]}
    return Timely([message for message in claimed if message.state is not MessageState.DROPPED], late_keys)


def is_late(facts: Mapping[str, Any], now: datetime) -> bool:
    """True for a letter with those facts that helps nobody any more."""
    return _UNTIL in facts and datetime.fromisoformat(facts[_UNTIL]) <= now
