"""How feeds are asked for: by which family of programs, how often, when last, and how long after a change.

No address and no program's own words are kept. A process counts in its memory (`Tally`) and adds what it has counted to
the rows now and then; what it had not added yet when it is killed is lost, and nothing else.

The **lag** of a family is told from each new version of a feed: the seconds between the change and the first fetch of
that version by any program of the family (a 304 is one, too). So it is the lag of its quickest program. Lags are
counted in steps; the usual one is the step in which the median lies. What was changed again before it was counted says
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, and_, case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from eventsvc.core.db import db, is_postgresql
from eventsvc.domain.feeds.families import Family
from eventsvc.domain.feeds.models import FeedLag, FeedPoll, FeedVersion

# A process adds what it has counted with the first poll that comes so long after it last did.
EVERY = timedelta(seconds=10)
# So many feeds and families at once: further ones are not counted until these are added.
MOST_COUNTED = 20_000
# Up to so many seconds each; what takes longer than a week lies in the last one.
STEPS = (60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 604_800, 10**9)


@dataclass(slots=True)
class _Count:
    """What one family has asked one feed for; `seen` holds the first fetch of each version, and by which keys."""

    polls: int = 0
    not_modified: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    version: int = 0
    is_private: bool = False
    seen: dict[int, tuple[datetime, frozenset[str]]] = field(default_factory=dict)


class _Answered(Protocol):
    """What a poll was answered with: a copy of a feed, as the shelf keeps it."""

    @property
    def version(self) -> int: ...
    @property
    def keys(self) -> frozenset[str]: ...
    @property
    def is_private(self) -> bool: ...


Counted = dict[tuple[str, Family], _Count]


class Tally:
    """What a process has counted and not yet added."""

    def __init__(self) -> None:
        self._counted: Counted = {}
        self._guard = threading.Lock()
        self._added_at: datetime | None = None
        self._met: set[tuple[str, Family]] = set()

    def count(self, key: str, family: Family, now: datetime, *, copy: _Answered, is_304: bool) -> bool:
        """Count a poll that was answered with that copy of a feed; True where it is time to add what was counted.

        That is so every ten seconds of polling, and at once where this process has not met that feed and family.
        """
        with self._guard:
            one = self._counted.get((key, family))
            if one is None:
                if len(self._counted) >= MOST_COUNTED:
                    return self._is_time(now)
                one = self._counted[key, family] = _Count(first_at=now, is_private=copy.is_private)
            one.polls += 1
            one.not_modified += is_304
            one.last_at = now
            if one.version != copy.version:
                one.version = copy.version
                one.seen.setdefault(copy.version, (now, copy.keys))
            is_new = self._is_new(key, family)
            return self._is_time(now) or is_new

    def _is_new(self, key: str, family: Family) -> bool:
        if (key, family) in self._met:
            return False
        if len(self._met) >= MOST_COUNTED:
            self._met.clear()
        self._met.add((key, family))
        return True

    def _is_time(self, now: datetime) -> bool:
        if self._added_at is not None and now - self._added_at < EVERY:
            return False
        self._added_at = now
        return True

    def take(self) -> Counted:
        """What was counted; it is the caller's from now on, to `add`, or to `give_back`."""
        with self._guard:
            taken, self._counted = self._counted, {}
        return taken

    def give_back(self, taken: Counted) -> None:
        """It could not be added: count it again with the next."""
        with self._guard:
            for name, old in taken.items():
                new = self._counted.get(name)
                self._counted[name] = old if new is None else _both(old, new)


def _both(old: _Count, new: _Count) -> _Count:
    return _Count(
        polls=old.polls + new.polls,
        not_modified=old.not_modified + new.not_modified,
        first_at=old.first_at,
        last_at=new.last_at,
        version=new.version,
        is_private=new.is_private,
        seen={**new.seen, **old.seen},
    )


def add(counted: Counted) -> None:
    """Add what was counted to the rows, and the lags of versions that were fetched first.

    Locks: the rows in the order of keys and families.
    """
    changes = _changes({version for one in counted.values() for version in one.seen})
    for (key, family), one in sorted(counted.items()):
        row = (
            {"key": key, "family": family, "polls": one.polls, "not_modified": one.not_modified}
            | {"first_at": one.first_at, "last_at": one.last_at, "version": one.version}
            | {"is_private": one.is_private}
        )
        before = db.session.scalar(
            select(FeedPoll.version).where(FeedPoll.key == key, FeedPoll.family == family).with_for_update()
        )
        new = _insert(FeedPoll).values(row)
        is_later = new.excluded.last_at > FeedPoll.last_at
        summed = {
            "polls": FeedPoll.polls + new.excluded.polls,
            "not_modified": FeedPoll.not_modified + new.excluded.not_modified,
            "last_at": _greater(is_later, new.excluded.last_at, FeedPoll.last_at),
            "version": _greater(new.excluded.version > FeedPoll.version, new.excluded.version, FeedPoll.version),
        }
        db.session.execute(new.on_conflict_do_update(index_elements=[FeedPoll.key, FeedPoll.family], set_=summed))
        # Who asks for the first time has waited for nothing.
        for version, (at, keys) in sorted(one.seen.items()) if before is not None else ():
            changed_at = next((changes[name, version] for name in keys if (name, version) in changes), None)
            if version > (before or 0) and changed_at is not None:
                _add_lag(key, family, (at - changed_at).total_seconds())


def _greater(is_first: ColumnElement[bool], first: Any, second: Any) -> Any:
    return case((is_first, first), else_=second)


def _changes(versions: Collection[int]) -> dict[tuple[str, int], datetime]:
    rows = db.session.execute(
        select(FeedVersion.key, FeedVersion.version, FeedVersion.changed_at).where(FeedVersion.version.in_(versions))
    )
    return {(key, version): changed_at for key, version, changed_at in rows}


def _add_lag(key: str, family: Family, seconds: float) -> None:
    step = next(step for step in STEPS if seconds <= step)
    new = _insert(FeedLag).values(key=key, family=family, up_to_seconds=step, number=1)
    elements = [FeedLag.key, FeedLag.family, FeedLag.up_to_seconds]
    db.session.execute(new.on_conflict_do_update(index_elements=elements, set_={"number": FeedLag.number + 1}))


def _insert(table: type[FeedPoll | FeedLag]) -> Any:
    return postgresql.insert(table) if is_postgresql() else sqlite.insert(table)


def fetched(keys: Collection[str]) -> set[str]:
    """Those of the keys that were ever asked for: that somebody has subscribed is seen by nothing else."""
    return set(db.session.scalars(select(FeedPoll.key).where(FeedPoll.key.in_(list(keys))).distinct()))


def forget(which: Collection[tuple[str, Family]]) -> None:
    """Drop the rows of those feeds and families, and their lags."""
    for key, family in which:
        for table in (FeedLag, FeedPoll):
            db.session.execute(delete(table).where(table.key == key, table.family == family))


class Statistic(NamedTuple):
    """How one family asks for one feed. `usual_lag_seconds` is the upper end of the median's step, None before any.

    `lags` is how many versions it was told from.
    """

    key: str
    family: Family
    polls: int
    not_modified: int
    first_at: datetime
    last_at: datetime
    version: int
    usual_lag_seconds: int | None
    lags: int


def statistics(
    *, after: tuple[str, str] | None = None, limit: int | None = None, keys: Collection[str] | None = None
) -> list[Statistic]:
    """By feed and family, in their order: of public feeds, or of those `keys` whatever they are."""
    query = select(FeedPoll).order_by(FeedPoll.key, FeedPoll.family).limit(limit)
    query = query.where(FeedPoll.is_private.is_(False) if keys is None else FeedPoll.key.in_(list(keys)))
    if after is not None:
        query = query.where(or_(FeedPoll.key > after[0], and_(FeedPoll.key == after[0], FeedPoll.family > after[1])))
    rows = db.session.scalars(query).all()
    steps: dict[tuple[str, Family], list[tuple[int, int]]] = {}
    for lag in db.session.scalars(select(FeedLag).where(FeedLag.key.in_({row.key for row in rows}))):
        steps.setdefault((lag.key, lag.family), []).append((lag.up_to_seconds, lag.number))
    return [_statistic(row, steps.get((row.key, row.family), [])) for row in rows]


def _statistic(row: FeedPoll, steps: list[tuple[int, int]]) -> Statistic:
    return Statistic(
        row.key,
        row.family,
        row.polls,
        row.not_modified,
        row.first_at,
        row.last_at,
        row.version,
        median_step(steps),
        sum(number for _, number in steps),
    )


def median_step(steps: Iterable[tuple[int, int]]) -> int | None:
    """The step in which the (lower) median of the counted lags lies; None without any."""
    in_order = sorted(steps)
    half = (sum(number for _, number in in_order) + 1) // 2
    for step, number in in_order:
        half -= number
        if half <= 0:
            return step
    return None
