"""Whom a request, an offered date and a round concern; `domain/accounts` decides by these facts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from eventsvc.core.db import db
from eventsvc.core.errors import NotAllowed, NotFound, say
from eventsvc.domain.accounts import Actor, Owner, Sight, ensure_may_plan, ensure_somebody, may_plan, may_see_work
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.requests.models import Request, Side
from eventsvc.domain.requests.offered import OfferedDate

MISSING = say("There is no such request.")
OFFER_MISSING = say("There is no such offered date.")
ROUND_MISSING = say("There is no such round.")


def owner_of(office: Office) -> Owner:
    """The office, and its organization."""
    return Owner(office.id, office.organization_id)


def office_of(request: Request, side: Side) -> Office:
    """The office of that side."""
    return request.asker if side is Side.COLLEGE else request.partner


def may_see_request(actor: Actor, request: Request) -> bool:
    """True for the two offices and their organizations."""
    return may_see_work(actor, (owner_of(request.asker), owner_of(request.partner)))


def may_act_for(actor: Actor, request: Request, side: Side) -> bool:
    """True for those who plan for that side's office."""
    return may_plan(actor, owner_of(office_of(request, side)), request.kind)


def sides_of(actor: Actor, request: Request) -> list[Side]:
    """For which sides somebody may act."""
    return [side for side in Side if may_act_for(actor, request, side)]


def ensure_may_see(actor: Actor, request: Request) -> None:
    """Refuses SignInNeeded for strangers, NotFound for those whom it does not concern."""
    ensure_somebody(actor)
    if not may_see_request(actor, request):
        raise NotFound(MISSING)


def ensure_may_act(actor: Actor, request: Request, side: Side) -> None:
    """Refuses as `ensure_may_see`; NotAllowed for those who see it and may not act for that side."""
    ensure_somebody(actor)
    if not may_see_request(actor, request) and not may_act_for(actor, request, side):
        raise NotFound(MISSING)
    if not may_act_for(actor, request, side):
        raise NotAllowed(say("This is for those who plan for %(office)s.", office=office_of(request, side).name))


def is_seen(sight: Sight) -> ColumnElement[bool]:
    """The same as `may_see_request` for a whole list."""
    if sight.is_whole or not sight:
        return true() if sight.is_whole else false()
    return or_(_is_theirs(Request.asker_id, sight), _is_theirs(Request.partner_id, sight))


def is_of(column: InstrumentedAttribute[int], office_ids: Iterable[int]) -> ColumnElement[bool]:
    """True where the column names one of the offices."""
    return column.in_(list(office_ids))


def _is_theirs(column: InstrumentedAttribute[int], sight: Sight) -> ColumnElement[bool]:
    of_organizations = select(Office.id).where(Office.organization_id.in_(sight.organization_ids))
    return or_(column.in_(sight.office_ids), column.in_(of_organizations))


def may_see_offer(actor: Actor, offer: OfferedDate) -> bool:
    """True for whoever plans anywhere; one that answers a request is for those two offices."""
    if offer.request is not None:
        return may_see_request(actor, offer.request)
    return may_plan(actor) or may_see_work(actor, [owner_of(offer.office)])


def ensure_may_see_offer(actor: Actor, offer: OfferedDate) -> None:
    """Refuses SignInNeeded for strangers, NotFound for those who may not know of it."""
    ensure_somebody(actor)
    if not may_see_offer(actor, offer):
        raise NotFound(OFFER_MISSING)


def offers_seen(actor: Actor, sight: Sight) -> ColumnElement[bool]:
    """The same for a whole list."""
    if sight.is_whole:
        return true()
    seen = OfferedDate.request_id.in_(select(Request.id).where(is_seen(sight)))
    for_all = OfferedDate.request_id.is_(None)
    return or_(for_all if may_plan(actor) else and_(for_all, _is_theirs(OfferedDate.office_id, sight)), seen)


def ensure_may_plan_for(actor: Actor, office: Office, kind: str | None = None) -> None:
    """Refuses SignInNeeded, and NotAllowed for those who do not plan for that office."""
    ensure_may_plan(actor, owner_of(office), kind)


def offices_of(organization: Organization) -> list[Office]:
    """The offices of an organization that are in use, by slug."""
    query = select(Office).where(Office.organization_id == organization.id, Office.retired_on.is_(None))
    return list(db.session.scalars(query.order_by(Office.slug)))


def may_speak_for(actor: Actor, organization: Organization, offices: Iterable[Office]) -> bool:
    """True for those who plan for the organization, or for one of its offices."""
    owners = [Owner(None, organization.id), *map(owner_of, offices)]
    return any(may_plan(actor, owner) for owner in owners)
