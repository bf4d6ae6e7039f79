"""Whom an event concerns, and so who sees it and who may change it; `domain/accounts` decides by these facts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true

from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import Actor, Owner, Sight, ensure_may_plan, may_plan, may_see, may_see_work, planning_of
from eventsvc.domain.directory.models import Campus, Expert, Office, Room
from eventsvc.domain.events.models import Event, EventCoHost, EventRoom, Visibility
from eventsvc.domain.events.seats import Seat


def whose(event: Event) -> Owner:
    """The office in charge, and its organization."""
    return Owner(event.owner_id, event.owner.organization_id)


def concerned(event: Event) -> list[Owner]:
    """The office in charge; whose campus and rooms it takes; who sends experts; who is a co-host."""
    organizations = {
        *([event.campus.organization_id] if event.campus else []),
        *(expert.organization_id for expert in event.experts),
        *(organization.id for organization in event.co_hosts),
    }
    offices = {room.office_id for room in event.rooms} | {expert.office_id for expert in event.experts}
    return [whose(event), *(Owner(None, one) for one in organizations), *(Owner(one, None) for one in offices if one)]


def may_see_event(actor: Actor, event: Event) -> bool:
    """True for what everybody may see, and for those whom it concerns."""
    is_public = event.visibility == Visibility.PUBLIC
    return may_see(actor, is_public=is_public, is_published=event.published_at is not None, concerned=concerned(event))


def may_see_work_of(actor: Actor, event: Event) -> bool:
    """True for those whom it concerns: they see who comes, what is missing, and the notes."""
    return may_see_work(actor, concerned(event))


def may_change(actor: Actor, event: Event) -> bool:
    """True for those who plan for the office in charge."""
    return may_plan(actor, whose(event), event.kind)


def ensure_may_change(actor: Actor, event: Event) -> None:
    """Refuses NotFound for what one may not see, NotAllowed for what one may not change."""
    if not may_see_event(actor, event) and not may_change(actor, event):
        raise NotFound(say("There is no such event."))
    ensure_may_plan(actor, whose(event), event.kind)


IS_FOR_ALL = and_(Event.visibility == Visibility.PUBLIC, Event.published_at.is_not(None))


def is_seen(sight: Sight) -> ColumnElement[bool]:
    """The same as `may_see_event` for a whole list."""
    if sight.is_whole:
        return true()
    return or_(IS_FOR_ALL, concerns(sight)) if sight else IS_FOR_ALL


def concerns(sight: Sight) -> ColumnElement[bool]:
    """The same as `may_see_work_of` for a whole list."""
    if sight.is_whole or not sight:
        return true() if sight.is_whole else false()
    offices, organizations = sight.office_ids, sight.organization_ids
    expert_of = or_(Expert.organization_id.in_(organizations), Expert.office_id.in_(offices))
    return or_(
        Event.owner_id.in_(offices),
        Event.owner_id.in_(select(Office.id).where(Office.organization_id.in_(organizations))),
        Event.campus_id.in_(select(Campus.id).where(Campus.organization_id.in_(organizations))),
        exists().where(Seat.event_id == Event.id, Seat.expert_id == Expert.id, expert_of),
        exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id.in_(organizations)),
        exists().where(EventRoom.event_id == Event.id, EventRoom.room_id == Room.id, Room.office_id.in_(offices)),
    )


def is_changed_by(actor: Actor) -> ColumnElement[bool]:
    """The same as `may_change` for a whole list."""
    by_kind = ((kind, is_owned_within(sight)) for kind, sight in planning_of(actor).items() if sight)
    return or_(false(), *(own if kind is None else and_(Event.kind == kind, own) for kind, own in by_kind))


def is_owned_within(sight: Sight) -> ColumnElement[bool]:
    """Events whose office in charge is one of those, or of one of those organizations."""
    if sight.is_whole:
        return true()
    offices = select(Office.id).where(Office.organization_id.in_(sight.organization_ids))
    return or_(Event.owner_id.in_(sight.office_ids), Event.owner_id.in_(offices))


def ids_of_work(sight: Sight) -> Select[Any] | None:
    """A query of the events whose work is seen, for the search; None where there is no need to ask."""
    return None if sight.is_whole else select(Event.id).where(concerns(sight))
