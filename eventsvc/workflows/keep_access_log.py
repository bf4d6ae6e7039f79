"""Write down who takes persons' names out of the service, why, and whose; and show it to those persons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.privacy.models import Access, AccessedAccount, AccessedExpert
from eventsvc.domain.privacy.people import Person, find_person

_AT_ONCE = 500


def ensure_purpose(purpose: str) -> str:
    """What it is for, in words; refuses InvalidInput for none, and for what is no sentence of anybody."""
    words = ensure_plain(purpose, field="purpose", limit=500)
    if len(words) < 5:
        raise InvalidInput({"purpose": say("say in words what the names are needed for")})
    return words


def note_access(
    records: str,
    *,
    purpose: str,
    number: int,
    account_ids: Collection[int] = (),
    expert_ids: Collection[int] = (),
    office: Office | None = None,
    actor: Actor,
    now: datetime,
) -> Access:
    """Note that somebody took so many records of a kind; each person whose name is among them can read it.

    Refuses: InvalidInput without a purpose.
    """
    access = Access(
        at=now,
        by=actor.name,
        records=records,
        purpose=ensure_purpose(purpose),
        office_id=office.id if office else None,
        number=number,
    )
    db.session.add(access)
    db.session.flush()
    _name(AccessedAccount, "account_id", access, account_ids)
    _name(AccessedExpert, "expert_id", access, expert_ids)
    changes = {"records": (None, records), "number": (None, number), "purpose": (None, access.purpose)}
    audit.record("take_out_names", "access", access.public_id, actor=actor.name, now=now, changes=changes)
    return access


def _name(table: type[AccessedAccount | AccessedExpert], column: str, access: Access, ids: Collection[int]) -> None:
    ordered = sorted(set(ids))
    for first in range(0, len(ordered), _AT_ONCE):
        some = [{"access_id": access.id, column: number} for number in ordered[first : first + _AT_ONCE]]
        db.session.execute(insert(table), some)


def accesses_to(person: Person) -> Sequence[Access]:
    """Who took her name out, the newest first."""
    as_account = select(AccessedAccount.access_id).where(AccessedAccount.account_id.in_(person.account_ids))
    as_expert = select(AccessedExpert.access_id).where(AccessedExpert.expert_id.in_(person.expert_ids))
    query = select(Access).where(or_(Access.id.in_(as_account), Access.id.in_(as_expert)))
    return db.session.scalars(query.options(joinedload(Access.office)).order_by(Access.id.desc())).all()


def own_accesses(actor: Actor) -> Sequence[Access]:
    """Who took the asker's own name out; none for those who have no account."""
    account = db.session.get(Account, actor.account_id) if actor.account_id is not None else None
    return accesses_to(find_person(account.email)) if account else []


def all_accesses(*, actor: Actor, limit: int = 200) -> Sequence[Access]:
    """The newest of all. Refuses: SignInNeeded, NotAllowed."""
    ensure_may_run(actor)
    return db.session.scalars(
        select(Access).options(joinedload(Access.office)).order_by(Access.id.desc()).limit(limit)
    ).all()


def account_ids_of(emails: Collection[str]) -> list[int]:
    """The accounts of those addresses."""
    return list(db.session.scalars(select(Account.id).where(Account.email.in_([one.lower() for one in emails]))))


def expert_ids_of(emails: Collection[str]) -> list[int]:
    """The experts of those addresses."""
    return list(
        db.session.scalars(select(Expert.id).where(func.lower(Expert.email).in_([one.lower() for one in emails])))
    )
