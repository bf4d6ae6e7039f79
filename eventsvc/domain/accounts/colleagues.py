"""Finding accounts for those who keep them: colleagues at their own places, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import giving
from eventsvc.domain.accounts.actors import Actor, ensure_may
from eventsvc.domain.accounts.models import Account, Grant, written_small
from eventsvc.domain.accounts.roles import Permission
from eventsvc.domain.directory.models import Office, Organization

_MISSING = say("There is no such account.")
_WHOLE = (
    selectinload(Account.grants).joinedload(Grant.office).joinedload(Office.organization),
    selectinload(Account.grants).joinedload(Grant.organization),
)


def ensure_keeps_accounts(actor: Actor) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who keep accounts nowhere."""
    ensure_may(actor, Permission.KEEP_ACCOUNTS)


def page(
    actor: Actor,
    *,
    office: Office | None = None,
    words: str = "",
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> tuple[Sequence[Account], tuple[datetime, int] | None]:
    """Colleagues in the order in which they were let in, and the key to continue after; a few queries.

    `office` narrows to those with a role there or in its whole organization, `words` to a part of name or address.
    Refuses: SignInNeeded, NotAllowed.
    """
    ensure_keeps_accounts(actor)
    key = Account.created_at, Account.id
    query = _kept(actor).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    if office is not None:
        query = query.where(_works_at(office, giving.reach_of(actor)))
    for word in words.split():
        query = query.where(or_(_holds(Account.name, word), _holds(Account.email, word)))
    found = db.session.scalars(query).all()
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.created_at, last.id) if last else None


def get(account_id: str | UUID, actor: Actor) -> Account:
    """A colleague with their roles. Refuses: SignInNeeded, NotAllowed; NotFound for other offices' people."""
    ensure_keeps_accounts(actor)
    return public_ids.get(_kept(actor), Account.public_id, account_id, _MISSING)


def claim(account_id: str | UUID, actor: Actor) -> Account:
    """The same, locked. Refuses as `get`."""
    found = get(account_id, actor)
    locked = select(Account.id).where(Account.id == found.id).with_for_update(key_share=True)
    db.session.execute(locked)
    query = _kept(actor).where(Account.id == found.id).execution_options(populate_existing=True)
    present = db.session.scalar(query)
    if present is None:
        raise NotFound(_MISSING)
    return present


def get_grant(account: Account, grant_id: str | UUID, actor: Actor) -> Grant:
    """One of a colleague's roles in force; refuses NotFound for what they are elsewhere."""
    wanted = public_ids.read(grant_id)
    for grant in giving.within(giving.reach_of(actor), account.grants):
        if grant.public_id == wanted:
            return grant
    raise NotFound(say("They do not have that role there."))


def offices_kept(actor: Actor) -> Sequence[Office]:
    """The offices in use at which somebody keeps accounts, by name: those to choose from."""
    reach = giving.reach_of(actor)
    query = select(Office).join(Office.organization).where(Office.retired_on.is_(None))
    if not reach.is_whole:
        query = query.where(or_(Office.id.in_(reach.office_ids), Office.organization_id.in_(reach.organization_ids)))
    return db.session.scalars(query.options(joinedload(Office.organization)).order_by(Office.name, Office.id)).all()


def organizations_kept(actor: Actor) -> Sequence[Organization]:
    """The organizations in use that somebody covers as a whole, by name."""
    reach = giving.reach_of(actor)
    query = select(Organization).where(Organization.retired_on.is_(None)).order_by(Organization.name, Organization.id)
    if not reach.is_whole:
        query = query.where(Organization.id.in_(reach.organization_ids))
    return db.session.scalars(query).all()


def _kept(actor: Actor) -> Select[Account]:
    present = select(Account).where(Account.ended_at.is_(None), giving.is_kept(giving.reach_of(actor)))
    return present.options(*_WHOLE)


def _works_at(office: Office, reach: giving.Reach) -> ColumnElement[bool]:
    there = or_(Grant.office_id == office.id, Grant.organization_id == office.organization_id)
    return exists().where(and_(Grant.account_id == Account.id, there, giving.is_within(reach)))


def _holds(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    # Python folds the word, and the database the column: case alone, so that both engines say the same of ASCII.
    return func.lower(column).contains(written_small(word), autoescape=True)
