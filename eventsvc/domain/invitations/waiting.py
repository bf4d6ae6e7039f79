"""What waits for somebody's yes, the longest first: where a coordinator begins the day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true

from eventsvc.core.db import db
from eventsvc.domain.accounts import Sight
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.missing import MissingYes, missing_yes
from eventsvc.domain.invitations.models import ASKED, GIVEN_UP, Invitation, InvitationState

_OPEN = (InvitationState.AWAITS_RELEASE, *ASKED, *GIVEN_UP)
# Who was replaced is waited for no longer.
_IS_NAMED = exists().where(Seat.event_id == Invitation.event_id, Seat.expert_id == Invitation.expert_id)
_OPEN_ROOMS = (ApprovalState.REQUESTED, ApprovalState.DECLINED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event ahead, since when it waits, and each yes that it lacks with the moment it was asked for.

    `approvals` are those of its rooms, by slug, so that one can telephone their offices.
    """

    event: Event
    since: datetime
    missing: list[tuple[MissingYes, datetime]]
    approvals: dict[str, RoomApproval]


def open_requests(
    now: datetime, *, sight: Sight, limit: int, owner_ids: Collection[int] | None = None
) -> list[Waiting]:
    """Events ahead of `now` that concern the asker and lack a yes, those that have waited longest first.

    `owner_ids` narrows to events of those offices. It is a fixed number of queries. They are requested, or have a new
    time after they were put off, or were confirmed and have lost a yes since.
    """
    query = (
        select(Event)
        .where(Event.ends_at > now, _lacks_a_yes(), permits.concerns(sight))
        .where(true() if owner_ids is None else Event.owner_id.in_(owner_ids))
        .options(*WHOLE)
        .order_by(_first_asked(), Event.id)
        .limit(limit)
    )
    events = list(db.session.scalars(query))
    ids = [event.id for event in events]
    invitations, approvals = asking.of_events(ids), rooms.of_events(ids)
    return [_waiting(event, invitations[event.id], approvals[event.id]) for event in events]


def _first_asked() -> ColumnElement[datetime]:
    """When the first question that is still open was asked: of a person, or of a room's office."""
    of_people = func.min(Invitation.asked_at).filter(Invitation.state.in_(_OPEN), _IS_NAMED)
    of_offices = func.min(RoomApproval.asked_at).filter(RoomApproval.state.in_(_OPEN_ROOMS))
    person = select(of_people).where(Invitation.event_id == Event.id).correlate(Event).scalar_subquery()
    office = select(of_offices).where(RoomApproval.event_id == Event.id).correlate(Event).scalar_subquery()
    return case((office < person, office), else_=func.coalesce(person, office, Event.created_at))


def _lacks_a_yes() -> ColumnElement[bool]:
    lost = or_(
        exists().where(Invitation.event_id == Event.id, Invitation.state.in_(_OPEN), _IS_NAMED),
        exists().where(Seat.event_id == Event.id, Seat.expert_id.is_(None)),
        exists().where(RoomApproval.event_id == Event.id, RoomApproval.state.in_(_OPEN_ROOMS)),
    )
    return or_(
        Event.status == Status.REQUESTED,
        and_(Event.status == Status.POSTPONED, Event.awaits_time.is_(False)),
        and_(Event.status == Status.CONFIRMED, lost),
    )


def _waiting(event: Event, invitations: list[Invitation], approvals: list[RoomApproval]) -> Waiting:
    asked = {("expert", invitation.expert.slug): invitation.asked_at for invitation in invitations}
    asked |= {("room", approval.room.slug): approval.asked_at for approval in approvals}
    missing = [
        (yes, asked.get((yes.who, yes.expert or yes.room or ""), event.created_at))
        for yes in missing_yes(event, invitations, approvals)
    ]
    since = min((since for _, since in missing), default=event.created_at)
    return Waiting(event, since, missing, {approval.room.slug: approval for approval in approvals})
