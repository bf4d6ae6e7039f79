"""Somebody comes back from a provider with claims: who that is here, and which roles they have from now on.

Roles that came from claims are held up to date at each sign-in; those that were given by hand stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import NotVouchedFor, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import elsewhere, giving, passwords
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.providers import Mapped, Provider, name_of
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.workflows.sign_in import begin_session

log = logging.getLogger("eventsvc.sign_in")


class _Place(NamedTuple):
    role: Role
    office_id: int | None
    organization_id: int | None


def sign_in_by_claims(
    provider: Provider, claims: Mapping[str, Any], *, language: str, device: str, now: datetime
) -> str:
    """The value of the session's cookie for whoever the provider's verified claims are about.

    Known by issuer and subject; the first time by an address that the provider may vouch for; somebody new gets an
    account only where the mapping gives them a role.

    Locks: the account. Refuses: NotVouchedFor.
    """
    subject, roles = _subject(claims), _places(provider, claims)
    account = elsewhere.find_account(provider.issuer, subject)
    if account is None:
        account = _first_visit(provider, claims, bool(roles), language, now)
        elsewhere.link(account, issuer=provider.issuer, subject=subject, provider=provider.slug, now=now)
        audit.record("link", "account", account.public_id, actor=provider.actor, now=now)
    if account.ended_at is not None:
        raise _no_place(provider, account.email)
    _hold_roles(account, provider, roles, now)
    return begin_session(account, provider.actor, device, now)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = str(claims["sub"])
    if not 0 < len(subject) <= elsewhere.SUBJECT_LENGTH:
        raise NotVouchedFor(say("What came back from there cannot be accepted (%(kind)s).", kind="sub"))
    return subject


def _first_visit(
    provider: Provider, claims: Mapping[str, Any], has_roles: bool, language: str, now: datetime
) -> Account:
    address = provider.address_of(claims)
    found = elsewhere.find_by_address(address)
    if found is None:
        if not has_roles:
            raise _no_place(provider, address)
        return _let_in(provider, claims, address, language, now)
    if elsewhere.identities_of(found):
        raise NotVouchedFor(
            say(
                "Somebody else has signed in with %(email)s before, or you have from another place. Use that place or "
                "a letter, or ask whoever runs this service.",
                email=address,
            )
        )
    return found


def _let_in(provider: Provider, claims: Mapping[str, Any], address: str, language: str, now: datetime) -> Account:
    account = Account(email=address, name=name_of(claims, address), language=language, created_at=now)
    db.session.add(account)
    db.session.flush()
    changes = {"email": (None, address)}
    audit.record("add", "account", account.public_id, actor=provider.actor, now=now, changes=changes)
    return account


def _no_place(provider: Provider, address: str) -> NotVouchedFor:
    if provider.contact:
        return NotVouchedFor(
            say(
                "%(email)s has no place here yet, or no longer. Ask %(contact)s to let you in.",
                email=address,
                contact=provider.contact,
            )
        )
    return NotVouchedFor(
        say("%(email)s has no place here yet, or no longer. Ask whoever lets people in at your office.", email=address)
    )


def _places(provider: Provider, claims: Mapping[str, Any]) -> dict[_Place, bool]:
    """Each role that the claims give, and whether its holder may override; where nothing is in use there, none."""
    places: dict[_Place, bool] = {}
    for mapped in provider.roles_of(claims):
        place = _place(mapped)
        if place is None:
            log.warning("provider %s: the mapping names no office or organization in use", provider.slug)
            continue
        may_override = mapped.may_override or mapped.role is Role.ADMINISTRATOR
        places[place] = places.get(place, False) or may_override
    return places


def _place(mapped: Mapped) -> _Place | None:
    if mapped.office:
        office_id = db.session.scalar(select(Office.id).filter_by(slug=mapped.office, retired_on=None))
        return None if office_id is None else _Place(mapped.role, office_id, None)
    if mapped.organization:
        query = select(Organization.id).filter_by(slug=mapped.organization, retired_on=None)
        found = db.session.scalar(query)
        return None if found is None else _Place(mapped.role, None, found)
    return _Place(mapped.role, None, None)


def _hold_roles(account: Account, provider: Provider, wanted: Mapping[_Place, bool], now: datetime) -> None:
    """Give what the claims give and nobody gave yet; end what they gave before and give no more."""
    query = select(Grant).where(Grant.account_id == account.id, Grant.ended_at.is_(None))
    present = {_Place(one.role, one.office_id, one.organization_id): one for one in db.session.scalars(query)}
    for place, grant in present.items():
        if grant.given_by != provider.actor:
            continue
        if place not in wanted:
            _end_role(grant, place, provider, now)
        elif grant.may_override != wanted[place]:
            grant.may_override = wanted[place]
            _write_down("give_role", account, place, provider, now)
    for place in wanted.keys() - present.keys():
        given = {"given_at": now, "given_by": provider.actor, "may_override": wanted[place]}
        db.session.add(Grant(account_id=account.id, **place._asdict(), **given))
        _write_down("give_role", account, place, provider, now)
    db.session.flush()
    db.session.expire(account, ["grants"])
    passwords.drop_unless_due(account)


def _end_role(grant: Grant, place: _Place, provider: Provider, now: datetime) -> None:
    """What the claims give no more ends, but never the last administrator's role: claims that were wrong for an hour
    would lock everybody out. It ends at the first sign-in after somebody else has it.
    """
    if place.role is Role.ADMINISTRATOR and giving.is_last_administrator(grant.account_id):
        log.warning("provider %s: its claims would end the last administrator's role, which is kept", provider.slug)
        changes: dict[str, audit.Change] = {"role": (None, str(place.role)), "at": (None, None)}
        audit.record("keep_role", "account", grant.account.public_id, actor=provider.actor, now=now, changes=changes)
        return
    grant.ended_at = now
    _write_down("take_role", grant.account, place, provider, now)


def _write_down(verb: str, account: Account, place: _Place, provider: Provider, now: datetime) -> None:
    at = None
    if place.office_id is not None:
        at = db.session.scalar(select(Office.slug).where(Office.id == place.office_id))
    elif place.organization_id is not None:
        at = db.session.scalar(select(Organization.slug).where(Organization.id == place.organization_id))
    account.version += 1
    changes = {"role": (None, str(place.role)), "at": (None, at)}
    audit.record(verb, "account", account.public_id, actor=provider.actor, now=now, changes=changes)
