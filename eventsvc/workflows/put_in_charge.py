"""Who is in charge of an event: whoever planned it, until somebody of the office takes it or names a colleague."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Role, acting, may_plan, may_run
from eventsvc.domain.accounts.carrying import CannotCarry, Lack
from eventsvc.domain.accounts.models import Account, written_small
from eventsvc.domain.accounts.places import Place, grants_at
from eventsvc.domain.accounts.roles import Permission
from eventsvc.domain.accounts.standing import claim_shared, hold_still
from eventsvc.domain.events import coordinators
from eventsvc.domain.events.lookup import claim_to_change, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.permits import ensure_may_change, whose

_NOBODY = say("is nobody who signs in and has a role in the same organization")


def note_planner(events: list[Event], actor: Actor, now: datetime) -> None:
    """Whoever plans for the own office is in charge of what they plan; whoever runs the service plans for others."""
    if actor.account_id is None or not events:
        return
    owner = whose(events[0])
    if any(one.covers(owner) for one in actor.held if one.role is not Role.ADMINISTRATOR):
        coordinators.put(events, actor.account_id, now)


def put_in_charge(
    event_id: str, email: str | None, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Let the colleague of that address be in charge of an event; None: nobody by name.

    Locks:   the accounts by id, shared, then the event.
    Refuses: SignInNeeded, NotFound, NotAllowed; InvalidInput for an address that nobody of that organization signs in
             with; CannotCarry for a colleague who may not plan for that office.
    """
    ensure_may_change(actor, get_event(event_id))  # before anybody learns which addresses have an account
    account_id = _id_of(email) if email else None
    for one in sorted({one for one in (account_id, actor.account_id) if one is not None}):
        claim_shared(one)
    account = db.session.get_one(Account, account_id) if account_id else None
    actor = hold_still(actor)
    event = claim_to_change(event_id, actor, expected)
    if account is not None and not may_plan(acting.actor_of(account), whose(event), event.kind):
        if not (may_run(actor) or grants_at(account, Place(None, event.owner.organization_id))):
            raise InvalidInput({"account": _NOBODY})  # whom other houses let in is not told
        raise CannotCarry("account", [Lack(Permission.PLAN, event.owner.slug)])
    before = coordinators.of_event(event)
    if before is account:
        return event
    coordinators.put([event], account.id if account else None, now)
    event.version += 1
    ids = before.public_id if before else None, account.public_id if account else None
    audit.record("put_in_charge", "event", event.public_id, actor=actor.name, now=now, changes={"coordinator": ids})
    return event


def _id_of(email: str) -> int:
    query = select(Account.id).where(Account.email == written_small(email), Account.ended_at.is_(None))
    found = db.session.scalar(query)
    if found is None:
        raise InvalidInput({"account": _NOBODY})
    return found
