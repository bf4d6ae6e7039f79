"""Entries as they were rendered last, one row an event: a feed is put together of them, and rendered nowhere else.

An entry is good as long as its event's version is the one it was made of: every change that shows raises it. What
writes entries has a number of its own, so that a new way of writing them replaces all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db, is_postgresql
from eventsvc.core.links import Links
from eventsvc.core.times import days_span
from eventsvc.core.tokens import digest
from eventsvc.domain.events.lookup import Filter, matching
from eventsvc.domain.events.models import Event
from eventsvc.domain.feeds import entries
from eventsvc.domain.feeds.models import FeedEntry
from eventsvc.ical import writer

# Rises with every change of how an entry is written; all are written anew then.
WRITER = 2
_AT_ONCE = 500
# What an entry says of an event; who comes is none of it.
_SAID = (
    joinedload(Event.campus),
    joinedload(Event.owner),
    joinedload(Event.series),
    selectinload(Event.rooms),
    selectinload(Event.open_rooms),
    selectinload(Event.topics),
)


class Place(NamedTuple):
    """An event's place in a feed. `stored` is the version of which its entry was made; None without an entry."""

    event_id: int
    version: int
    stored: int | None
    is_behind: bool


def places(wanted: Filter, day: date, links: Links) -> list[Place]:
    """The events of a feed on a UTC day, by promised start, without their words: one small read of each."""
    mine = written_by(links)
    query = (
        select(Event.id, Event.version, FeedEntry.version, FeedEntry.written_by)
        .outerjoin(FeedEntry, FeedEntry.event_id == Event.id)
        .where(*_shown(wanted, day))
        .order_by(Event.promised_starts_at, Event.public_id)
    )
    rows = db.session.execute(query)
    return [Place(number, now, then, then != now or by != mine) for number, now, then, by in rows]


def bodies(event_ids: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    """Version and bytes of the stored entries of those events."""
    found: dict[int, tuple[int, bytes]] = {}
    for first in range(0, len(event_ids), _AT_ONCE):
        some = event_ids[first : first + _AT_ONCE]
        query = select(FeedEntry.event_id, FeedEntry.version, FeedEntry.body).where(FeedEntry.event_id.in_(some))
        found |= {number: (version, body) for number, version, body in db.session.execute(query)}
    return found


def render(event_ids: Collection[int], links: Links) -> dict[int, tuple[int, bytes]]:
    """The entries of those events as they are now, as far as the public still sees them; nothing is stored."""
    events = db.session.scalars(select(Event).where(Event.id.in_(event_ids), *matching(Filter())).options(*_SAID))
    return {event.id: (event.version, writer.write_entry(entries.entry_of(event, links))) for event in events}


def keep(made: Mapping[int, tuple[int, bytes]], links: Links) -> None:
    """Store what was rendered. An entry that somebody has made of a newer version meanwhile stays.

    Locks: the entries' rows in id order.
    """
    by = written_by(links)
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    rows = [
        {"event_id": number, "version": version, "written_by": by, "body": body}
        for number, (version, body) in sorted(made.items())
    ]
    for first in range(0, len(rows), _AT_ONCE):
        statement = insert(FeedEntry).values(rows[first : first + _AT_ONCE])
        new = {name: statement.excluded[name] for name in ("version", "written_by", "body")}
        is_newer = or_(FeedEntry.version < statement.excluded.version, FeedEntry.written_by != by)
        db.session.execute(
            statement.on_conflict_do_update(index_elements=[FeedEntry.event_id], set_=new, where=is_newer)
        )


def keep_up(day: date, links: Links, *, limit: int = _AT_ONCE) -> int:
    """Render and store up to `limit` entries that are behind or missing; how many there were.

    Locks: as `keep`.
    """
    behind = [place.event_id for place in places(Filter(), day, links) if place.is_behind][:limit]
    keep(render(behind, links), links)
    return len(behind)


def forget(day: date) -> int:
    """Drop the entries of events that no feed shows any more; how many there were."""
    shown = select(Event.id).where(*_shown(Filter(), day))
    result = db.session.execute(delete(FeedEntry).where(FeedEntry.event_id.not_in(shown)))
    return cast("CursorResult[Any]", result).rowcount


def written_by(links: Links) -> str:
    """What tells entries apart that are written otherwise, though their events are the same."""
    return digest(f"{WRITER} {links.public_url}")[:16]


def _shown(wanted: Filter, day: date) -> list[ColumnElement[bool]]:
    """What ended less than 30 days before the UTC day, or is ahead."""
    oldest = days_span(day, 1, "UTC").start - entries.KEPT_AFTER_END
    return [*matching(wanted), Event.promised_ends_at > oldest]
