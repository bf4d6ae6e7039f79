"""An expert's season, by the link of a letter: all that is asked of them and agreed, leave, and the ways between.

It reads a fixed few queries and writes nothing. What their office has not released is no affair of theirs yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from eventsvc.core import tokens
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound
from eventsvc.core.links import is_still
from eventsvc.core.times import Span, day_start, local_day
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking import journeys
from eventsvc.domain.booking.journeys import Leg
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import ASKED, Invitation, InvitationState
from eventsvc.workflows.leave_seen import Leave, coming_leave
from eventsvc.workflows.show_board import resources_of

# What they may still look forward to, or have agreed; their ways are worked out for these.
_COMES = (*ASKED, InvitationState.ACCEPTED)
_HIDDEN = (InvitationState.AWAITS_RELEASE, InvitationState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Way:
    """The legs of one local day, of what is asked and agreed."""

    day: date
    legs: Sequence[Leg]


@dataclass(frozen=True, slots=True)
class Season:
    """From the first day of the present half-year on; `minutes` are those agreed, whole days not counted.

    `places` by the ids of campuses.
    """

    expert: Expert
    first: date
    waiting: Sequence[Invitation]
    agreed: Sequence[Invitation]
    other: Sequence[Invitation]
    minutes: int
    leave: Sequence[Leave]
    ways: Sequence[Way]
    places: Mapping[int, Campus]


def season_of(slug: str, mark: str, now: datetime) -> Season:
    """The season of the expert of a link, who reads letters at the address that it was made for.

    Refuses: NotFound where letters to that expert go elsewhere by now, or nowhere.
    """
    expert = lookup.get(Expert, slug)
    if expert.retired_on is not None or not expert.email or not is_still(mark, expert.email):
        raise NotFound(tokens.NOT_OURS)
    first = first_day(local_day(now, expert.zone))
    found = _invitations(expert, day_start(first, expert.zone))
    ahead = [one for one in found if one.event.ends_at > now]
    agreed = [one for one in found if one.state is InvitationState.ACCEPTED]
    waiting = [one for one in ahead if one.state in ASKED]
    ways = list(_ways(expert, [one for one in ahead if one.state in _COMES], now))
    return Season(
        expert,
        first,
        waiting,
        agreed,
        [one for one in found if one not in waiting and one not in agreed],
        sum(_minutes(one.event) for one in agreed),
        coming_leave([expert], actor=PUBLIC, now=now),
        ways,
        _places(ways),
    )


def first_day(today: date) -> date:
    """Seasons begin in January and in July."""
    return date(today.year, 1 if today.month < 7 else 7, 1)


def _invitations(expert: Expert, since: datetime) -> Sequence[Invitation]:
    query = select(Invitation).join(Invitation.event)
    query = query.where(Invitation.expert_id == expert.id, Invitation.state.not_in(_HIDDEN))
    query = query.where(Event.ends_at > since, Event.status.in_(ON))
    query = query.options(contains_eager(Invitation.event).options(*WHOLE))
    return db.session.scalars(query.order_by(Event.starts_at, Invitation.id)).unique().all()


def _minutes(event: Event) -> int:
    return 0 if event.all_day else (event.ends_at - event.starts_at) // timedelta(minutes=1)


def _ways(expert: Expert, coming: Sequence[Invitation], now: datetime) -> Iterator[Way]:
    """What else holds the person's time is left out: it may be what they must not know of yet."""
    if not coming:
        return
    (resource,) = resources_of(expert_ids=[expert.id])
    end = max(one.event.ends_at for one in coming) + timedelta(days=1)
    home = [expert.home_campus_id] if expert.home_campus_id is not None else []
    diary = diaries.read([resource], Span(now - timedelta(days=1), end), campus_ids=home, now=now)
    known = {one.event_id for one in coming}
    rows = [row for row in diary.booked(resource.id) if row.event_id in known]
    for day, some in groupby(rows, key=lambda row: local_day(row.starts_at, expert.zone)):
        legs = journeys.of_day(expert, list(some), diary.ways)
        if legs:
            yield Way(day, legs)


def _places(ways: Sequence[Way]) -> dict[int, Campus]:
    ids = {place for way in ways for leg in way.legs for place in (leg.origin_id, leg.destination_id)}
    return {one.id: one for one in db.session.scalars(select(Campus).where(Campus.id.in_(ids)))}
