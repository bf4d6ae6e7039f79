"""Letters about askings, of people and of rooms: one letter to a reader about several dates of a series.

A joint letter is owed about the series. It holds, date by date, what the single letters would have held, so that a
date that changes before the letter has left is rewritten in it or taken out, as a single letter would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.events.models import Series
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import post, telling
from eventsvc.domain.outbox.models import Message

SUFFIX = "_series"
# Of several dates that are told in one letter each has a mail of its own for the calendar (RFC 6047: one UID a mail).
FOR_CALENDAR = "for_your_calendar"
OF_CALENDAR = ":calendar"
_OF_ONE_DATE = frozenset({"thread", "calendar"})
# What somebody is asked for at one date: to come, or for a room.
Asking = Invitation | RoomApproval


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter goes to; what it is about (a person, a room) has the `slug`, which tells joint letters apart."""

    slug: str
    address: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter owed about an asking: the `facts` of the single letter; those `shared` stand over a joint one, too."""

    asking: Asking
    letter: str
    key: str
    reader: Reader
    facts: dict[str, Any]
    shared: dict[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


def owe(letters: Iterable[Owed], now: datetime) -> int:
    """Owe every letter; those to one reader about several dates of one series become one, and those among them that
    tell calendars something leave a short mail for each date as well. Returns how many letters are new.
    """
    groups: dict[Any, list[Owed]] = {}
    for one in letters:
        series_id = one.asking.event.series_id
        together = (series_id, one.letter, one.reader.slug) if series_id is not None else one.key
        groups.setdefault(together, []).append(one)
    posted = [_owe_joint(group, now) if len(group) > 1 else _owe_single(group[0], now) for group in groups.values()]
    return sum(message is not None for message in posted)


def key_of(asking: Asking, letter: str) -> str:
    """How the keys of a letter about that asking begin."""
    return f"{letter.replace('_', '-')}:{asking.public_id}:"


def facts_of(series: Series, dates: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """What a joint letter holds: each date as its single letter would, and the first event for what they share."""
    return {
        "series": str(series.public_id),
        "event": dates[0]["event"],
        "dates": [dict(date) for date in dates],
        **more,
    }


def key_of_joint(letter: str, series: Series, to: str) -> str:
    """Says which letter is owed to whom about which act on the series: owe it after the act raised the version."""
    return f"{letter}-series:{series.public_id}:{series.version}:{to}"


def rewrite(asking: Asking, letters: Sequence[str], facts: Mapping[str, Any], *, by: datetime | None = None) -> bool:
    """Put new facts into letters that nobody has begun to send, or into their date of it; False when there are none.

    They leave at `by` at the latest; first questions keep their hour. The mail for the calendar is rewritten too, but
    where it alone has not left, the person reads of it in a new letter.
    """
    own = post.rewrite_unsent(_event_of(asking), _keys(asking, letters), facts)
    found = _untried_with(asking, letters)
    for message in found:
        dates = [{**date, **facts} if _is_about(date, asking) else date for date in message.facts["dates"]]
        _keep(message, dates)
    telling.hasten([one for one in (*own, *found) if not one.key.startswith("invitation")], by)
    return bool(found) or any(message.letter != FOR_CALENDAR for message in own)


def waiting_facts(asking: Asking, letters: Sequence[str]) -> list[dict[str, Any]]:
    """What those letters about it that nobody has begun to send say, of a joint one its date."""
    own = [message.facts for message in untried(asking, letters)]
    joint = [date for message in _untried_with(asking, letters) for date in message.facts["dates"]]
    return own + [date for date in joint if _is_about(date, asking)]


def waiting_with(asking: Asking, letters: Sequence[str]) -> list[Message]:
    """Those letters, single or joint with that date, that nobody has begun to send."""
    return [*untried(asking, letters), *_untried_with(asking, letters)]


def untried(asking: Asking, letters: Sequence[str]) -> list[Message]:
    """Its own letters of those names that nobody has begun to send; not the joint ones."""
    return list(post.rewrite_unsent(_event_of(asking), _keys(asking, letters), {}))


def drop(asking: Asking, letters: Sequence[str]) -> None:
    """Stop owing those letters, where nobody has begun to send them; a joint one without dates is not owed any more.

    A joint letter that was tried and put off stays as it is: it may have arrived.
    """
    post.drop_unsent(_event_of(asking), _keys(asking, letters))
    for message in _untried_with(asking, letters):
        dates = [date for date in message.facts["dates"] if not _is_about(date, asking)]
        if dates:
            _keep(message, dates)
        else:
            post.drop([message])


def have_left(asking: Asking, letters: Sequence[str]) -> bool:
    """True when one of those letters, or a joint one with that date, was sent, is being sent or failed."""
    return post.has_any_left(_event_of(asking), _keys(asking, letters)) or _has_joint_left(asking, letters)


def _has_joint_left(asking: Asking, letters: Sequence[str]) -> bool:
    series = asking.event.series
    if series is None:
        return False
    out = post.begun_about(str(series.public_id), [letter + SUFFIX for letter in letters])
    return any(_is_about(date, asking) for message in out for date in message.facts["dates"])


def _owe_single(owed: Owed, now: datetime) -> Message | None:
    return _post(owed, owed.letter, owed.key, _event_of(owed.asking), owed.facts, now, owed.not_before)


def _owe_joint(group: Sequence[Owed], now: datetime) -> Message | None:
    first, series = group[0], group[0].asking.event.series
    assert series is not None
    dates = [{name: value for name, value in one.facts.items() if name not in _OF_ONE_DATE} for one in group]
    told = [one for one in group if "calendar" in one.facts]
    facts = facts_of(series, dates, **first.shared, **({"tells_calendars": True} if told else {}))
    key = key_of_joint(first.letter, series, first.reader.slug)
    not_before = min((one.not_before or now for one in group), default=None)
    joint = _post(first, first.letter + SUFFIX, key, str(series.public_id), facts, now, not_before)
    for one in told:
        _post(one, FOR_CALENDAR, one.key + OF_CALENDAR, _event_of(one.asking), one.facts, now, not_before)
    return joint


def _post(
    owed: Owed,
    letter: str,
    key: str,
    about: str,
    facts: dict[str, Any],
    now: datetime,
    not_before: datetime | None,
) -> Message | None:
    to = owed.reader
    return post.post(
        letter,
        key=key,
        to_address=to.address,
        to_name=to.name,
        language=to.language,
        event=about,
        facts=facts,
        now=now,
        not_before=not_before,
    )


def _untried_with(asking: Asking, letters: Sequence[str]) -> list[Message]:
    """Locks all letters of the series that wait, in one order, so that acts on its dates meet in no circle."""
    series = asking.event.series
    if series is None:
        return []
    waiting = post.untried_about(str(series.public_id))
    names = {letter + SUFFIX for letter in letters}
    return [
        message
        for message in waiting
        if message.letter in names and any(_is_about(date, asking) for date in message.facts["dates"])
    ]


def _is_about(date: Mapping[str, Any], asking: Asking) -> bool:
    return str(asking.public_id) in (date.get("invitation"), date.get("approval"))


def _keep(message: Message, dates: list[dict[str, Any]]) -> None:
    message.facts = {**message.facts, "dates": dates, "event": dates[0]["event"]}


def _keys(asking: Asking, letters: Iterable[str]) -> list[str]:
    return [key_of(asking, letter) for letter in letters]


def _event_of(asking: Asking) -> str:
    return str(asking.event.public_id)
