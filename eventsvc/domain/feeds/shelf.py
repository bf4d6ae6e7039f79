"""Finished calendars, kept in the process: a feed is put together once per version and UTC day."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import NamedTuple

from eventsvc.core.errors import NotFound, NotPrepared, say
from eventsvc.core.links import Links
from eventsvc.domain.feeds import entries, stored, versions, zipping
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.on_disk import Files, Finished
from eventsvc.domain.feeds.stored import Place
from eventsvc.ical import writer

# So many entries are rendered while somebody waits for a feed; more are left to the tick and `eventsvc feeds render`.
MOST_RENDERED = 500
# What could not be brought up to date is looked at again so much later.
_AGAIN = timedelta(seconds=10)
_ENTRIES_A_PART = 64
# Bytes of finished feeds in a process; those that nobody asked for longest go first.
MOST_KEPT = 96_000_000

_Made = dict[int, tuple[int, bytes]]
# The entries of a part; as a key it costs little, since bytes remember their hash.
_Part = tuple[bytes, ...]


class _Done(NamedTuple):
    """What was worked out of a part, and need not be again while it stays as it is."""

    deflated: bytes
    digest: bytes

    @classmethod
    def of(cls, part: _Part) -> _Done:
        text = b"".join(part)
        return cls(zipping.deflated(text), hashlib.sha256(text).digest())


@dataclass(slots=True, eq=False, weakref_slot=True)
class Copy:
    """A finished feed. `last_modified` rises too when an event leaves the feed or its window.

    `is_of` is the number of the last change of all for which it was found to be right. `look_again_at` is set where
    some of its entries are of an older version. `size` is what it keeps, in bytes.
    """

    keys: frozenset[str]
    is_private: bool
    is_of: int
    version: int
    day: date
    body: bytes
    zipped: bytes
    etag: str
    last_modified: datetime
    parts: Mapping[_Part, _Done]
    look_again_at: datetime | None
    size: int


class Shelf:
    """The copies of one process. Reads are free of locks; one thread makes a feed, the others wait for it."""

    def __init__(self, files: Files | None = None) -> None:
        self.files = files or Files(None)
        self._copies: dict[str, Copy] = {}
        self._asked: dict[str, int] = {}
        self._turns = count()
        self._size = 0
        self._making: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._stock = _Stock()

    def copy_of(self, key: str, find: Callable[[], Feed], links: Links, now: datetime) -> Copy:
        """The present copy of the feed of that key; a change is seen by the next call after its commit.

        `find` is asked for the feed only when it must be made; it refuses NotFound where there is none.

        Refuses: NotPrepared.
        """
        if (copy := self.ready(key, now)) is not None:
            return copy
        latest, day = versions.latest(), _day(now)
        feed = find()
        if feed.key != key:  # another way of writing an id: there is one address for each feed
            raise NotFound(say("There is no such calendar."))
        with self._guard:
            lock = self._making.setdefault(key, threading.Lock())
        with lock:
            copy = self._fresh(key, latest, day, now)
            if copy is None:
                copy = self._put_together(feed, links, latest, day, now)
                self._put(key, copy)
        return copy

    def ready(self, key: str, now: datetime) -> Copy | None:
        """The copy of that key if it is the present one; None where it must be made, or is none of a feed."""
        if key not in self._copies:
            return None
        copy = self._fresh(key, versions.latest(), _day(now), now)
        if copy is not None:
            self._asked[key] = next(self._turns)
        return copy

    def _put(self, key: str, copy: Copy) -> None:
        with self._guard:
            self._drop(key)
            self._copies[key], self._asked[key] = copy, next(self._turns)
            self._size += copy.size
            if self._size > MOST_KEPT:
                for oldest in sorted(self._copies.keys() - {key}, key=self._asked.__getitem__):
                    self._drop(oldest)
                    if self._size <= MOST_KEPT:
                        break

    def _drop(self, key: str) -> None:
        gone = self._copies.pop(key, None)
        self._size -= gone.size if gone is not None else 0

    def take_rendered(self) -> dict[int, tuple[int, bytes]]:
        """Entries rendered here since the last call: `stored.keep` stores them, so that nobody else has to."""
        return self._stock.take_rendered()

    def _fresh(self, key: str, latest: int, day: date, now: datetime) -> Copy | None:
        copy = self._copies.get(key)
        if copy is None or copy.day != day or (copy.look_again_at is not None and copy.look_again_at <= now):
            return None
        if copy.is_of == latest:
            return copy
        if versions.present(copy.keys)[0] != copy.version:
            return None
        # What has changed stands in other feeds. Another thread may say the same of an older number; nothing is lost.
        copy.is_of = latest
        return copy

    def _put_together(self, feed: Feed, links: Links, latest: int, day: date, now: datetime) -> Copy:
        """Say what the database says; a change that lands in between is put together again under its own version."""
        version, changed_at = versions.present(feed.keys)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        begins, ends = writer.frame(entries.head_of(feed, links))
        made_of = f"{version} {changed_at} {day} {stored.written_by(links)} {hashlib.sha256(begins).hexdigest()}"
        before = self._copies.get(feed.key)
        is_behind, parts = False, before.parts if before is not None else {}
        # Who has made it before knows its parts, and makes only what has changed.
        finished = None if feed.is_private or parts else self.files.find(feed.key, made_of)
        if finished is None:
            made, is_behind = self._made(feed, links, day)
            whole: list[_Part] = [(begins,), *made, (ends,)]  # two of its parts may be the same
            parts = {part: parts.get(part) or _Done.of(part) for part in whole}
            body = b"".join(text for part in whole for text in part)
            zipped = zipping.zipped((parts[part].deflated for part in whole), body)
            etag = hashlib.sha256(b"".join(parts[part].digest for part in whole)).hexdigest()[:32]
            finished = Finished(made_of, etag, body, zipped)
            if not feed.is_private and not is_behind:
                self.files.keep(feed.key, finished)
        return Copy(
            keys=feed.keys,
            is_private=feed.is_private,
            is_of=latest,
            version=version,
            day=day,
            body=finished.body,
            zipped=finished.zipped,
            etag=finished.etag,
            last_modified=max(changed_at or midnight, midnight),
            parts=parts,
            look_again_at=now + _AGAIN if is_behind else None,
            size=len(finished.body) + 2 * len(finished.zipped),  # each part is kept zipped once more
        )

    def _made(self, feed: Feed, links: Links, day: date) -> tuple[list[_Part], bool]:
        """Its entries in parts, and whether some are of an older version; refuses NotPrepared."""
        if feed.components_on is not None:
            return list(_parts(list(enumerate(feed.components_on(day))))), False
        texts, is_behind = self._stock.texts(stored.places(feed.wanted, day, links), day, links)
        return list(_parts(texts)), is_behind


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


class _Stock:
    """Entries that this process has read, for all its feeds; those of a day that is over go."""

    def __init__(self) -> None:
        self._day = date.min
        self._texts: _Made = {}
        self._rendered: _Made = {}

    def take_rendered(self) -> _Made:
        taken, self._rendered = self._rendered, {}
        return taken

    def texts(self, shown: Sequence[Place], day: date, links: Links) -> tuple[list[tuple[int, bytes]], bool]:
        """Event ids and entries in the order of the places; and whether some are of an older version.

        Refuses: NotPrepared.
        """
        if day != self._day:
            self._day, self._texts = day, {}
        behind = [place for place in shown if place.is_behind]
        now, late = behind[:MOST_RENDERED], behind[MOST_RENDERED:]
        if any(place.stored is None for place in late):
            raise NotPrepared()
        made = stored.render([place.event_id for place in now], links)
        self._rendered |= made
        read = [place for place in shown if not place.is_behind and not self._has(place)]
        self._texts |= stored.bodies([place.event_id for place in read]) | made
        old = stored.bodies([place.event_id for place in late])
        known = {**self._texts, **old} if old else self._texts
        # An event that vanished meanwhile has none; what ended it wrote a version, so the feed is made again.
        texts = [(place.event_id, known[place.event_id][1]) for place in shown if place.event_id in known]
        return texts, bool(late)

    def _has(self, place: Place) -> bool:
        known = self._texts.get(place.event_id)
        return known is not None and known[0] == place.version


def _parts(texts: Sequence[tuple[int, bytes]]) -> Iterator[_Part]:
    """The entries in parts of some 64, whose borders stay where they are when one comes or goes before them."""
    part: list[bytes] = []
    for number, text in texts:
        part.append(text)
        if number % _ENTRIES_A_PART == 0:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)
