"""Finished calendars, kept in the process: a feed is rendered once per version and UTC day."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from eventsvc.core.links import Links
from eventsvc.domain.feeds import entries, versions
from eventsvc.domain.feeds.entries import Feed
from eventsvc.ical import writer


@dataclass(frozen=True, slots=True)
class Copy:
    """A rendered feed. `last_modified` rises too when an event leaves the feed or its window."""

    version: int
    day: date
    body: bytes
    zipped: bytes
    etag: str
    last_modified: datetime


class Shelf:
    """The copies of one process. Reads are free of locks; one thread renders a feed, the others wait for it."""

    def __init__(self) -> None:
        self._copies: dict[str, Copy] = {}
        self._rendering: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def copy_of(self, key: str, find: Callable[[], Feed], links: Links, now: datetime) -> Copy:
        """The present copy of the feed of that key; a change is seen by the next call after its commit.

        `find` is asked for the feed only when it must be rendered; it refuses NotFound where there is none.
        """
        version, changed_at = versions.present(key)
        day = now.astimezone(UTC).date()
        copy = self._fresh(key, version, day)
        if copy is not None:
            return copy
        feed = find()
        with self._guard:
            lock = self._rendering.setdefault(feed.key, threading.Lock())
        with lock:
            copy = self._fresh(feed.key, version, day)
            if copy is None:
                copy = _render(feed, links, version, day, changed_at)
                self._copies[feed.key] = copy
        return copy

    def _fresh(self, key: str, version: int, day: date) -> Copy | None:
        copy = self._copies.get(key)
        return copy if copy is not None and (copy.version, copy.day) == (version, day) else None


def _render(feed: Feed, links: Links, version: int, day: date, changed_at: datetime | None) -> Copy:
    """Render what the database says; a change that lands in between is rendered again under its own version."""
    shown = [entries.entry_of(event, links) for event in entries.events_of(feed, day)]
    body = writer.write(entries.head_of(feed, links), shown)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Copy(
        version=version,
        day=day,
        body=body,
        zipped=gzip.compress(body, mtime=0),
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=max(changed_at or midnight, midnight),
    )
