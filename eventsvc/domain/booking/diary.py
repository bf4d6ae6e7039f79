"""What is known of some resources within a window of time, read in a few queries and then only looked at.

The desk reads a small window around a wish, alternatives, grids and the doctor read weeks: the rule in `conflicts` is
the same for all of them. The reservations of one resource never overlap, so what reaches into the window from before
is one row for each resource, and the cost does not grow with history.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, or_, select, text, union_all

from eventsvc.core.db import UtcDateTime, db
from eventsvc.core.times import Span
from eventsvc.domain.booking.blocks import Block, BlockKind, OutsideCalendar
from eventsvc.domain.booking.models import IS_BOOKED, LIVE, Reservation, Resource, State
from eventsvc.domain.directory.travel import Ways


class Booked(NamedTuple):
    """A reservation that is held or confirmed, as the diary keeps it."""

    busy_from: datetime
    busy_until: datetime
    id: int
    resource_id: int
    event_id: int | None
    hold_id: int | None
    state: State
    starts_at: datetime
    ends_at: datetime
    place_id: int | None
    hold_until: datetime | None
    asked_room_id: int | None

    @property
    def busy(self) -> Span:
        """The whole busy span."""
        return Span(self.busy_from, self.busy_until)

    @property
    def presence(self) -> Span:
        """The public part within it."""
        return Span(self.starts_at, self.ends_at)

    def is_live(self, now: datetime) -> bool:
        """True unless it is a hold that has lapsed."""
        return self.state is State.CONFIRMED or self.hold_until is None or now < self.hold_until


# True for a reservation that stands in the way of others: those of the holder who asks do not.
Counts = Callable[[Booked], bool]


class Blocked(NamedTuple):
    """A time that is not ours to book; `as_of` is how old that knowledge is where it came from another calendar."""

    starts_at: datetime
    ends_at: datetime
    kind: BlockKind
    title: str
    as_of: datetime | None

    @property
    def span(self) -> Span:
        """From when until when."""
        return Span(self.starts_at, self.ends_at)


class Diary:
    """Reservations and blocks of resources within a window, and the ways between the places in it."""

    def __init__(
        self,
        booked: Iterable[Booked],
        *,
        of_resources: dict[int, list[Blocked]],
        of_campuses: dict[int, list[Blocked]],
        ways: Ways,
        now: datetime,
    ) -> None:
        self.now = now
        self.ways = ways
        self.lapsed: list[Booked] = []
        self._booked: defaultdict[int, list[Booked]] = defaultdict(list)
        self._of_resources, self._of_campuses = of_resources, of_campuses
        for row in booked:
            (self._booked[row.resource_id] if row.is_live(now) else self.lapsed).append(row)

    def leave_out(self, hold_id: int) -> None:
        """Forget what a hold has: whoever looks is its holder, and it gives way to what they want."""
        for resource_id, rows in self._booked.items():
            self._booked[resource_id] = [row for row in rows if row.hold_id != hold_id]

    def suppose(self, row: Booked) -> None:
        """Look from now on as if that had been booked, too; nothing is written."""
        insort(self._booked[row.resource_id], row, key=_busy_from)

    def booked(self, resource_id: int) -> list[Booked]:
        """The live reservations of a resource, by the start of their busy spans."""
        return self._booked[resource_id]

    def overlapping(self, resource_id: int, span: Span) -> list[Booked]:
        """Those whose busy spans share an instant with `span`."""
        rows = self._booked[resource_id]
        first = bisect_right(rows, span.start, key=_busy_until)
        return rows[first : bisect_left(rows, span.end, key=_busy_from)]

    def around(self, resource_id: int, span: Span) -> tuple[list[Booked], list[Booked]]:
        """Those that are over when `span` begins, latest first, and those that begin after it, earliest first."""
        rows = self._booked[resource_id]
        before = rows[: bisect_right(rows, span.start, key=_busy_until)]
        return before[::-1], rows[bisect_left(rows, span.end, key=_busy_from) :]

    def blocks_of(self, resource_id: int, span: Span) -> list[Blocked]:
        """What blocks the resource itself within the span: leave, and what it is busy with elsewhere."""
        return _within(self._of_resources.get(resource_id, ()), span)

    def closures_at(self, campus_id: int, span: Span) -> list[Blocked]:
        """What closes the campus within the span."""
        return _within(self._of_campuses.get(campus_id, ()), span)


def _busy_from(row: Booked) -> datetime:
    return row.busy_from


def _busy_until(row: Booked) -> datetime:
    return row.busy_until


def _within(blocks: Iterable[Blocked], span: Span) -> list[Blocked]:
    return [block for block in blocks if block.starts_at < span.end and span.start < block.ends_at]


# The statements are built once: building them anew would cost more than asking.
_rows = Reservation.__table__
COLUMNS = [_rows.c[name] for name in Booked._fields]
_resources, _earlier = Resource.__table__, _rows.alias("earlier")
_start, _end = bindparam("start", type_=UtcDateTime), bindparam("end", type_=UtcDateTime)
_wanted: BindParameter[int] = bindparam("resource_ids", expanding=True)
_narrow: BindParameter[int] = bindparam("narrow_ids", expanding=True)
_narrow_start = bindparam("narrow_start", type_=UtcDateTime)
_narrow_end = bindparam("narrow_end", type_=UtcDateTime)
# The last row of each resource that begins before the window, which may reach into it; no other one can.
_reaches_in = (
    select(_earlier.c.id)
    .where(_earlier.c.resource_id == _resources.c.id, text(f"earlier.{LIVE}"), _earlier.c.busy_from <= _start)
    .order_by(_earlier.c.busy_from.desc())
    .limit(1)
    .scalar_subquery()
)
# Held and confirmed rows, lapsed or not.
BOOKED_WITHIN = union_all(
    select(*COLUMNS).where(
        _rows.c.resource_id.in_(_wanted),
        IS_BOOKED,
        _rows.c.busy_from > _start,
        _rows.c.busy_from < _end,
        or_(
            _rows.c.resource_id.not_in(_narrow),
            and_(_rows.c.busy_until > _narrow_start, _rows.c.busy_from < _narrow_end),
        ),
    ),
    select(*COLUMNS).where(_rows.c.id.in_(select(_reaches_in).where(_resources.c.id.in_(_wanted)))),
)
_blocks, _calendars = Block.__table__, OutsideCalendar.__table__
BLOCKS_WITHIN = (
    select(
        *(_blocks.c.starts_at, _blocks.c.ends_at, _blocks.c.kind, _blocks.c.title, _calendars.c.fetched_at),
        *(_blocks.c.resource_id, _blocks.c.campus_id),
    )
    .select_from(_blocks.outerjoin(_calendars, _calendars.c.id == _blocks.c.outside_calendar_id))
    .where(
        or_(
            _blocks.c.resource_id.in_(_wanted),
            _blocks.c.campus_id.in_(bindparam("campus_ids", expanding=True)),
        ),
        _blocks.c.starts_at < _end,
        _blocks.c.ends_at > _start,
    )
    .order_by(_blocks.c.starts_at, _blocks.c.id)
)


def read(
    resources: Collection[Resource],
    window: Span,
    *,
    campus_ids: Iterable[int],
    now: datetime,
    narrow: Span | None = None,
) -> Diary:
    """The diary of the resources for that window, in UTC; `campus_ids` are the places that anybody is to be at.

    With `narrow`, of what is no person only that span is read: nothing before or after it matters to a thing.
    """
    places = sorted(set(campus_ids))
    asked = {
        "resource_ids": sorted({one.id for one in resources}),
        "campus_ids": places,
        "start": window.start,
        "end": window.end,
        "narrow_ids": [one.id for one in resources if one.expert_id is None] if narrow else [],
        "narrow_start": (narrow or window).start,
        "narrow_end": (narrow or window).end,
    }
    connection = db.session.connection()
    booked = sorted(map(Booked._make, connection.execute(BOOKED_WITHIN, asked).all()), key=_busy_from)
    of_resources: defaultdict[int, list[Blocked]] = defaultdict(list)
    of_campuses: defaultdict[int, list[Blocked]] = defaultdict(list)
    for *block, resource_id, campus_id in connection.execute(BLOCKS_WITHIN, asked):
        owner = of_campuses[campus_id] if resource_id is None else of_resources[resource_id]
        owner.append(Blocked._make(block))
    ways = Ways({row.place_id for row in booked if row.place_id is not None}.union(places))
    return Diary(booked, of_resources=of_resources, of_campuses=of_campuses, ways=ways, now=now)
