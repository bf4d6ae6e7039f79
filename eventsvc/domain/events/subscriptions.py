"""Calendars elsewhere that an office has subscribed to: their entries become its events, again and again.

A look takes long (a foreign server, a foreign text), so nobody holds a transaction over it: it is claimed in one under
a lease, and written by whoever still holds the lease.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventsvc.core import public_ids
from eventsvc.core.db import Base, UtcDateTime, Word, db
from eventsvc.core.errors import say
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import EventKind

LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
REFRESH_MINUTES = (30, 7 * 24 * 60)
USUAL_MINUTES = 120
# "Not changed" answers for the window of then, so now and then all is read anew.
SLIDE = timedelta(days=7)

_MISSING = say("There is no such subscription.")


class EventSubscription(Base):
    """A calendar elsewhere whose entries are kept up as events of an office.

    A look that fails changes no event; what the last one did stands in `report`.
    """

    __tablename__ = "event_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campuses.id"), comment="where an entry names none")
    kind: Mapped[EventKind | None] = mapped_column(Word(EventKind, 20), comment="where an entry says nothing of it")
    is_published: Mapped[bool] = mapped_column(default=False, comment="publish what is added")
    url: Mapped[str] = mapped_column(String(1000))
    refresh_minutes: Mapped[int] = mapped_column(default=USUAL_MINUTES)
    is_paused: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str] = mapped_column(String(200), default="")
    last_modified: Mapped[str] = mapped_column(String(60), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was last asked for")
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when it was last read whole")
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True, comment="when to look again; a lease too")
    failures: Mapped[int] = mapped_column(default=0, comment="in a row")
    error: Mapped[str] = mapped_column(String(300), default="", comment="why the last look failed")
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, comment="counts of the last reading")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, comment="rises with every change that people make")

    office: Mapped[Office] = relationship()
    campus: Mapped[Campus | None] = relationship()


class Claimed(NamedTuple):
    """A look that somebody has taken on themselves; `lease` says whose it is."""

    subscription_id: int
    url: str
    etag: str
    last_modified: str
    lease: datetime


def claim_next(now: datetime) -> Claimed | None:
    """Lease the subscription that has been due longest, or None; call inside a short transaction of its own.

    Locks: that row, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL).
    """
    query = select(EventSubscription).where(EventSubscription.next_at <= now)
    query = query.order_by(EventSubscription.next_at, EventSubscription.id).limit(1)
    found = db.session.scalar(query.with_for_update(skip_locked=True, of=EventSubscription))
    if found is None:
        return None
    found.next_at = now + LEASE
    is_enough = found.read_at is not None and found.read_at > now - SLIDE
    known = (found.etag, found.last_modified) if is_enough else ("", "")
    return Claimed(found.id, found.url, *known, found.next_at)


def claim_again(claimed: Claimed) -> EventSubscription | None:
    """The subscription, locked, while the lease is still ours; None when it was changed, ended or taken over."""
    query = select(EventSubscription).where(EventSubscription.id == claimed.subscription_id)
    locked = query.with_for_update(of=EventSubscription).execution_options(populate_existing=True)
    found = db.session.scalar(locked)
    return found if found is not None and found.next_at == claimed.lease else None


def renew(claimed: Claimed, now: datetime) -> Claimed | None:
    """The lease for another five minutes, for whoever still has it; call inside a short transaction of its own."""
    found = claim_again(claimed)
    if found is None:
        return None
    found.next_at = now + LEASE
    return claimed._replace(lease=found.next_at)


def note_failure(subscription: EventSubscription, reason: str, now: datetime) -> None:
    """A look that brought nothing: no event changes, and the next look comes later each time."""
    subscription.failures += 1
    subscription.error = reason[:300]
    subscription.checked_at = now
    wait = timedelta(minutes=subscription.refresh_minutes) * 2 ** min(subscription.failures - 1, 10)
    longest = max(LONGEST_WAIT, timedelta(minutes=subscription.refresh_minutes))
    subscription.next_at = None if subscription.is_paused else now + min(wait, longest)


def note_success(subscription: EventSubscription, now: datetime) -> None:
    """What is known is as old as `now`."""
    subscription.failures, subscription.error = 0, ""
    subscription.checked_at = now
    every = timedelta(minutes=subscription.refresh_minutes)
    subscription.next_at = None if subscription.is_paused else now + every


def make_due(now: datetime, *ids: int) -> int:
    """Let those subscriptions, or all that are not paused, be looked at soon; returns how many those are."""
    changed = update(EventSubscription).where(EventSubscription.is_paused.is_(False)).values(next_at=now)
    if ids:
        changed = changed.where(EventSubscription.id.in_(ids))
    return len(db.session.execute(changed.returning(EventSubscription.id)).all())


def get_subscription(public_id: str | UUID) -> EventSubscription:
    """The subscription of that id; refuses NotFound."""
    return public_ids.get(select(EventSubscription), EventSubscription.public_id, public_id, _MISSING)


def claim_subscription(public_id: str | UUID) -> EventSubscription:
    """The same, locked for the rest of the transaction."""
    key = get_subscription(public_id).id
    query = select(EventSubscription).where(EventSubscription.id == key)
    locked = query.with_for_update(of=EventSubscription).execution_options(populate_existing=True)
    return db.session.scalars(locked).one()


def subscriptions_of(office_ids: Sequence[int] | None) -> list[EventSubscription]:
    """The subscriptions of those offices, or all: those that fail first, then by what is known the longest."""
    query = select(EventSubscription).order_by(EventSubscription.failures.desc(), EventSubscription.id)
    if office_ids is not None:
        query = query.where(EventSubscription.office_id.in_(office_ids))
    return list(db.session.scalars(query))
