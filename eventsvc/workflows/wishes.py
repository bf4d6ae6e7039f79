"""Letters to the offices that lend people: whom somebody wishes for, all of one event or series in one letter."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox import post, telling, waiting

# What an office is asked about at once: the dates of a series, or one event. (office, public id of it)
_Group = tuple[Office, str]


def wish_for(invitations: Collection[Invitation], now: datetime, *, again: bool = False) -> None:
    """Ask the offices to release people; a letter that has not left is replaced by one that says all."""
    for office, about in _groups(invitations):
        awaiting = _awaiting(office, about)
        _drop(office, about)
        was_off = _drop(office, about, "release_off")
        if was_off and _knows(office, about, awaiting):
            continue  # no longer wanted and wanted again, before the office has read of either
        _post("release_wanted", office, about, awaiting, now, again=again)


def need_no_longer(invitations: Collection[Invitation], now: datetime) -> None:
    """People are not wished for any more: the letter says so no longer, or where it has left, another one does."""
    for (office, about), gone in _groups(invitations).items():
        if _drop(office, about):
            _post("release_wanted", office, about, _awaiting(office, about), now, again=False)
        elif post.has_any_left(about, [_key("release_wanted", office, about)]):
            leaves_at = waiting.leaves_at(now, *(one.event.starts_at for one in gone))
            _post("release_off", office, about, gone, now, not_before=leaves_at)


def was_decided(invitations: Collection[Invitation], now: datetime) -> None:
    """Somebody was released or refused: a letter that has not left asks for the others alone."""
    for office, about in _groups(invitations):
        if _drop(office, about):
            _post("release_wanted", office, about, _awaiting(office, about), now, again=False)


def _groups(invitations: Collection[Invitation]) -> dict[_Group, list[Invitation]]:
    found: defaultdict[_Group, list[Invitation]] = defaultdict(list)
    for one in invitations:
        office = partner_office(one.expert)
        if office is not None:
            found[office, _about(one.event)].append(one)
    return found


def _about(event: Event) -> str:
    return str(event.series.public_id if event.series else event.public_id)


def _awaiting(office: Office, about: str) -> list[Invitation]:
    query = select(Invitation).join(Invitation.event).where(Invitation.state == InvitationState.AWAITS_RELEASE)
    everyone = db.session.scalars(query.order_by(Event.starts_at, Invitation.id).where(_is_about(about)))
    return [one for one in everyone if one.event.holds_resources and partner_office(one.expert) is office]


def _is_about(about: str) -> ColumnElement[bool]:
    named = UUID(about)
    return or_(Event.public_id == named, Event.series_id.in_(select(Series.id).where(Series.public_id == named)))


def _key(letter: str, office: Office, about: str) -> str:
    return f"{letter.replace('_', '-')}:{about}:{office.slug}:"


def _drop(office: Office, about: str, letter: str = "release_wanted") -> bool:
    """Stop owing what has not left; says whether there was anything."""
    mine = [one for one in post.untried_about(about) if one.key.startswith(_key(letter, office, about))]
    post.drop(mine)
    return bool(mine)


def _knows(office: Office, about: str, invitations: Sequence[Invitation]) -> bool:
    """True where the newest letter that has left asks for just that."""
    start = _key("release_wanted", office, about)
    left = [one for one in telling.begun([about]) if one.key.startswith(start)]
    return bool(left) and left[-1].facts["dates"] == _dates(invitations)


def _dates(invitations: Sequence[Invitation]) -> list[dict[str, Any]]:
    dates: dict[int, dict[str, Any]] = {}
    for one in invitations:
        date = dates.setdefault(one.event_id, {"event": facts_of(one.event), "people": []})
        date["people"].append(one.expert.name)
    return list(dates.values())


def _post(
    letter: str,
    office: Office,
    about: str,
    invitations: Sequence[Invitation],
    now: datetime,
    not_before: datetime | None = None,
    **more: Any,
) -> None:
    if not invitations:
        return
    marks = sorted(f"{one.public_id} {one.turn} {one.event.version} {one.stepped_at}" for one in invitations)
    digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]
    post.post(
        letter,
        key=_key(letter, office, about) + digest,
        to_address=office.mailbox,
        to_name=office.name,
        language=office.language,
        event=about,
        facts={"event": facts_of(invitations[0].event), "dates": _dates(invitations), **more},
        now=now,
        not_before=not_before,
    )
