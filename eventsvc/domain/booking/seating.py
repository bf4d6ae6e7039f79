"""Which units of a pool a taking gets, and who has to change places for it.

Intervals that never run more than n at once fit on n units: taken by their start, each finds one that is free. Those
that have begun stay where they are; they all run now, so they are seated first and the rest follows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from eventsvc.core.times import Span
from eventsvc.domain.booking.diary import Booked


class Seating(NamedTuple):
    """The units that the wish gets, and each reservation that moves with the unit it moves to."""

    units: list[int]
    moves: list[tuple[Booked, int]]


def free_throughout(units: Collection[int], rows: Sequence[Booked], busy: Span) -> list[int]:
    """The units without any reservation within the span, in order."""
    taken = {row.resource_id for row in rows if row.busy_from < busy.end and busy.start < row.busy_until}
    return sorted(unit for unit in units if unit not in taken)


def seat(units: Collection[int], rows: Sequence[Booked], busy: Span, quantity: int, now: datetime) -> Seating | None:
    """Seat `quantity` more reservations of that span among the units, whatever else runs at any moment.

    `rows` are all reservations of the units that overlap the span or hang together with it through others. None where
    there is no room: more than len(units) - quantity run at some moment of the span (see free_units), or
    what has begun cannot make way for a span that begins in the past.
    """
    free = free_throughout(units, rows, busy)
    if len(free) >= quantity:
        return Seating(free[:quantity], [])
    return _arranged(units, rows, [busy] * quantity, now)


def move_together(staying: Collection[int], rows: Sequence[Booked], now: datetime) -> Seating | None:
    """Seat all those reservations, of whatever units of the pool, on the ones that stay.

    None where there is no room: more of them run at some moment, or one on a unit that goes has begun.
    """
    if any(row.busy_from <= now and row.resource_id not in staying for row in rows):
        return None
    return _arranged(staying, rows, [], now)


def _arranged(units: Collection[int], rows: Sequence[Booked], more: Sequence[Span], now: datetime) -> Seating | None:
    free_from: dict[int, datetime | None] = dict.fromkeys(sorted(units))
    for begun in sorted(row for row in rows if row.busy_from <= now):
        free_from[begun.resource_id] = begun.busy_until
    ahead: list[tuple[Span, Booked | None]] = [(row.busy, row) for row in rows if row.busy_from > now]
    ahead += [(span, None) for span in more]
    seating = Seating([], [])
    for span, row in sorted(ahead, key=lambda one: (one[0].start, one[1] is None)):
        unit = _unit_for(span, row, free_from)
        if unit is None:
            return None
        free_from[unit] = span.end
        if row is None:
            seating.units.append(unit)
        elif unit != row.resource_id:
            seating.moves.append((row, unit))
    return seating


def _unit_for(span: Span, row: Booked | None, free_from: dict[int, datetime | None]) -> int | None:
    """Where it is already, if that is free; else the unit that has been free for the shortest time."""
    free = [unit for unit, since in free_from.items() if since is None or since <= span.start]
    if row is not None and row.resource_id in free:
        return row.resource_id
    return max(free, key=lambda unit: (free_from[unit] is not None, free_from[unit] or span.start, -unit), default=None)
