"""What becomes of a resource's time, stretch by stretch, as boards draw it: taken, not to be had, or free.

A board shows one row of stretches a resource, and none of them overlap: what is booked lies on top, then what blocks,
then closed hours. Nothing is decided here; `conflicts` says what can be had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from eventsvc.core.times import Span
from eventsvc.domain.booking import hours
from eventsvc.domain.booking.conflicts import weekly_hours
from eventsvc.domain.booking.diary import Blocked, Booked, Diary
from eventsvc.domain.booking.journeys import Leg
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Expert, Room


class Part(StrEnum):
    """What a stretch of time is; blocks are called as in `BlockKind`."""

    PRESENCE = "presence"
    SETUP = "setup"
    TAKEDOWN = "takedown"
    LEAD = "lead"
    WAY = "way"
    SOFT = "soft"
    PART_TAKEN = "part_taken"
    TOO_FEW = "too_few"
    LEAVE = "leave"
    BUSY_ELSEWHERE = "busy_elsewhere"
    HOLIDAY = "holiday"
    FINALS = "finals"
    BLACKOUT = "blackout"
    CLOSED = "closed"
    FREE = "free"


class Stretch(NamedTuple):
    """From when until when it is what, and because of which reservation, block or way. `against` lies under it."""

    starts_at: datetime
    ends_at: datetime
    part: Part
    row: Booked | None = None
    block: Blocked | None = None
    leg: Leg | None = None
    against: Blocked | None = None

    @property
    def span(self) -> Span:
        """From when until when."""
        return Span(self.starts_at, self.ends_at)


def of_resource(
    resource: Resource,
    diary: Diary,
    window: Span,
    *,
    campus_ids: Collection[int] = (),
    legs: Iterable[Leg] = (),
    softly: Iterable[Booked] = (),
) -> list[Stretch]:
    """The window of a room, a part of one or a person, without gap; `campus_ids`: whose closed days hold for it.

    `softly`: what is held softly of it, which is free to whoever books.
    """
    thing = resource.thing
    assert isinstance(thing, Room | Expert), "a unit of a pool has no board of its own"
    blocks = _blocks([resource], campus_ids, diary, window)
    before = Part.LEAD if isinstance(thing, Expert) else Part.SETUP
    taken = [one for row in diary.overlapping(resource.id, window) for one in _parts(row, before, blocks)]
    ways = [Stretch(leg.starts_at, leg.ends_at, Part.WAY, leg=leg) for leg in legs]
    soft = [Stretch(row.starts_at, row.ends_at, Part.SOFT, row) for row in softly if row.resource_id == resource.id]
    return _laid([taken, ways, soft, map(_of_block, blocks), _closed(thing, window)], window)


def of_hall(
    hall: Room, parts: Sequence[Resource], asked_as: Collection[int], diary: Diary, window: Span
) -> list[Stretch]:
    """The window of a divisible hall: what took it whole, and when a part of it is taken.

    `parts` are the resources of its leaves, `asked_as` the ids of the hall and of those it is a part of itself.
    """
    blocks = _blocks(parts, [hall.campus_id], diary, window)
    whole: dict[tuple[int | None, int | None, datetime], Booked] = {}
    taken: list[Span] = []
    for row in (row for part in parts for row in diary.overlapping(part.id, window)):
        if row.asked_room_id in asked_as:
            whole.setdefault((row.event_id, row.hold_id, row.starts_at), row)
        else:
            taken.append(row.busy)
    wholes = sorted(whole.values(), key=lambda row: row.busy_from)
    of_parts = [Stretch(span.start, span.end, Part.PART_TAKEN) for span in _joined(taken)]
    layers = [
        [one for row in wholes for one in _parts(row, Part.SETUP, blocks)],
        of_parts,
        map(_of_block, blocks),
        _closed(hall, window),
    ]
    return _laid(layers, window)


def _parts(row: Booked, before: Part, blocks: Iterable[Blocked]) -> Iterator[Stretch]:
    """Set-up or arrival lead, presence and take-down; a block that came on top of the booking is noted with it."""
    against = next(
        (block for block in blocks if block.starts_at < row.busy_until and row.busy_from < block.ends_at), None
    )
    if row.busy_from < row.starts_at:
        yield Stretch(row.busy_from, row.starts_at, before, row, against=against)
    yield Stretch(row.starts_at, row.ends_at, Part.PRESENCE, row, against=against)
    if row.ends_at < row.busy_until:
        yield Stretch(row.ends_at, row.busy_until, Part.TAKEDOWN, row, against=against)


def _blocks(resources: Iterable[Resource], campus_ids: Iterable[int], diary: Diary, window: Span) -> list[Blocked]:
    own = [block for one in resources for block in diary.blocks_of(one.id, window)]
    return own + [block for campus_id in campus_ids for block in diary.closures_at(campus_id, window)]


def _of_block(block: Blocked) -> Stretch:
    return Stretch(block.starts_at, block.ends_at, Part(block.kind), block=block)


def _closed(thing: Room | Expert, window: Span) -> Iterator[Stretch]:
    """What lies outside of the weekly hours."""
    weekly, zone = weekly_hours(thing)
    if not weekly:
        return
    opens = [Stretch(span.start, span.end, Part.FREE) for span in hours.open_spans(weekly, zone, window)]
    yield from _gaps([one for one in opens if _is_in(one, window)], window, Part.CLOSED)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap or touch as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _laid(layers: Iterable[Iterable[Stretch]], window: Span) -> list[Stretch]:
    """The layers on one another, the first one on top, cut to the window; what nothing covers is free."""
    top, *below = layers
    shown = [_cut(one, window) for one in top if _is_in(one, window)]
    for layer in below:
        for one in layer:
            if _is_in(one, window):
                shown += _gaps(shown, _cut(one, window).span, one.part, one)
                shown.sort(key=_start)
    return sorted([*shown, *_gaps(shown, window, Part.FREE)], key=_start)


def _gaps(covered: Sequence[Stretch], window: Span, part: Part, like: Stretch | None = None) -> list[Stretch]:
    """What of the window no stretch covers, as stretches of that part; the covering ones stand in order."""
    like = like or Stretch(window.start, window.end, part)
    gaps, at = [], window.start
    for one in covered:
        if one.ends_at <= at or one.starts_at >= window.end:
            continue
        if at < one.starts_at:
            gaps.append(like._replace(starts_at=at, ends_at=one.starts_at))
        at = one.ends_at
    if at < window.end:
        gaps.append(like._replace(starts_at=at, ends_at=window.end))
    return gaps


def _cut(one: Stretch, window: Span) -> Stretch:
    if window.start <= one.starts_at and one.ends_at <= window.end:
        return one
    return one._replace(starts_at=max(one.starts_at, window.start), ends_at=min(one.ends_at, window.end))


def _is_in(one: Stretch, window: Span) -> bool:
    return one.starts_at < window.end and window.start < one.ends_at


def _start(one: Stretch) -> datetime:
    return one.starts_at
