"""Lists that carry persons' names out of the service: for a purpose in words, and noted where those persons read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, ensure_may_run, ensure_somebody
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.places import EVERYWHERE, Place, grants_at
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows.keep_access_log import account_ids_of, expert_ids_of, note_access
from eventsvc.workflows.office_log import OfOffice, of_experts
from eventsvc.workflows.sheets import Column


class Names(StrEnum):
    """Which list."""

    EXPERTS = "experts"
    ACCOUNTS = "accounts"
    CONTACTS = "contacts"


class Taken(NamedTuple):
    """A list that was noted: its columns, and its rows in the order of names."""

    columns: tuple[Column, ...]
    rows: list[Sequence[Any]]


_NEEDED = {
    Names.EXPERTS: Permission.KEEP_PEOPLE,
    Names.ACCOUNTS: Permission.KEEP_ACCOUNTS,
    Names.CONTACTS: Permission.KEEP_ACCOUNTS,
}


def take_names(names: Names, *, purpose: str, office: str | None = None, actor: Actor, now: datetime) -> Taken:
    """The list of an office (slug), or, for administrators, of everybody; each person in it can read who took it.

    Refuses: SignInNeeded, NotFound, NotAllowed for the people of others; InvalidInput without a purpose.
    """
    ensure_somebody(actor)
    found = lookup.get(Office, office) if office else None
    if found is None:
        ensure_may_run(actor)
    else:
        ensure_may(actor, _NEEDED[names], Owner(found.id, found.organization_id))
    rows = list(_ROWS[names](found))
    columns = _COLUMNS[names]
    addresses = [str(row[_address_at(columns)]) for row in rows]
    note_access(
        names,
        purpose=purpose,
        number=len(rows),
        account_ids=account_ids_of(addresses),
        expert_ids=expert_ids_of(addresses) + _experts_without(names, found, addresses),
        office=found,
        actor=actor,
        now=now,
    )
    return Taken(columns, rows)


def _address_at(columns: Sequence[Column]) -> int:
    return next(number for number, column in enumerate(columns) if column.sort is Sort.ADDRESS)


def _experts_without(names: Names, office: Office | None, addresses: Sequence[str]) -> list[int]:
    """Experts whose letters go to their office stand in the list all the same."""
    if names is not Names.EXPERTS or "" not in addresses:
        return []
    query = select(Expert.id).where(Expert.email == "")
    return list(db.session.scalars(query.where(of_experts(_of(office))) if office else query))


def _of(office: Office) -> OfOffice:
    return OfOffice(office.id, office.organization_id, office.mailbox)


def _experts(office: Office | None) -> Iterator[Sequence[Any]]:
    query = (
        select(Expert)
        .where(Expert.retired_on.is_(None))
        .options(joinedload(Expert.organization), joinedload(Expert.office), selectinload(Expert.topics))
    )
    wanted = query.where(of_experts(_of(office))) if office else query
    for one in db.session.scalars(wanted.order_by(Expert.name, Expert.id)):
        topics = "; ".join(topic.slug for topic in one.topics)
        yield one.name, one.email, one.slug, one.organization.slug, one.office.slug if one.office else None, topics


def _accounts(office: Office | None) -> Iterator[Sequence[Any]]:
    grants = selectinload(Account.grants)
    query = (
        select(Account)
        .where(Account.ended_at.is_(None))
        .options(grants.joinedload(Grant.office), grants.joinedload(Grant.organization))
    )
    if office:
        mine = select(Grant.account_id).where(Grant.office_id == office.id, Grant.ended_at.is_(None))
        query = query.where(Account.id.in_(mine))
    for one in db.session.scalars(query.order_by(func.lower(Account.name), Account.id)):
        # What they are elsewhere is nobody's affair at the office.
        place = Place(None, office.organization_id) if office else EVERYWHERE
        roles = "; ".join(_role(grant) for grant in grants_at(one, place) if _concerns(grant, office))
        yield one.name, one.email, one.language, roles


def _concerns(grant: Grant, office: Office | None) -> bool:
    return office is None or grant.office_id in (office.id, None)


def _role(grant: Grant) -> str:
    place = grant.office or grant.organization
    return f"{grant.role} at {place.slug}" if place else str(grant.role)


def _contacts(office: Office | None) -> Iterator[Sequence[Any]]:
    query = select(Office).where(Office.retired_on.is_(None)).options(joinedload(Office.organization))
    if office:
        query = query.where(Office.organization_id == office.organization_id)
    for one in db.session.scalars(query.order_by(Office.name, Office.id)):
        yield one.name, one.mailbox, one.telephone, one.slug, one.organization.name


_ROWS: dict[Names, Callable[[Office | None], Iterator[Sequence[Any]]]] = {
    Names.EXPERTS: _experts,
    Names.ACCOUNTS: _accounts,
    Names.CONTACTS: _contacts,
}
_NAME, _ADDRESS = Column("name", "name", Sort.NAME), Column("email", "address", Sort.ADDRESS)
_COLUMNS: dict[Names, tuple[Column, ...]] = {
    Names.EXPERTS: (
        *(_NAME, _ADDRESS, Column("slug", "slug"), Column("organization", "slug of the employer")),
        *(Column("office", "slug of the office that lends them"), Column("topics", "what they speak about")),
    ),
    Names.ACCOUNTS: (
        _NAME,
        _ADDRESS,
        Column("language", "of letters"),
        Column("roles", "roles, and where; of an office's people those there and in its whole organization"),
    ),
    Names.CONTACTS: (
        *(_NAME, _ADDRESS, Column("telephone", "telephone", Sort.TELEPHONE)),
        *(Column("slug", "slug"), Column("organization", "name of its organization")),
    ),
}
