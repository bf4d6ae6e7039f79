"""Finished answers about a feed other than its calendar, kept in the process: made once per version and UTC day.

A feed's JSON and its page for other web sites rise with the same number and day as its calendar (`shelf`).
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from eventsvc.core.errors import NotFound, say
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.entries import Feed

# Bytes of finished sheets in a process; those that nobody asked for longest go first.
MOST_KEPT = 32_000_000


@dataclass(slots=True)
class Sheet:
    """A finished answer, plain and zipped; `is_of` is the number of the last change of all when it was looked at."""

    keys: frozenset[str]
    is_of: int
    version: int
    day: date
    body: bytes
    zipped: bytes
    etag: str
    last_modified: datetime

    @property
    def size(self) -> int:
        """What it keeps, in bytes."""
        return len(self.body) + len(self.zipped)


class Sheets:
    """The sheets of one process. One thread makes a sheet, others that make one wait."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._kept: OrderedDict[str, Sheet] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()
        self._making = threading.Lock()

    def sheet_of(
        self, name: str, key: str, find: Callable[[], Feed], make: Callable[[Feed, date], bytes], now: datetime
    ) -> Sheet:
        """The present sheet of that name about the feed of that key; the next call after a commit sees the change.

        `find` and `make` are asked only when it must be made; the name says all that tells sheets of a feed apart.

        Refuses: NotFound, as `find` does.
        """
        latest, day = versions.latest(), now.astimezone(UTC).date()
        sheet = self._fresh(name, latest, day)
        if sheet is not None:
            return sheet
        feed = find()
        if feed.key != key or feed.is_private:  # another way of writing an id: there is one address for each feed
            raise NotFound(say("There is no such calendar."))
        with self._making:
            sheet = self._fresh(name, latest, day)
            if sheet is None:
                sheet = _made(feed, latest, day, make)
                self._keep(name, sheet)
        return sheet

    def _fresh(self, name: str, latest: int, day: date) -> Sheet | None:
        with self._guard:
            sheet = self._kept.get(name)
            if sheet is None or sheet.day != day:
                return None
            self._kept.move_to_end(name)
        if sheet.is_of != latest:
            if versions.present(sheet.keys)[0] != sheet.version:
                return None
            sheet.is_of = latest  # what has changed stands in other feeds
        return sheet

    def _keep(self, name: str, sheet: Sheet) -> None:
        with self._guard:
            before = self._kept.pop(name, None)
            self._size += sheet.size - (before.size if before is not None else 0)
            self._kept[name] = sheet
            while self._size > self._most_kept and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size


def _made(feed: Feed, latest: int, day: date, make: Callable[[Feed, date], bytes]) -> Sheet:
    """Its number is read before its words: a change in between is made again under its own."""
    version, changed_at = versions.present(feed.keys)
    body = make(feed, day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Sheet(
        keys=feed.keys,
        is_of=latest,
        version=version,
        day=day,
        body=body,
        zipped=gzip.compress(body, 6, mtime=0),
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=max(changed_at or midnight, midnight),
    )
