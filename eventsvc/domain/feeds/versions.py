"""What a change of an event means for feeds: the keys it stands under, and their versions.

A conditional GET costs one small read of this table and touches no event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from eventsvc.core.db import connection_for_one_read, db, is_postgresql
from eventsvc.core.watching import Watched
from eventsvc.domain.directory import pairings
from eventsvc.domain.directory.models import Campus, Entry, Organization, Topic
from eventsvc.domain.events.found_under import groups, tags_found
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.feeds.models import FeedVersion


def keys_of(event: Event) -> set[str]:
    """The keys of every public feed an event may stand in; none while it is not published or not public.

    A key too many costs a feed that is put together once more; one too few, a change that nobody sees.
    """
    if event.published_at is None or event.visibility != Visibility.PUBLIC:
        return set()
    concerned = _concerned(event)
    keys = {"all", f"kind:{event.kind}", f"event:{event.public_id}"}
    keys |= {f"topic:{topic.slug}" for topic in event.topics}
    keys |= {f"audience:{slug}" for slug in groups(event.audience)}
    keys |= {f"language:{tag}" for tag in tags_found(event.languages)}
    keys |= {f"organization:{one.slug}" for one in concerned}
    keys |= {f"organization:{slug}" for slug in pairings.schools_of({one.id for one in concerned})}
    keys |= {f"district:{one.slug}" for one in concerned}
    keys |= {f"district:{one.parent.slug}" for one in concerned if one.parent is not None}
    if event.series is not None:
        keys.add(f"series:{event.series.public_id}")
    return keys | {f"campus:{slug}" for slug in _campus_slugs(event)}


def keys_named_after(entry: Entry) -> set[str]:
    """The keys of the feeds that are called as a directory entry is."""
    if isinstance(entry, Organization):
        return {f"organization:{entry.slug}", f"district:{entry.slug}"}
    if isinstance(entry, Campus | Topic):
        return {f"{type(entry).__name__.lower()}:{entry.slug}"}
    return set()


def keys_of_move(*districts: Organization | None) -> set[str]:
    """The keys of the districts between which a college or a school moves with all its events."""
    return {f"district:{one.slug}" for one in districts if one is not None}


def _concerned(event: Event) -> set[Organization]:
    """Whose event it is, who hosts it beside them, and whose campus it is or was promised for."""
    campus_ids = {event.campus_id, event.promised_campus_id} - {None}
    hosts = (
        select(Organization).join(Campus, Campus.organization_id == Organization.id).where(Campus.id.in_(campus_ids))
    )
    return {event.owner.organization, *event.co_hosts, *db.session.scalars(hosts)}


def _campus_slugs(event: Event) -> Iterable[str]:
    """The event's own campus, those of its co-hosts, and its owner's where it has none itself."""
    organizations = [organization.id for organization in event.co_hosts]
    if event.campus_id is None:
        organizations.append(event.owner.organization_id)
    shown_id = event.promised_campus_id if event.status in OFF else event.campus_id
    query = select(Campus.slug).where(or_(Campus.id == shown_id, Campus.organization_id.in_(organizations)))
    return db.session.scalars(query)


@contextmanager
def following(events: Sequence[Event], now: datetime) -> Iterator[None]:
    """Run a change of events; the feeds they stood in before and those they stand in after have changed.

    Every change raises an event's version; where it is the same afterwards, nothing changed and no feed did.

    Locks: as `touch`.
    """
    before = [(event.version, keys_of(event)) for event in events]
    yield
    changed = [
        keys | keys_of(event) for event, (version, keys) in zip(events, before, strict=True) if event.version != version
    ]
    touch(set().union(*changed), now)


def touch(keys: Collection[str], now: datetime) -> None:
    """Note that the feeds of those keys have changed: all get the next number, and an instant after every other.

    One number for all keys, so that the greatest of any of them tells whether one of them has changed.

    Locks: the row from which numbers are drawn, as the last lock of a story but for the keys' own rows.
    """
    if not keys:
        return
    number, changed_at = _next(now.replace(microsecond=0))
    rows = [{"key": key, "version": number, "changed_at": changed_at} for key in sorted(keys)]
    new = {"version": number, "changed_at": changed_at}
    put = _insert(FeedVersion).on_conflict_do_update(index_elements=[FeedVersion.key], set_=new)
    db.session.connection().execute(put, rows)


def _next(whole: datetime) -> tuple[int, datetime]:
    """The next number; nobody else gets one before this story has ended."""
    query = select(FeedVersion).where(FeedVersion.key == _NUMBERS).with_for_update()
    query = query.execution_options(populate_existing=True)
    row = db.session.scalars(query).one_or_none()
    if row is None:  # the first change there ever is; another story may be at the same point
        first = _insert(FeedVersion).values(key=_NUMBERS, version=0, changed_at=whole - timedelta(seconds=1))
        db.session.execute(first.on_conflict_do_nothing())
        row = db.session.scalars(query).one()
    row.version += 1
    row.changed_at = max(whole, row.changed_at + timedelta(seconds=1))
    db.session.flush()
    return row.version, row.changed_at


def _insert(table: type[FeedVersion]) -> Any:
    return postgresql.insert(table) if is_postgresql() else sqlite.insert(table)


# The row from which numbers are drawn. No feed has this key.
_NUMBERS = ""
# Core, and built once: a session would cost more than the reads themselves.
_LATEST = "SELECT version FROM feed_versions WHERE key = ''"  # the driver's own, without SQLAlchemy between
_watched: WeakKeyDictionary[Engine, Watched] = WeakKeyDictionary()
_GREATEST = (
    select(FeedVersion.version, FeedVersion.changed_at)
    .where(FeedVersion.key.in_(bindparam("keys", expanding=True)))
    .order_by(FeedVersion.version.desc())
    .limit(1)
)


def latest() -> int:
    """The number of the last change of all, as committed: while it is the same, every feed is. 0 before the first.

    Asked at every poll; it costs SQLite no read while nothing is committed, and PostgreSQL one small read.
    """
    engine = db.engine
    watched = _watched.get(engine) or _watched.setdefault(engine, Watched(engine, _LATEST))
    return watched.read()


def present(keys: Collection[str]) -> tuple[int, datetime | None]:
    """What `read` will say to everybody: as committed, in one small read outside of any story."""
    with connection_for_one_read() as connection:
        row = connection.execute(_GREATEST, {"keys": sorted(keys)}).first()
    return (row[0], row[1]) if row else (0, None)


def read(*keys: str) -> tuple[int, datetime | None]:
    """Number and instant of the last change under any of the keys; (0, None) where nothing ever stood."""
    row = db.session.execute(_GREATEST, {"keys": keys}).first()
    return (row[0], row[1]) if row else (0, None)
