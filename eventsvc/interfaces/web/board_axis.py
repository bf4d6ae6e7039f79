"""Where a stretch of time lies on a board: in columns of five minutes, from the first hour that is shown to the last.

Positions are numbers of columns (`colspan`) and coordinates of drawings: the pages allow no inline style.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from eventsvc.core.times import Span, to_wall
from eventsvc.domain.booking import hours
from eventsvc.domain.booking.stretches import Part, Stretch

FIRST_HOUR, LAST_HOUR = 7, 22  # shown also where nothing is booked
COLUMN = timedelta(minutes=5)
MOST_HOURS = 16  # with more of them, every other one is named
_AN_HOUR = timedelta(hours=1)
# What is left out where it is too short to be drawn.
_EMPTY = frozenset({Part.FREE, Part.CLOSED})


class Hour(NamedTuple):
    """A heading over some columns."""

    at: datetime
    width: int


class Axis:
    """A day's hours from left to right: by elapsed time, or by the wall clock where days stand under one another.

    `wall` is the first hour shown and the length, by the wall clock: a day without that hour has a gap there.
    """

    def __init__(self, shown: Span, zone: str, *, wall: tuple[datetime, timedelta] | None = None) -> None:
        self._shown, self._zone = shown, zone
        self._first = wall[0] if wall else None
        self.whole = wall[1] if wall else shown.end - shown.start
        self.columns = round(self.whole / COLUMN)

    def part(self, instant: datetime) -> float:
        """How far along an instant lies, from 0 to 1; what is not shown lies at an end."""
        past = to_wall(instant, self._zone) - self._first if self._first else instant - self._shown.start
        return min(max(past / self.whole, 0.0), 1.0)

    def hours(self) -> list[Hour]:
        """Headings, one an hour or one every other hour."""
        each = _AN_HOUR if self.whole <= MOST_HOURS * _AN_HOUR else 2 * _AN_HOUR
        width, count = each // COLUMN, -(-self.columns // (each // COLUMN))
        starts = [self._shown.start + number * each for number in range(count)]
        return [Hour(at, min(width, self.columns - number * width)) for number, at in enumerate(starts)]

    def laid(self, stretches: Iterable[Stretch]) -> Iterator[tuple[Stretch, int]]:
        """Each stretch with its columns, without gap; what is booked has one at least, however short it is."""
        at = 0
        for one in stretches:
            if self.part(one.ends_at) <= 0.0 or self.part(one.starts_at) >= 1.0:
                continue
            least = at if one.part in _EMPTY else at + 1
            until = max(round(self.part(one.ends_at) * self.columns), least)
            if until > at:
                yield one, until - at
            at = until


def hours_shown(stretches: Iterable[Stretch], window: Span, zone: str) -> tuple[int, int]:
    """The first and the last wall hour that a board must show so that everything booked in the window is seen whole."""
    first, last = FIRST_HOUR, LAST_HOUR
    # Rooms are taken at the same few hours: each is looked at once.
    for booked in {
        (one.row.busy_from, one.row.busy_until) if one.row else (one.starts_at, one.ends_at)
        for one in stretches
        if one.leg is not None or (one.row is not None and one.part is Part.PRESENCE)
    }:
        begins, ends = (to_wall(min(max(at, window.start), window.end), zone) for at in booked)
        if begins.time() == ends.time() == time():
            continue  # whole days are seen at any hour
        is_over_midnight = ends > datetime.combine(begins.date() + timedelta(days=1), time())
        first = min(first, 0 if is_over_midnight else begins.hour)
        last = max(last, 24 if ends.date() > begins.date() else ends.hour + (ends.minute > 0))
    return first, last


def axis_of(window: Span, first: int, last: int, zone: str, *, by_wall: bool = False) -> Axis:
    """The axis from one wall hour to another of the local day that begins a window."""
    day = to_wall(window.start, zone).date()
    shown = hours.open_spans([(day.weekday(), first * 60, last * 60)], zone, window)[0]
    wall = (datetime.combine(day, time(first)), (last - first) * _AN_HOUR)
    return Axis(shown, zone, wall=wall if by_wall else None)
