"""Targets: found, locked, switched off, and how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.directory.models import Office
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.models import Off, WebhookDelivery, WebhookTarget
from eventsvc.domain.webhooks.retrying import rest_after

# Of one office, or of the administrators.
MOST_OF_ONE = 20
# After that, its office is told that a target fails.
LONG = timedelta(hours=24)
_MISSING = say("There is no such webhook.")


def is_any_on() -> bool:
    """True where somebody is told of anything at all."""
    return db.session.scalar(select(WebhookTarget.id).where(WebhookTarget.off_because.is_(None)).limit(1)) is not None


def those_on() -> list[WebhookTarget]:
    """Every target that is on, with its office; none is removed before the transaction ends.

    Locks: the rows against removal alone (FOR KEY SHARE on PostgreSQL).
    """
    query = select(WebhookTarget).where(WebhookTarget.off_because.is_(None)).options(joinedload(WebhookTarget.office))
    query = query.with_for_update(read=True, key_share=True, of=WebhookTarget)
    return list(db.session.scalars(query.order_by(WebhookTarget.id)))


def of_office(office: Office | None) -> Sequence[WebhookTarget]:
    """Those of an office, or of the administrators, the oldest first."""
    is_theirs = WebhookTarget.office_id.is_(None) if office is None else WebhookTarget.office_id == office.id
    return db.session.scalars(select(WebhookTarget).where(is_theirs).order_by(WebhookTarget.id)).all()


def in_trouble() -> Sequence[WebhookTarget]:
    """Those that fail now or answered that they are gone, whosever they are."""
    is_so = WebhookTarget.failing_since.is_not(None) | (WebhookTarget.off_because == Off.GONE)
    query = select(WebhookTarget).where(is_so).options(joinedload(WebhookTarget.office))
    return db.session.scalars(query.order_by(WebhookTarget.id)).all()


def number_of(office: Office | None) -> int:
    """How many there are of an office, or of the administrators."""
    is_theirs = WebhookTarget.office_id.is_(None) if office is None else WebhookTarget.office_id == office.id
    return db.session.scalar(select(func.count()).select_from(WebhookTarget).where(is_theirs)) or 0


def get_target(target_id: str | UUID) -> WebhookTarget:
    """The one of that public id; refuses NotFound."""
    query = select(WebhookTarget).options(joinedload(WebhookTarget.office))
    return public_ids.get(query, WebhookTarget.public_id, target_id, _MISSING)


def claim_target(target_id: str | UUID) -> WebhookTarget:
    """The same, locked."""
    query = select(WebhookTarget).options(joinedload(WebhookTarget.office))
    query = query.with_for_update(key_share=True, of=WebhookTarget).execution_options(populate_existing=True)
    return public_ids.get(query, WebhookTarget.public_id, target_id, _MISSING)


def switch_off(target: WebhookTarget, because: Off, now: datetime) -> None:
    """Tell it nothing any more: what waits is not owed any longer, and nothing is written for it."""
    target.off_because = because
    target.version += 1
    deliveries.drop_owed(WebhookDelivery.target_id == target.id, now)


def switch_on(target: WebhookTarget) -> None:
    """Tell it again, from now on, as if it had never failed."""
    target.off_because = target.failing_since = target.told_at = target.resting_until = None
    target.failures = 0
    target.version += 1


def remove(target: WebhookTarget) -> None:
    """Forget it and all it is or was owed."""
    db.session.execute(delete(WebhookDelivery).where(WebhookDelivery.target_id == target.id))
    db.session.delete(target)
    db.session.flush()


def note_success(target: WebhookTarget, now: datetime) -> None:
    """It takes what it is sent."""
    target.failures, target.resting_until, target.failing_since, target.told_at = 0, None, None, None
    target.worked_at = now


def note_failure(target: WebhookTarget, now: datetime, *, is_of_server: bool) -> bool:
    """It did not take something; `is_of_server`: nothing else would fare better now, so it is left in peace a while.

    What failed at the same time counts once. True, once, when it has failed for so long that its office is to be told.
    """
    target.failing_since = target.failing_since or now
    if is_of_server and (target.resting_until is None or target.resting_until <= now):
        target.failures += 1
        target.resting_until = now + rest_after(target.failures)
    if target.told_at is None and now - target.failing_since >= LONG:
        target.told_at = now
        return True
    return False
