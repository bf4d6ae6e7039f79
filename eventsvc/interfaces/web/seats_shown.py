"""The seats of an event for its page: who holds each, who is asked next, whom one could add."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import load_only

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Expert, Topic
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatRole
from eventsvc.domain.invitations import line_up, preload
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.interfaces.web import words

# A page must not grow with the directory: of more, those who know a topic of the event come first.
MOST_TO_ADD = 300


class Next(NamedTuple):
    """Somebody in a line-up; `is_held` where their time is held softly, `has_agreed` where the planner said so."""

    expert: Expert
    is_held: bool
    has_agreed: bool


class Shown(NamedTuple):
    """A seat with its present word, and its line-up in the order in which people would be asked."""

    seat: Seat
    invitation: Invitation | None
    is_open: bool
    then: list[Next]


def shown_about(
    found: Event, invitations: Collection[Invitation], now: datetime, *, may_change: bool
) -> dict[str, Any]:
    """The seats, and for those who may change them what they can choose from."""
    preload.line_ups([found])
    is_changed_here = may_change and found.status in lifecycle.MOVABLE and not found.has_ended(now)
    return {
        "seats": [_shown(found, seat, list(invitations)) for seat in found.seats],
        "may_change_seats": is_changed_here,
        "addable": _addable(found) if is_changed_here else [],
        "roles": [(role, words.ROLES[role]) for role in SeatRole],
    }


def _shown(found: Event, seat: Seat, invitations: list[Invitation]) -> Shown:
    by_expert = {one.expert_id: one for one in invitations}
    agreed = {one.expert_id for one in seat.candidates if one.is_understudy}
    held = {one.expert_id for one in invitations if one.state is InvitationState.UNDERSTUDY}
    then = line_up.next_ones(found, seat, invitations)
    return Shown(
        seat,
        by_expert.get(seat.expert_id) if seat.expert_id is not None else None,
        line_up.is_open(seat, invitations),
        [Next(expert, expert.id in held, expert.id in agreed) for expert in then],
    )


def _addable(found: Event) -> list[Expert]:
    """Who could be put into a line-up: those who know a topic of the event first, then by name."""
    named = {expert.id for expert in found.experts}
    knows = Expert.topics.any(Topic.id.in_([topic.id for topic in found.topics]))
    query = select(Expert).where(Expert.retired_on.is_(None), Expert.id.not_in(named))
    query = query.options(load_only(Expert.slug, Expert.name)).order_by(case((knows, 0), else_=1), Expert.name)
    return list(db.session.scalars(query.limit(MOST_TO_ADD)))
