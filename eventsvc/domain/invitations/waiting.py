"""What waits for somebody's yes, the longest first: where a coordinator begins the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from eventsvc.core.db import db
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.asking import MissingYes
from eventsvc.domain.invitations.models import Invitation, InvitationState

_OPEN = (InvitationState.NEEDS_ACTION, InvitationState.DECLINED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event ahead, since when it waits, and each yes that it lacks with the moment it was asked for."""

    event: Event
    since: datetime
    missing: list[tuple[MissingYes, datetime]]


def open_requests(now: datetime, *, limit: int) -> list[Waiting]:
    """Events ahead of `now` that lack a yes, those that have waited longest first; a fixed number of queries.

    They are requested, or have a new time after they were put off, or were confirmed and have lost a yes since.
    """
    asked_at = func.min(Invitation.asked_at).filter(Invitation.state.in_(_OPEN))
    first_asked = select(asked_at).where(Invitation.event_id == Event.id).correlate(Event).scalar_subquery()
    query = (
        select(Event)
        .where(Event.ends_at > now, _lacks_a_yes())
        .options(*WHOLE)
        .order_by(func.coalesce(first_asked, Event.created_at), Event.id)
        .limit(limit)
    )
    events = list(db.session.scalars(query))
    invitations = asking.of_events([event.id for event in events])
    return [_waiting(event, invitations[event.id]) for event in events]


def _lacks_a_yes() -> ColumnElement[bool]:
    lost = exists().where(Invitation.event_id == Event.id, Invitation.state.in_(_OPEN))
    return or_(
        Event.status == Status.REQUESTED,
        and_(Event.status == Status.POSTPONED, Event.awaits_time.is_(False)),
        and_(Event.status == Status.CONFIRMED, lost),
    )


def _waiting(event: Event, invitations: list[Invitation]) -> Waiting:
    asked = {invitation.expert.slug: invitation.asked_at for invitation in invitations}
    missing = [(yes, asked.get(yes.expert or "", event.created_at)) for yes in asking.missing_yes(event, invitations)]
    return Waiting(event, min((since for _, since in missing), default=event.created_at), missing)
