"""Let people in, give them roles, and let them go again; who may, and how far: `domain/accounts/giving.py`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.mail_addresses import can_be_written_to, is_mail_address
from eventsvc.domain import audit
from eventsvc.domain.accounts import (
    Actor,
    ensure_may_run,
    ensure_somebody,
    giving,
    passwords,
    sessions,
    signing_in,
    tokens,
)
from eventsvc.domain.accounts.models import EMAIL_LENGTH, Account, Grant, written_small
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.outbox import post
from eventsvc.workflows import role_places
from eventsvc.workflows.role_places import Place

NAME_LENGTH = 120
_NOBODY = say("Nobody signs in with this address.")


def let_in(
    email: str,
    name: str = "",
    *,
    language: str = "en",
    role: Role,
    office: str | None = None,
    organization: str | None = None,
    may_override: bool = False,
    actor: Actor,
    now: datetime,
) -> Grant:
    """Let a colleague sign in and act there, and owe them the letter that says how.

    Who signs in with that address already keeps name and language; `name` may be left out then. Who has that very role
    already gets no letter.

    Locks: the account. Refuses: as `give_role`; NotFound where nobody signs in with it and no name is said;
    InvalidInput for an address or a name that is none.
    """
    ensure_somebody(actor)
    place = role_places.named(role, office, organization)
    giving.ensure_may_give(actor, role, role_places.owner_of(place))
    found = _find(email)
    if found is None or found.ended_at is not None:
        if not name:
            raise NotFound(_NOBODY)
        _take_in(found, email, name, language, actor, now)
    grant, is_new = _give(claim_account(email), role, place, may_override, actor, now)
    if is_new:
        _tell(grant, now)
    return grant


def add_account(email: str, name: str, *, language: str = "en", actor: Actor, now: datetime) -> Account:
    """Let somebody sign in by that address, without a role yet; one who had gone comes back, without roles.

    Refuses: SignInNeeded, NotAllowed; InvalidInput for an address that somebody signs in with already.
    """
    ensure_may_run(actor)
    found = _find(email)
    is_there = found is not None and found.ended_at is None
    account = None if is_there else _take_in(found, email, name, language, actor, now)
    if account is None:
        raise InvalidInput({"email": say("somebody signs in with this address already")})
    return account


def change_account(account: Account, *, name: str, language: str, actor: Actor, now: datetime) -> Account:
    """Another name or language of letters, of an account that is locked.

    Refuses: NotAllowed for who is more than one may give; InvalidInput.
    """
    giving.ensure_whole_account(actor, account.grants)
    known = {"name": _named(name), "language": ensure_plain(language, field="language", limit=10)}
    changes: dict[str, audit.Change] = {}
    for field, after in known.items():
        if getattr(account, field) != after:
            changes[field] = (getattr(account, field), after)
            setattr(account, field, after)
    if changes:
        account.version += 1
        audit.record("edit", "account", account.public_id, actor=actor.name, now=now, changes=changes)
    return account


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

    Who has it already keeps it, with `may_override` as it is said now. Nobody is written to: see `let_in`.

    Locks: the account. Refuses: SignInNeeded, NotAllowed beyond one's own, NotFound, InvalidInput for a place too few
    or too many.
    """
    ensure_somebody(actor)
    place = role_places.named(role, office, organization)
    giving.ensure_may_give(actor, role, role_places.owner_of(place))
    return _give(claim_account(email), role, place, may_override, actor, now)[0]


def set_override(grant: Grant, may_override: bool, *, actor: Actor, now: datetime) -> None:
    """Let somebody override soft rules where that role counts, or no more; the account is locked.

    Refuses: SignInNeeded; NotAllowed beyond one's own, also for taking what one does not have.
    """
    before = grant.may_override
    place = giving.place_of(grant)
    giving.ensure_may_give(actor, grant.role, place)
    giving.ensure_may_set_override(actor, place, before=before, after=may_override)
    if before is may_override:
        return
    grant.may_override = may_override
    grant.account.version += 1
    changes: dict[str, audit.Change] = {"may_override": (before, may_override), "role": (None, str(grant.role))}
    public_id = grant.account.public_id
    audit.record("set_override", "account", public_id, actor=actor.name, now=now, changes=changes)


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

    Locks: the account. Refuses: as `end_grant`, NotFound where they do not have it.
    """
    account = claim_account(email)
    found = [
        one for one in account.grants if one.ended_at is None and role_places.is_at(one, role, office, organization)
    ]
    if not found:
        raise NotFound(say("They do not have that role there."))
    for grant in found:
        end_grant(grant, knows_it_is_own=True, actor=actor, now=now)


def end_grant(grant: Grant, *, knows_it_is_own: bool = False, actor: Actor, now: datetime) -> None:
    """The same of a role of an account that is locked.

    Refuses: SignInNeeded, NotAllowed beyond one's own; InvalidInput for one's own that was not said to be meant;
             WrongState for the last administrator's.
    """
    giving.ensure_may_give(actor, grant.role, giving.place_of(grant))
    giving.ensure_not_blindly(actor, grant.account_id, knows_it_is_own=knows_it_is_own)
    if grant.role is Role.ADMINISTRATOR:
        giving.ensure_another_administrator(grant.account_id)
    grant.ended_at = now
    grant.account.version += 1
    passwords.drop_unless_due(grant.account)
    _write_down("take_role", grant, actor, now)


def end_account(email: str, *, knows_it_is_own: bool = False, actor: Actor, now: datetime) -> Account:
    """Let somebody go: every role ends, and they are signed out everywhere. History keeps what they did.

    Locks: the account. Refuses: SignInNeeded, NotFound, and as `end_grant`; NotAllowed for who has roles elsewhere.
    """
    account = claim_account(email)
    present = [grant for grant in account.grants if grant.ended_at is None]
    if not present:
        ensure_may_run(actor)
    giving.ensure_whole_account(actor, present)
    giving.ensure_not_blindly(actor, account.id, knows_it_is_own=knows_it_is_own)
    if any(grant.role is Role.ADMINISTRATOR for grant in present):
        giving.ensure_another_administrator(account.id)
    account.ended_at, account.version = now, account.version + 1
    for grant in present:
        grant.ended_at = now
    passwords.drop_unless_due(account)
    sessions.end_all(account.id, now)
    signing_in.end_all(account.id, now)
    tokens.end_all(account.id, now)
    audit.record("end", "account", account.public_id, actor=actor.name, now=now)
    return account


def claim_account(email: str) -> Account:
    """Whoever signs in with that address, locked; refuses NotFound."""
    query = select(Account).where(Account.email == written_small(email), Account.ended_at.is_(None))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_NOBODY)
    return found


def _find(email: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.email == written_small(email)))


def _take_in(
    found: Account | None, email: str, name: str, language: str, actor: Actor, now: datetime
) -> Account | None:
    """The account, new or come back; None where somebody else is letting them in at this very moment."""
    known = {"name": _named(name), "language": ensure_plain(language, field="language", limit=10)}
    if found is None:
        found = Account(email=_address(email), created_at=now, **known)
        try:
            with db.session.begin_nested():
                db.session.add(found)
        except IntegrityError:  # of the address: nothing else of it is unique
            return None
    else:
        found.name, found.language, found.ended_at = known["name"], known["language"], None
        found.version += 1
    db.session.flush()
    audit.record("add", "account", found.public_id, actor=actor.name, now=now, changes={"email": (None, found.email)})
    return found


def _address(email: str) -> str:
    address = ensure_plain(written_small(email), field="email", limit=EMAIL_LENGTH)
    if not is_mail_address(address):
        raise InvalidInput({"email": say("is not a mail address")})
    if not can_be_written_to(address):
        raise InvalidInput(
            {"email": say("no letter can be written to it: only unaccented letters, digits and signs are possible")}
        )
    return address


def _named(name: str) -> str:
    plain = ensure_plain(name, field="name", limit=NAME_LENGTH)
    if not plain:
        raise InvalidInput({"name": say("is empty")})
    return plain


def _give(
    account: Account, role: Role, place: Place, may_override: bool, actor: Actor, now: datetime
) -> tuple[Grant, bool]:
    columns = {"office_id": None, "organization_id": None} | {f"{name}_id": one.id for name, one in place.items()}
    in_force = select(Grant).filter_by(account_id=account.id, role=role, ended_at=None, **columns)
    grant = db.session.scalar(in_force)
    if is_new := grant is None:
        grant = Grant(account=account, role=role, given_at=now, given_by=actor.name, may_override=False, **place)
        db.session.add(grant)
        account.version += 1
        _write_down("give_role", grant, actor, now)
    grant.given_by = actor.name  # what a provider's claims gave before stays from now on: it was given by hand
    set_override(grant, may_override or role is Role.ADMINISTRATOR, actor=actor, now=now)
    db.session.flush()
    return grant, is_new


def _tell(grant: Grant, now: datetime) -> None:
    account, place = grant.account, grant.office or grant.organization
    organization = grant.office.organization.name if grant.office else ""
    post.post(
        "let_in",
        key=f"let-in:{grant.public_id}",
        to_address=account.email,
        to_name=account.name,
        language=account.language,
        facts={
            "role": str(grant.role),
            "place": place.name if place else "",
            "organization": organization,
            "email": account.email,
        },
        now=now,
    )


def _write_down(verb: str, grant: Grant, actor: Actor, now: datetime) -> None:
    place = grant.office or grant.organization
    changes = {"role": (None, str(grant.role)), "at": (None, place.slug if place else None)}
    audit.record(verb, "account", grant.account.public_id, actor=actor.name, now=now, changes=changes)
