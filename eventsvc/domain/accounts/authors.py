"""From the names under which the audit log keeps those who acted to the people themselves, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.accounts.models import Account, written_small

_ACCOUNT = re.compile(r"account ([0-9a-f-]{36})(?: token .*?)?(?:, for .*)?")


def people_behind(actors: Iterable[str]) -> dict[str, str]:
    """Actor as it was written → the person's present name, of those who have an account; one query."""
    ids = {actor: UUID(found[1]) for actor in actors if (found := _ACCOUNT.fullmatch(actor))}
    if not ids:
        return {}
    query = select(Account.public_id, Account.name).where(Account.public_id.in_(set(ids.values())))
    names = dict(db.session.execute(query).all())
    return {actor: names[number] for actor, number in ids.items() if number in names}


def actor_with(email: str) -> str | None:
    """How the log names whoever signs in, or once did, with that address."""
    public_id = db.session.scalar(select(Account.public_id).where(Account.email == written_small(email)))
    return f"account {public_id}" if public_id else None
