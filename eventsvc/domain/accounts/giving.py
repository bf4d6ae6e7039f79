"""Who may let people in, and as what: nobody gives a role or a permission beyond their own.

A role may be given at a place by those who keep accounts there and may do there all that it allows. Tokens narrow
whether one keeps accounts at all; how far one's own roles go is asked of the roles alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, exists, or_, select, true

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, WrongState, say
from eventsvc.domain.accounts.actors import Actor, Owner, ensure_may, ensure_may_run, may, may_override, may_run
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import BY_LINK, GRANTED, WITHIN, Permission, Role
from eventsvc.domain.directory.models import Office

# Whoever plans anything plans these, too.
_IMPLIED = {Permission.PLAN_FAIRS: Permission.PLAN, Permission.PLAN_CONVENINGS: Permission.PLAN}


def place_of(grant: Grant) -> Owner:
    """Where a role counts."""
    if grant.office is not None:
        return Owner(grant.office.id, grant.office.organization_id)
    return Owner(None, grant.organization.id if grant.organization else None)


def may_give(actor: Actor, role: Role, place: Owner) -> bool:
    """Give that role there, and take it away: for those who may do there all that it allows."""
    if role in BY_LINK:
        return False
    if role is Role.ADMINISTRATOR:
        return may_run(actor)
    whole = replace(actor, scopes=None)
    return may(actor, Permission.KEEP_ACCOUNTS, place) and all(
        may(whole, permission, place) or (permission in _IMPLIED and may(whole, _IMPLIED[permission], place))
        for permission in GRANTED[role]
    )


def may_give_override(actor: Actor, place: Owner) -> bool:
    """Let somebody override soft rules there: for those who may themselves."""
    return may_override(replace(actor, scopes=None), place)


def given_by(actor: Actor, place: Owner) -> list[Role]:
    """The roles that somebody may give there."""
    return [role for role in Role if may_give(actor, role, place)]


def ensure_may_give(actor: Actor, role: Role, place: Owner) -> None:
    """Refuses: SignInNeeded; NotAllowed elsewhere and beyond one's own; InvalidInput for what only a link gives."""
    if role in BY_LINK:
        raise InvalidInput({"role": say("is given by a link for one event, to nobody's account")})
    if role is Role.ADMINISTRATOR:
        ensure_may_run(actor)
        return
    ensure_may(actor, Permission.KEEP_ACCOUNTS, place)
    if not may_give(actor, role, place):
        raise NotAllowed(say("This role may do more than you may there. Ask an administrator to give it."))


def ensure_may_set_override(actor: Actor, place: Owner, *, before: bool, after: bool) -> None:
    """Refuses NotAllowed where somebody changes a permission that they do not have themselves."""
    if before is not after and not may_give_override(actor, place):
        raise NotAllowed(say("Only who may override rules there can give that permission, or take it away."))


def ensure_not_blindly(actor: Actor, account_id: int, *, knows_it_is_own: bool) -> None:
    """Refuses InvalidInput for an act against oneself that was not said to be meant so: there may be no way back."""
    if actor.account_id == account_id and not knows_it_is_own:
        words = say("this is your own: say that you mean it, for you may not be able to come back by yourself")
        raise InvalidInput({"own": words})


def ensure_another_administrator(account_id: int) -> None:
    """Refuses WrongState where nobody would be left who runs the service. Locks: as `is_last_administrator`."""
    if is_last_administrator(account_id):
        raise WrongState(say("This is the last administrator. Give the role to somebody else first."))


def is_last_administrator(account_id: int) -> bool:
    """True where nobody else runs the service, nor would when that account did no longer.

    Locks: every administrator's role, in id order, so that two cannot end one another.
    """
    running = select(Grant).where(Grant.role == Role.ADMINISTRATOR, Grant.ended_at.is_(None)).order_by(Grant.id)
    held = db.session.scalars(running.with_for_update(key_share=True).execution_options(populate_existing=True))
    return {grant.account_id for grant in held} <= {account_id}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose accounts somebody keeps: everybody's, or those with a role at these offices or in these organizations."""

    is_whole: bool = False
    office_ids: frozenset[int] = frozenset()
    organization_ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.is_whole or bool(self.office_ids) or bool(self.organization_ids)


def reach_of(actor: Actor) -> Reach:
    """Where somebody keeps accounts."""
    if may_run(actor):
        return Reach(is_whole=True)
    if actor.scopes is not None and not any(Permission.KEEP_ACCOUNTS in WITHIN[scope] for scope in actor.scopes):
        return Reach()
    keeping = [one for one in actor.held if Permission.KEEP_ACCOUNTS in GRANTED[one.role]]
    offices = frozenset(one.office_id for one in keeping if one.office_id is not None)
    organizations = frozenset(number for one in keeping for number in one.organization_ids)
    return Reach(office_ids=offices, organization_ids=organizations)


def is_within(reach: Reach) -> ColumnElement[bool]:
    """True for the roles in force that lie there."""
    if reach.is_whole:
        return Grant.ended_at.is_(None)
    offices = select(Office.id).where(Office.organization_id.in_(reach.organization_ids))
    there = or_(
        Grant.office_id.in_(reach.office_ids),
        Grant.office_id.in_(offices),
        Grant.organization_id.in_(reach.organization_ids),
    )
    return Grant.ended_at.is_(None) & there


def is_kept(reach: Reach) -> ColumnElement[bool]:
    """True for the accounts that somebody keeps; those without any role are the administrators' affair."""
    if reach.is_whole:
        return true()
    return exists().where(Grant.account_id == Account.id, is_within(reach))


def within(reach: Reach, grants: Iterable[Grant]) -> list[Grant]:
    """Those of somebody's roles in force that lie there; what they are elsewhere is nobody's affair here."""
    present = [grant for grant in grants if grant.ended_at is None]
    return present if reach.is_whole else [grant for grant in present if _lies_in(reach, place_of(grant))]


def _lies_in(reach: Reach, place: Owner) -> bool:
    return place.office_id in reach.office_ids or place.organization_id in reach.organization_ids


def ensure_whole_account(actor: Actor, grants: Collection[Grant]) -> None:
    """Refuses NotAllowed to change a person's name, or to end the account, where they are more than one may give."""
    present = [grant for grant in grants if grant.ended_at is None]
    if not may_run(actor) and not all(may_give(actor, grant.role, place_of(grant)) for grant in present):
        raise NotAllowed(say("They have roles elsewhere, or more than you may give. Take their roles here instead."))
