"""Whether somebody may be asked: the office that lends them releases them first, unless that needs no asking."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import WrongState, say
from eventsvc.domain.accounts import Actor, Owner, Permission, may
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.invitations import settings
from eventsvc.domain.invitations.models import Invitation, InvitationState


def lender_of(expert: Expert) -> Owner:
    """Who releases an expert: the office that lends them, and their organization."""
    office = partner_office(expert)
    return Owner(office.id if office else None, expert.organization_id)


def may_release(actor: Actor, expert: Expert) -> bool:
    """True for those who keep the people of the office that lends the expert."""
    return may(actor, Permission.KEEP_PEOPLE, lender_of(expert))


def released_by_naming(experts: Collection[Expert], actor: Actor) -> frozenset[int]:
    """Those (ids) who may be asked as soon as the actor names them.

    Whoever may release an expert does so by naming; an organization without any office has nobody to ask for a
    release; and a partner may have switched on that its people are asked automatically.
    """
    organizations = {expert.organization_id for expert in experts}
    if not organizations:
        return frozenset()
    told = settings.of_organizations(organizations)
    in_use = select(Office.organization_id).where(
        Office.organization_id.in_(organizations), Office.retired_on.is_(None)
    )
    with_office = set(db.session.scalars(in_use))
    return frozenset(
        expert.id
        for expert in experts
        if told[expert.organization_id].asks_automatically
        or (expert.office is None and expert.organization_id not in with_office)
        or may_release(actor, expert)
    )


def ensure_awaits(invitation: Invitation) -> None:
    """Refuses WrongState where there is nothing to release any more."""
    if invitation.state is not InvitationState.AWAITS_RELEASE:
        raise WrongState(say("This was decided already."), state=str(invitation.state))


def release(invitation: Invitation, now: datetime) -> None:
    """Let the person be asked from now on; the letter and the steps that follow are the caller's."""
    ensure_awaits(invitation)
    invitation.state, invitation.released_at, invitation.asked_at = InvitationState.NEEDS_ACTION, now, now
    invitation.stepped_at = None


def refuse(invitation: Invitation) -> None:
    """The partner's office does not lend the person for this: nobody was asked, and somebody else must be."""
    ensure_awaits(invitation)
    invitation.state, invitation.released_at, invitation.next_step_at = InvitationState.DECLINED, None, None
