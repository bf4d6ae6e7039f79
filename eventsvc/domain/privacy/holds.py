"""Legal holds: which stand, and what they cover. A hold covers what fits every part of its scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import Refusal, say
from eventsvc.domain.privacy.models import LegalHold


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Whom and what a record concerns. What is not known of it (None) counts as touched: rather kept."""

    emails: frozenset[str] | None = None
    office_ids: frozenset[int] | None = None
    organization_ids: frozenset[int] | None = None
    at: datetime | None = None
    ends_at: datetime | None = None


class Held(Refusal):
    """The law wants that kept."""

    slug = "legal-hold"
    title = say("Under a legal hold")
    status = 409


def standing() -> Sequence[LegalHold]:
    """The holds that stand, the oldest first."""
    return db.session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id)).all()


def all_holds() -> Sequence[LegalHold]:
    """Every hold that ever was, the newest first."""
    query = select(LegalHold).options(joinedload(LegalHold.office), joinedload(LegalHold.organization))
    return db.session.scalars(query.order_by(LegalHold.id.desc())).all()


def claim_hold(hold_id: str | UUID) -> LegalHold:
    """The hold, locked; refuses NotFound."""
    locked = select(LegalHold).with_for_update(key_share=True)
    return public_ids.get(locked, LegalHold.public_id, hold_id, say("There is no such legal hold."))


def covers(hold: LegalHold, concern: Concern) -> bool:
    """True where the record fits every part of the hold's scope."""
    parts = [
        (hold.email, concern.emails is None or hold.email in concern.emails),
        (hold.office_id, concern.office_ids is None or hold.office_id in concern.office_ids),
        (hold.organization_id, concern.organization_ids is None or hold.organization_id in concern.organization_ids),
        (hold.starts_on, _is_within(hold, concern)),
    ]
    return all(fits for asked, fits in parts if asked)


def first_covering(holds: Iterable[LegalHold], concern: Concern) -> LegalHold | None:
    """The first of those holds under which the record stands, or None."""
    return next((hold for hold in holds if covers(hold, concern)), None)


def _is_within(hold: LegalHold, concern: Concern) -> bool:
    if concern.at is None:
        return True
    first, last = hold.starts_on or date.min, hold.ends_on or date.max
    return concern.at.date() <= last and (concern.ends_at or concern.at).date() >= first
