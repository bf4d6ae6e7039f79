"""Let people in, give them roles, and let them go again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run, sessions, tokens
from eventsvc.domain.accounts.models import Account, Grant, written_small
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization


def add_account(email: str, name: str, *, language: str = "en", actor: Actor, now: datetime) -> Account:
    """Let somebody sign in by that address; one who had gone comes back, without roles.

    Refuses: SignInNeeded; InvalidInput for an address that somebody signs in with already.
    """
    ensure_may_run(actor)
    address = written_small(email)
    found = db.session.scalar(select(Account).where(Account.email == address))
    if found is not None and found.ended_at is None:
        raise InvalidInput({"email": say("somebody signs in with this address already")})
    if found is None:
        db.session.add(found := Account(email=address, name=name, language=language, created_at=now))
    found.name, found.language, found.ended_at = name, language, None
    db.session.flush()
    audit.record("add", "account", found.public_id, actor=actor.name, now=now, changes={"email": (None, address)})
    return found


def give_role(
    email: str,
    role: Role,
    *,
    office: str | None = None,
    organization: str | None = None,
    may_override: bool = False,
    actor: Actor,
    now: datetime,
) -> Grant:
    """Give somebody a role at an office or in an organization, both slugs; the administrator's counts everywhere.

    Who has it already keeps it, with `may_override` as it is said now.

    Locks: the account. Refuses: SignInNeeded, NotFound, InvalidInput for a place too few or too many.
    """
    ensure_may_run(actor)
    account = claim_account(email)
    _ensure_one_place(role, office, organization)
    place = {
        "office_id": lookup.get_in_use(Office, office, field="office").id if office else None,
        "organization_id": (
            lookup.get_in_use(Organization, organization, field="organization").id if organization else None
        ),
    }
    in_force = select(Grant).filter_by(account_id=account.id, role=role, ended_at=None, **place)
    grant = db.session.scalar(in_force)
    if grant is None:
        grant = Grant(account_id=account.id, role=role, given_at=now, given_by=actor.name, **place)
        db.session.add(grant)
    grant.may_override = may_override or role is Role.ADMINISTRATOR
    db.session.flush()
    _write_down("give_role", account, role, office or organization, actor, now)
    return grant


def take_role(
    email: str,
    role: Role,
    *,
    office: str | None = None,
    organization: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a role away; it counts no more from the next request on.

    Locks: the account. Refuses: SignInNeeded, NotFound where they do not have it.
    """
    ensure_may_run(actor)
    account = claim_account(email)
    found = [one for one in account.grants if one.ended_at is None and _is(one, role, office, organization)]
    if not found:
        raise NotFound(say("They do not have that role there."))
    for grant in found:
        grant.ended_at = now
    _write_down("take_role", account, role, office or organization, actor, now)


def end_account(email: str, *, actor: Actor, now: datetime) -> Account:
    """Let somebody go: every role ends, and they are signed out everywhere. History keeps what they did.

    Locks: the account. Refuses: SignInNeeded, NotFound.
    """
    ensure_may_run(actor)
    account = claim_account(email)
    account.ended_at, account.version = now, account.version + 1
    for grant in account.grants:
        grant.ended_at = grant.ended_at or now
    sessions.end_all(account.id, now)
    tokens.end_all(account.id, now)
    audit.record("end", "account", account.public_id, actor=actor.name, now=now)
    return account


def all_accounts(*, actor: Actor) -> Sequence[Account]:
    """Everybody who may sign in, by address. Refuses SignInNeeded."""
    ensure_may_run(actor)
    present = select(Account).where(Account.ended_at.is_(None)).order_by(Account.email)
    grants = selectinload(Account.grants)
    return db.session.scalars(
        present.options(grants.joinedload(Grant.office), grants.joinedload(Grant.organization))
    ).all()


def claim_account(email: str) -> Account:
    """Whoever signs in with that address, locked; refuses NotFound."""
    query = select(Account).where(Account.email == written_small(email), Account.ended_at.is_(None))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(say("Nobody signs in with this address."))
    return found


def _ensure_one_place(role: Role, office: str | None, organization: str | None) -> None:
    places = [name for name, slug in (("office", office), ("organization", organization)) if slug]
    if role is Role.ADMINISTRATOR and places:
        raise InvalidInput({places[0]: say("the administrator's role counts everywhere: leave it out")})
    if role is not Role.ADMINISTRATOR and len(places) != 1:
        raise InvalidInput({"office": say("name the office or the organization where the role counts, one of them")})


def _is(grant: Grant, role: Role, office: str | None, organization: str | None) -> bool:
    at = grant.office.slug if grant.office else None, grant.organization.slug if grant.organization else None
    return grant.role is role and at == (office, organization)


def _write_down(verb: str, account: Account, role: Role, at: str | None, actor: Actor, now: datetime) -> None:
    changes = {"role": (None, str(role)), "at": (None, at)}
    audit.record(verb, "account", account.public_id, actor=actor.name, now=now, changes=changes)
