"""Outside calendars: which are due, what a look at one changes, and whose times they block.

A look takes long (a foreign server, a foreign text), so nobody holds a transaction over it: it is claimed in one under
a lease, and what it brought is written in another, by whoever still holds the lease.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Campus, Expert, Room

EVERY = timedelta(minutes=30)
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
# How far around now is read. "Not changed" answers for the old window, so now and then all is read anew.
BACK, AHEAD = timedelta(days=1), timedelta(days=400)
SLIDE = timedelta(days=7)


class Claimed(NamedTuple):
    """A look that somebody has taken on themselves; `lease` says whose it is."""

    calendar_id: int
    url: str
    etag: str
    last_modified: str
    zone: str
    lease: datetime


class Busy(NamedTuple):
    """A time that a calendar blocks; spans are UTC and half-open."""

    kind: BlockKind
    resource_id: int | None
    campus_id: int | None
    starts_at: datetime
    ends_at: datetime
    title: str
    uid: str


def window(now: datetime) -> Span:
    """The time of which outside calendars are asked."""
    return Span(now - BACK, now + AHEAD)


def claim_next(now: datetime) -> Claimed | None:
    """Lease the calendar that has been due longest, or None; call inside a short transaction of its own.

    Nobody asks any more when a room is free that is out of use: its calendar is not looked at again.

    Locks: that row, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL).
    """
    query = select(OutsideCalendar).where(OutsideCalendar.url != "", OutsideCalendar.next_at <= now)
    query = query.order_by(OutsideCalendar.next_at, OutsideCalendar.id).limit(1).with_for_update(skip_locked=True)
    while (calendar := db.session.scalar(query)) is not None and owner_of(calendar).retired_on is not None:
        calendar.next_at = None
        db.session.flush()
    if calendar is None:
        return None
    calendar.next_at = now + LEASE
    is_enough = calendar.read_until is not None and calendar.read_until > now + AHEAD - SLIDE
    known = (calendar.etag, calendar.last_modified) if is_enough else ("", "")
    return Claimed(calendar.id, calendar.url, *known, zone_of(calendar), calendar.next_at)


def make_all_due(now: datetime) -> int:
    """From now on every calendar with an address is due; returns how many those are."""
    changed = update(OutsideCalendar).where(OutsideCalendar.url != "").values(next_at=now)
    return len(db.session.execute(changed.returning(OutsideCalendar.id)).all())


def claim_again(claimed: Claimed) -> OutsideCalendar | None:
    """The calendar, locked, while the lease is still ours; None when it was replaced, removed or taken over."""
    query = select(OutsideCalendar).where(OutsideCalendar.id == claimed.calendar_id).with_for_update()
    calendar = db.session.scalar(query.execution_options(populate_existing=True))
    return calendar if calendar is not None and calendar.next_at == claimed.lease else None


def note_failure(calendar: OutsideCalendar, reason: str, now: datetime) -> None:
    """A look that brought nothing: what was known stays as it is, and the next look comes later each time."""
    calendar.failures += 1
    calendar.error = reason[:300]
    calendar.next_at = now + min(EVERY * 2 ** min(calendar.failures - 1, 10), LONGEST_WAIT)


def note_success(calendar: OutsideCalendar, now: datetime) -> None:
    """What is known is as old as `now`."""
    calendar.failures, calendar.error = 0, ""
    calendar.fetched_at = now
    calendar.next_at = now + EVERY if calendar.url else None


def replace_blocks(calendar: OutsideCalendar, wanted: Iterable[Busy]) -> list[Busy]:
    """Make those the calendar's blocks and return the ones it did not have; rows that stay are left alone."""
    rows = db.session.scalars(select(Block).where(Block.outside_calendar_id == calendar.id))
    known = {_busy(row): row.id for row in rows}
    # A foreign calendar may say the same twice.
    new = [busy for busy in dict.fromkeys(wanted) if known.pop(busy, None) is None]
    db.session.execute(delete(Block).where(Block.id.in_(list(known.values()))))
    if new:
        db.session.execute(insert(Block), [{**busy._asdict(), "outside_calendar_id": calendar.id} for busy in new])
    db.session.expire_all()
    return new


def remove(calendar: OutsideCalendar) -> None:
    """Forget a calendar and what it blocks."""
    db.session.execute(delete(Block).where(Block.outside_calendar_id == calendar.id))
    db.session.delete(calendar)
    db.session.flush()


def _busy(row: Block) -> Busy:
    return Busy(row.kind, row.resource_id, row.campus_id, row.starts_at, row.ends_at, row.title, row.uid or "")


def owner_of(calendar: OutsideCalendar) -> Room | Expert | Campus:
    """Whose calendar it is."""
    if calendar.campus_id is not None:
        return db.session.get_one(Campus, calendar.campus_id)
    resource = db.session.get_one(Resource, calendar.resource_id)
    owner = resource.room or resource.expert
    assert owner is not None  # nobody keeps a calendar of a single chair
    return owner


def zone_of(calendar: OutsideCalendar) -> str:
    """The zone in which the owner's days begin."""
    owner = owner_of(calendar)
    return owner.campus.zone if isinstance(owner, Room) else owner.zone


def blocked_resources(calendar: OutsideCalendar) -> list[int]:
    """The resources that it blocks: a divisible hall's calendar blocks its parts. None for a campus's."""
    if calendar.resource_id is None:
        return []
    owner = owner_of(calendar)
    if not isinstance(owner, Room):
        return [calendar.resource_id]
    leaves = list(resources.leaves_of([owner.id]))
    return sorted(db.session.scalars(select(Resource.id).where(Resource.room_id.in_(leaves))))
