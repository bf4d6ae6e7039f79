"""A partner's week: all that is asked of the people whom one keeps, so that a week is answered on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from eventsvc.core.db import db
from eventsvc.core.times import local_day
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, may
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation, InvitationState

DAYS = 7


def asked_in_week(first: date, *, actor: Actor) -> list[Invitation]:
    """What is asked of the actor's people at events that begin on those local days, in the order of time.

    It is a fixed number of queries.

    Refuses: SignInNeeded, NotAllowed for those who keep nobody.
    """
    ensure_may(actor, Permission.KEEP_PEOPLE)
    last = first + timedelta(days=DAYS - 1)
    query = (
        select(Invitation)
        .join(Invitation.event)
        .where(Event.starts_on.between(first, last), Event.status.in_(ON))
        .where(Invitation.state != InvitationState.WITHDRAWN)
        .options(
            contains_eager(Invitation.event).options(*WHOLE), joinedload(Invitation.expert).joinedload(Expert.office)
        )
        .order_by(Event.starts_at, Event.id, Invitation.id)
    )
    found = db.session.scalars(query).unique().all()
    lending = _first_offices({one.expert.organization_id for one in found})
    return [one for one in found if _keeps(actor, one.expert, lending)]


def _first_offices(organization_ids: set[int]) -> dict[int, int]:
    """The office that lends people for whom none is named, by organization: its first, as `partner_office` has it."""
    query = select(Office.organization_id, Office.id).where(
        Office.organization_id.in_(organization_ids), Office.retired_on.is_(None)
    )
    first: dict[int, int] = {}
    for organization_id, office_id in db.session.execute(query.order_by(Office.slug)):
        first.setdefault(organization_id, office_id)
    return first


def _keeps(actor: Actor, expert: Expert, lending: dict[int, int]) -> bool:
    office_id = expert.office_id or lending.get(expert.organization_id)
    return may(actor, Permission.KEEP_PEOPLE, Owner(office_id, expert.organization_id))


def today_of(actor: Actor, now: datetime) -> date:
    """The day it is at the first office whose people the actor keeps, or at the first office there is."""
    offices: Sequence[Office] = db.session.scalars(select(Office).order_by(Office.id)).all()
    own = (one for one in offices if may(actor, Permission.KEEP_PEOPLE, Owner(one.id, one.organization_id)))
    first = next(own, None)
    return local_day(now, first.zone) if first else now.date()
