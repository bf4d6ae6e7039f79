"""One letter to a person about several dates of a series, instead of a letter a date.

Such a letter is owed about the series. It holds, date by date, what the single letter would have held, so that a date
that changes before the letter has left is rewritten in it or taken out, as a single letter would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsvc.domain.events.models import Series
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message

SUFFIX = "_series"


def facts_of(series: Series, dates: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """What a joint letter holds: each date as its single letter would, and the first event for what they share."""
    return {
        "series": str(series.public_id),
        "event": dates[0]["event"],
        "dates": [dict(date) for date in dates],
        **more,
    }


def key_of(letter: str, series: Series, to: str) -> str:
    """Says which letter is owed to whom about which act on the series."""
    return f"{letter}-series:{series.public_id}:{series.version}:{to}"


def rewrite(invitation: Invitation, letters: Sequence[str], facts: Mapping[str, Any]) -> bool:
    """Put new facts into that date of the letters that nobody has begun to send; False when there are none."""
    found = _untried_with(invitation, letters)
    for message in found:
        dates = [{**date, **facts} if _is_about(date, invitation) else date for date in message.facts["dates"]]
        _keep(message, dates)
    return bool(found)


def take_out(invitation: Invitation, letters: Sequence[str]) -> None:
    """Take that date out of the letters that nobody has begun to send; a letter that is left without dates is not owed.

    One that was tried and put off stays as it is: it may have arrived.
    """
    for message in _untried_with(invitation, letters):
        dates = [date for date in message.facts["dates"] if not _is_about(date, invitation)]
        if dates:
            _keep(message, dates)
        else:
            post.drop([message])


def has_left(invitation: Invitation, letters: Sequence[str]) -> bool:
    """True when such a letter that held that date was sent, is being sent, failed or may have arrived."""
    series = invitation.event.series
    if series is None:
        return False
    out = post.begun_about(str(series.public_id), [letter + SUFFIX for letter in letters])
    return any(_is_about(date, invitation) for message in out for date in message.facts["dates"])


def _untried_with(invitation: Invitation, letters: Sequence[str]) -> list[Message]:
    """Locks all letters of the series that wait, in one order, so that acts on its dates meet in no circle."""
    series = invitation.event.series
    if series is None:
        return []
    waiting = post.untried_about(str(series.public_id))
    names = {letter + SUFFIX for letter in letters}
    return [
        message
        for message in waiting
        if message.letter in names and any(_is_about(date, invitation) for date in message.facts["dates"])
    ]


def _is_about(date: Mapping[str, Any], invitation: Invitation) -> bool:
    return bool(date.get("invitation") == str(invitation.public_id))


def _keep(message: Message, dates: list[dict[str, Any]]) -> None:
    message.facts = {**message.facts, "dates": dates, "event": dates[0]["event"]}
