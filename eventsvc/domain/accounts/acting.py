"""From an account to the actor that it makes at a door: its roles, and what each of them covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.accounts.actors import Actor, Held, Owner
from eventsvc.domain.accounts.models import Account, ApiToken, Grant
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.directory.models import Expert, Organization


def actor_of(account: Account, token: ApiToken | None = None) -> Actor:
    """Who acts, with every role in force as far as the token goes; a district's covers its colleges and schools."""
    in_force = [grant for grant in account.grants if grant.ended_at is None]
    below = _below({one.organization_id for one in in_force if one.role is Role.DISTRICT and one.organization_id})
    held = tuple(Held(one.role, one.office_id, _covered(one, below), one.may_override) for one in in_force)
    experts = _experts(account, held)
    if token is None:
        return Actor(f"account {account.public_id}", held, account.id, None, experts)
    scopes = frozenset(Scope(word) for word in token.scopes)
    return Actor(f"account {account.public_id} token {token.public_id}", held, account.id, scopes, experts)


def _covered(grant: Grant, below: Mapping[int, set[int]]) -> frozenset[int]:
    if grant.organization_id is None:
        return frozenset()
    return frozenset({grant.organization_id} | below.get(grant.organization_id, set()))


def _below(organization_ids: set[int]) -> defaultdict[int, set[int]]:
    below: defaultdict[int, set[int]] = defaultdict(set)
    if organization_ids:
        query = select(Organization.parent_id, Organization.id).where(Organization.parent_id.in_(organization_ids))
        for parent_id, child_id in db.session.execute(query):
            if parent_id is not None:
                below[parent_id].add(child_id)
    return below


def _experts(account: Account, held: Collection[Held]) -> frozenset[int]:
    """Whom somebody is among the experts: both sides say so, by the role and by the address."""
    as_expert = [one for one in held if one.role is Role.EXPERT]
    if not as_expert:
        return frozenset()
    query = select(Expert.id, Expert.office_id, Expert.organization_id)
    mine = query.where(func.lower(Expert.email) == account.email, Expert.retired_on.is_(None))
    return frozenset(
        expert_id
        for expert_id, *owner in db.session.execute(mine)
        if any(one.covers(Owner(*owner)) for one in as_expert)
    )
