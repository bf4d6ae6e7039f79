"""How many of a pool are free: at every moment of a time, or stretch by stretch. `conflicts` decides by it."""

from __future__ import annotations

from collections.abc import Iterator

from eventsvc.core.times import Span
from eventsvc.domain.booking.asks import PoolAsk
from eventsvc.domain.booking.diary import Booked, Counts, Diary


def fewest(ask: PoolAsk, diary: Diary, counts: Counts = lambda row: True) -> int:
    """How many of a pool are free at every moment at which it is wanted."""
    return min(free for _, free in through(ask, diary, ask.busy, counts))


def through(ask: PoolAsk, diary: Diary, window: Span, counts: Counts = lambda row: True) -> Iterator[tuple[Span, int]]:
    """How many of a pool are free in a window, stretch by stretch without gap; each stretch differs from the last."""
    changes = {window.start: 0, window.end: 0}
    for row in booked(ask, diary, window, counts):
        for moment, more in ((max(row.busy_from, window.start), 1), (min(row.busy_until, window.end), -1)):
            changes[moment] = changes.get(moment, 0) + more
    begins, taken = window.start, changes.pop(window.start)
    for moment in sorted(changes):
        if changes[moment] or moment == window.end:
            yield Span(begins, moment), max(len(ask.units) - taken, 0)
            begins, taken = moment, taken + changes[moment]


def booked(ask: PoolAsk, diary: Diary, span: Span, counts: Counts) -> list[Booked]:
    """The reservations of the pool within the span that count."""
    return [row for unit in ask.units for row in diary.overlapping(unit.id, span) if counts(row)]
