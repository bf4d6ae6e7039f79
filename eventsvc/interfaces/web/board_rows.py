"""The rows of boards: bars of a day under its hours, or the days of a week with a strip and a list each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import url_for

from eventsvc.core.times import Span, to_wall
from eventsvc.domain.booking.stretches import Part, Stretch
from eventsvc.interfaces.web.board_axis import Axis
from eventsvc.interfaces.web.board_words import Words
from eventsvc.workflows.show_board import RoomBoard, RoomRow

# A gap shorter than this is no offer; a plan begun on a board lasts this long where there is room.
LEAST, USUAL = timedelta(minutes=30), timedelta(minutes=90)
# Somebody who asks for a free day hardly means midnight.
MORNING = 8
_STEP = timedelta(minutes=5)
# Named with the presence that they belong to.
_AROUND = frozenset({Part.SETUP, Part.TAKEDOWN, Part.LEAD})
_NOTHING = frozenset({Part.FREE, Part.CLOSED})


class Cell(NamedTuple):
    """A bar: how wide, what it says, where it leads; `plan` leads to a form that begins in a free stretch.

    `short` is for the eye, where the words themselves have no room.
    """

    part: str
    width: int
    label: str
    hours: str
    note: str = ""
    url: str = ""
    plan: str = ""
    look: str = ""
    short: str = ""


class Drawn(NamedTuple):
    """All rectangles of one kind on a strip, as one path: a thousand wide, ten high."""

    part: str
    path: str


class DayCell(NamedTuple):
    """A day of a week board: the strip, what it says in words, and where planning begins."""

    strip: list[Drawn]
    items: list[Cell]
    plan: str
    is_closed: bool


class Planning:
    """Addresses of planning forms that begin in a free stretch; empty ones for those who may not plan."""

    def __init__(self, board: RoomBoard, now: datetime, *, may_plan: bool) -> None:
        self._may_plan, self._now, self._zone = may_plan, now, board.campus.zone
        self._page = url_for("pages.plan", campus=board.campus.slug)

    def url(self, row: RoomRow, free: Span, day: Span) -> str:
        """Where to plan in a free stretch: after the set-up, not in the past, by day where it reaches so far."""
        start = self._start(row, free, day) if self._may_plan else None
        if start is None:
            return ""
        lasts = min(USUAL, free.end - timedelta(minutes=row.takedown_minutes) - start) // timedelta(minutes=1)
        wall = to_wall(start, self._zone)
        when = f"date={wall.date().isoformat()}&time={wall.hour:02}%3A{wall.minute:02}&duration_minutes={lasts}"
        return f"{self._page}&rooms={row.room.slug}&{when}"  # a slug needs no quoting

    def _start(self, row: RoomRow, free: Span, day: Span) -> datetime | None:
        before, after = timedelta(minutes=row.setup_minutes), timedelta(minutes=row.takedown_minutes)
        first, last = max(free.start, day.start, self._now) + before, min(free.end, day.end) - after - LEAST
        first += -(first - day.start) % _STEP
        morning = day.start + timedelta(hours=MORNING)
        if first < morning <= last:
            return morning
        return first if first <= last else None


def day_cells(row: RoomRow, day: Span, axis: Axis, words: Words, planning: Planning) -> Iterator[Cell]:
    """The bars of a room's day."""
    for one, width in axis.laid(row.stretches):
        plan = planning.url(row, one.span, day) if one.part is Part.FREE else ""
        yield cell(one, width, day, words)._replace(plan=plan)


def cell(one: Stretch, width: int, day: Span, words: Words) -> Cell:
    """A bar and its words."""
    label, hours, note = words.label(one), words.hours(one, day), words.note(one)
    return Cell(one.part, width, label, hours, note, words.url(one), look=_look(one, words, note))


def _look(one: Stretch, words: Words, note: str) -> str:
    """How a bar looks beyond its part: the kind of event, and whether it is only held, or stands against something."""
    holder = words.holder(one)
    kind = f"kind-{holder.kind}" if holder else ""
    return f"{kind} held" if note else kind


def week_cells(row: RoomRow, days: Sequence[tuple[Span, Axis]], words: Words, planning: Planning) -> Iterator[DayCell]:
    """The days of a room's week."""
    at = 0
    for day, axis in days:
        while at and row.stretches[at - 1].ends_at > day.start:
            at -= 1
        within = []
        while at < len(row.stretches) and row.stretches[at].starts_at < day.end:
            within.append(row.stretches[at])
            at += 1
        yield _day_cell(row, [one for one in within if one.ends_at > day.start], day, axis, words, planning)


def _day_cell(
    row: RoomRow, within: Sequence[Stretch], day: Span, axis: Axis, words: Words, planning: Planning
) -> DayCell:
    items = [item(one, day, words) for one in within if one.part not in _AROUND and one.part not in _NOTHING]
    offers = (planning.url(row, _cut(one.span, day), day) for one in within if one.part is Part.FREE)
    is_closed = all(one.part is Part.CLOSED for one in within)
    return DayCell(strip(within, axis), items, next(filter(None, offers), ""), is_closed)


def item(one: Stretch, day: Span, words: Words, *, is_room: bool = True) -> Cell:
    """What a list says of a stretch; a room's set-up and take-down stand with the presence."""
    around = words.around(one) if is_room and one.part is Part.PRESENCE else ""
    note = words.note(one)
    look, said = _look(one, words, note), f"{around} · {note}" if around and note else around or note
    return Cell(one.part, 0, words.label(one), words.hours(one, day), said, words.url(one), look=look)


def strip(within: Iterable[Stretch], axis: Axis) -> list[Drawn]:
    """What is not free, as a small drawing."""
    paths: defaultdict[Part, str] = defaultdict(str)
    for one in within:
        if one.part is not Part.FREE:
            paths[one.part] += rectangle(one.span, axis)
    return [Drawn(part, path) for part, path in paths.items() if path]


def rectangle(span: Span, axis: Axis) -> str:
    """The path of a span on a strip; none where it is too short to be seen."""
    x, until = round(1000 * axis.part(span.start)), round(1000 * axis.part(span.end))
    return f"M{x} 0h{until - x}v10H{x}z" if x < until else ""


def _cut(span: Span, day: Span) -> Span:
    return Span(max(span.start, day.start), min(span.end, day.end))
