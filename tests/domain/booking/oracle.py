"""The conflict rule in plain words over plain lists: every row there is, looked at one by one.

It shares nothing with the desk but the names of things: its own arithmetic, its own idea of a day and a week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True)
class Thing:
    """A room, a part of a hall, a person, or a pool of `units`."""

    name: str
    before: int = 0
    after: int = 0
    online: int = 0
    is_person: bool = False
    units: int = 0
    most: tuple[tuple[str, int], ...] = ()
    home: int | None = None


@dataclass(frozen=True)
class Want:
    """`asked` is the hall where `thing` is a part of one."""

    thing: Thing
    start: datetime
    end: datetime
    place: int | None
    asked: Thing | None = None
    number: int = 1

    @property
    def busy(self) -> tuple[datetime, datetime]:
        whole = self.asked or self.thing
        before, after = max(self.thing.before, whole.before), max(self.thing.after, whole.after)
        if self.thing.is_person and self.place is None:
            before = self.thing.online
        return self.start - before * MINUTE, self.end + after * MINUTE

    @property
    def name(self) -> str:
        return (self.asked or self.thing).name


@dataclass(frozen=True)
class Row:
    """One thing, taken by a holder; of a pool there are as many rows as units taken."""

    holder: str
    want: Want
    is_confirmed: bool
    until: datetime

    def is_live(self, now: datetime) -> bool:
        return self.is_confirmed or now < self.until


@dataclass
class Oracle:
    """`ways` in minutes by (from, to); `blocks` as (kind, thing's name or place, start, end)."""

    ways: dict[tuple[int, int], int]
    blocks: list[tuple[str, str | int, datetime, datetime]]
    rows: list[Row] = field(default_factory=list)

    def take(
        self, holder: str, wants: list[Want], confirmed: bool, until: datetime, now: datetime, waive: set[str]
    ) -> Counter:
        """Every clash but the waived ones; nothing is taken when there is one."""
        mine, kept, missing = [row for row in self.rows if row.holder == holder and row.is_live(now)], [], []
        for want in wants:
            had = [row for row in mine if row.want == replace(want, number=1)][: want.number]
            kept += had
            if len(had) < want.number:
                missing.append(replace(want, number=want.number - len(had)))
        standing = [row for row in self.rows if row.holder != holder and row.is_live(now)] + kept
        clashes = Counter(self._closed(missing)) + Counter(c for want in missing for c in self._against(want, standing))
        clashes = Counter({clash: count for clash, count in clashes.items() if clash[0] not in waive})
        if not clashes:
            new = [
                Row(holder, replace(want, number=1), confirmed, until) for want in missing for _ in range(want.number)
            ]
            kept = [replace(row, is_confirmed=confirmed, until=until) for row in kept]
            self.rows = [row for row in self.rows if row.holder != holder] + kept + new
        return clashes

    def release(self, holder: str) -> None:
        self.rows = [row for row in self.rows if row.holder != holder]

    def live(self, now: datetime) -> Counter:
        return Counter(
            (row.holder, row.want.thing.name, *row.want.busy, row.is_confirmed) for row in self.rows if row.is_live(now)
        )

    def _closed(self, wants: list[Want]) -> Iterator[tuple]:
        """A closed place once, for the first room there or else the first person."""
        for place in {want.place for want in wants} - {None}:
            there = [want for want in wants if want.place == place and not want.thing.units]
            there.sort(key=lambda want: want.thing.is_person)
            for kind, where, start, end in self.blocks:
                if where == place and there and _overlap(there[0].busy, (start, end)):
                    yield kind, there[0].name, "place"

    def _against(self, want: Want, rows: list[Row]) -> Iterator[tuple]:
        mine = [row for row in rows if row.want.thing.name == want.thing.name]
        if want.thing.units:
            yield from self._too_few(want, mine)
            return
        for row in mine:
            if _overlap(row.want.busy, want.busy):
                yield "overlap", want.name, want.thing.name, row.holder
        for kind, where, start, end in self.blocks:
            if where == want.thing.name and _overlap(want.busy, (start, end)):
                yield kind, want.name, "own"
        if want.thing.is_person:
            yield from self._travel(want, [row.want for row in mine], {id(row.want): row.holder for row in mine})
            yield from self._limits(want, [row.want for row in mine])

    def _too_few(self, want: Want, rows: list[Row]) -> Iterator[tuple]:
        moment, end = want.busy
        free = want.thing.units
        while moment < end:
            taken = sum(row.want.busy[0] <= moment < row.want.busy[1] for row in rows)
            free, moment = min(free, want.thing.units - taken), moment + QUARTER
        if free < want.number:
            yield "overlap", want.thing.name, free

    def _travel(self, want: Want, others: list[Want], holders: dict[int, str]) -> Iterator[tuple]:
        """Between two presences lies the way and the second one's lead; a lead is within the busy time."""
        if want.place is None:
            return
        there = [other for other in others if other.place is not None]
        before = [other for other in there if other.busy[1] <= want.busy[0]]
        after = [other for other in there if other.busy[0] >= want.busy[1]]
        if before:
            nearest = max(before, key=lambda other: other.start)
            if nearest.end + self.ways[nearest.place, want.place] * MINUTE > want.busy[0]:
                yield "travel", want.name, holders[id(nearest)]
        if after:
            nearest = min(after, key=lambda other: other.start)
            if want.end + self.ways[want.place, nearest.place] * MINUTE > nearest.busy[0]:
                yield "travel", want.name, holders[id(nearest)]

    def _limits(self, want: Want, others: list[Want]) -> Iterator[tuple]:
        for per, most in want.thing.most:
            same = [other for other in others if _period(other.start, per) == _period(want.start, per)]
            if per == "travel":
                if want.place is not None and self._minutes(want, same) > most:
                    yield "limit", want.name, per
            elif len(same) >= most:
                yield "limit", want.name, per

    def _minutes(self, want: Want, others: list[Want]) -> int:
        day = sorted([other for other in (*others, want) if other.place is not None], key=lambda other: other.start)
        stops = [want.thing.home, *(other.place for other in day), want.thing.home]
        return sum(self.ways[a, b] for a, b in pairwise(stops))


def _overlap(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _period(moment: datetime, per: str) -> object:
    day = moment.astimezone(PACIFIC).date()
    return {"day": day, "travel": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[per]
