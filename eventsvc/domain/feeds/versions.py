"""What a change of an event means for feeds: the keys it stands under, and their versions.

A conditional GET costs one small read of this table and touches no event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from eventsvc.core.db import connection_for_one_read, db, is_postgresql
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.feeds.models import FeedVersion


def keys_of(event: Event) -> set[str]:
    """The keys of every public feed an event stands in; none while it is not published or not public."""
    if event.published_at is None or event.visibility != Visibility.PUBLIC:
        return set()
    return {"all", f"kind:{event.kind}"} | {f"campus:{slug}" for slug in _campus_slugs(event)}


def _campus_slugs(event: Event) -> Iterable[str]:
    """The event's own campus, those of its co-hosts, and its owner's where it has none itself."""
    organizations = [organization.id for organization in event.co_hosts]
    if event.campus_id is None:
        organizations.append(event.owner.organization_id)
    shown_id = event.promised_campus_id if event.status in OFF else event.campus_id
    query = select(Campus.slug).where(or_(Campus.id == shown_id, Campus.organization_id.in_(organizations)))
    return db.session.scalars(query)


@contextmanager
def following(event: Event, now: datetime) -> Iterator[None]:
    """Run a change of an event; the feeds it stood in before and those it stands in after have changed.

    Every change raises the event's version; where it is the same afterwards, nothing changed and no feed did.
    """
    before, version = keys_of(event), event.version
    yield
    if event.version != version:
        touch(before | keys_of(event), now)


def touch(keys: Collection[str], now: datetime) -> None:
    """Note that the feeds of those keys have changed.

    Locks: the keys' rows in order, as the last locks of a story.
    """
    if not keys:
        return
    whole = now.replace(microsecond=0)
    known = {
        row.key: row
        for row in db.session.scalars(
            select(FeedVersion).where(FeedVersion.key.in_(keys)).order_by(FeedVersion.key).with_for_update()
        )
    }
    for key in sorted(keys):
        row = known.get(key)
        if row is None:
            _insert_or_touch(key, whole)
        else:
            row.version += 1
            row.changed_at = max(whole, row.changed_at + timedelta(seconds=1))
    db.session.flush()


def _insert_or_touch(key: str, whole: datetime) -> None:
    """The first change of a key; another story may be making the same row at this moment."""
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    statement = insert(FeedVersion).values(key=key, version=1, changed_at=whole)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=[FeedVersion.key], set_={"version": FeedVersion.version + 1})
    )


# Core, and built once: a session would cost more than the read itself.
_PRESENT = select(FeedVersion.version, FeedVersion.changed_at).where(FeedVersion.key == bindparam("key"))


def present(key: str) -> tuple[int, datetime | None]:
    """What `read` will say to everybody: as committed, in one small read outside of any story."""
    with connection_for_one_read() as connection:
        row = connection.execute(_PRESENT, {"key": key}).first()
    return (row[0], row[1]) if row else (0, None)


def read(key: str) -> tuple[int, datetime | None]:
    """Version and instant of the last change; (0, None) for a feed that never held anything."""
    row = db.session.execute(select(FeedVersion.version, FeedVersion.changed_at).where(FeedVersion.key == key)).first()
    return (row[0], row[1]) if row else (0, None)
