"""Free and busy times: when somebody or something is taken, and nothing of by what.

What is booked, the ways to it, leave, days on which a campus is closed and what other calendars say count alike; what
may still fall through is tentative. Periods are joined, so that nobody counts what stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking import soft
from eventsvc.domain.booking.models import Resource, State
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.feeds import of_experts, of_offices, of_rooms
from eventsvc.domain.feeds.private_entries import Sheet


class Period(NamedTuple):
    """A time that is taken, surely or perhaps."""

    span: Span
    is_sure: bool


def periods_of(thing: Expert | Room | Office, sheet: Sheet) -> list[Period]:
    """Its periods within the window of the sheet, in order; none touches or overlaps another of its sort."""
    if isinstance(thing, Expert):
        found = _of_expert(thing, sheet)
    else:
        found = _of_room(thing, sheet) if isinstance(thing, Room) else _of_office(thing, sheet)
    return joined(found, sheet.busy_window)


def joined(periods: Iterable[Period], window: Span) -> list[Period]:
    """Cut to the window and joined; where a sure one lies over a tentative one, it is sure."""
    within = [(cut, is_sure) for span, is_sure in periods if (cut := _cut(span, window)) is not None]
    sure = _union(span for span, is_sure in within if is_sure)
    perhaps = _union(span for span, is_sure in within if not is_sure)
    left = (Period(span, False) for one in perhaps for span in _without(one, sure))
    return sorted([*(Period(span, True) for span in sure), *left])


def _cut(span: Span, window: Span) -> Span | None:
    start, end = max(span.start, window.start), min(span.end, window.end)
    return Span(start, end) if start < end else None


def _union(spans: Iterable[Span]) -> list[Span]:
    union: list[Span] = []
    for span in sorted(spans):
        if union and span.start <= union[-1].end:
            union[-1] = Span(union[-1].start, max(union[-1].end, span.end))
        else:
            union.append(span)
    return union


def _without(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    """What of the span none of those covers, which are in order and apart."""
    start = span.start
    for one in taken:
        if one.end <= start or one.start >= span.end:
            continue
        if start < one.start:
            yield Span(start, one.start)
        start = max(start, one.end)
    if start < span.end:
        yield Span(start, span.end)


def _of_expert(expert: Expert, sheet: Sheet) -> Iterator[Period]:
    resource = of_experts.resource_of(expert)
    if resource is None:
        return
    diary = of_experts.diary_of(expert, resource, sheet.busy_window, sheet)
    rows = diary.booked(resource.id)
    for row in rows:
        yield Period(row.busy, row.state is State.CONFIRMED)
    for leg, row in of_experts.legs_of(expert, rows, diary):
        yield Period(Span(leg.starts_at, leg.ends_at), row.state is State.CONFIRMED)
    for row in soft.within([resource.id], sheet.busy_window):
        yield Period(row.busy, False)
    for block in diary.blocks_of(resource.id, sheet.busy_window):
        yield Period(block.span, True)


def _of_room(room: Room, sheet: Sheet) -> Iterator[Period]:
    parts = of_rooms.parts_of(room)
    known = list(db.session.scalars(select(Resource).where(Resource.room_id.in_(parts))))
    diary = diaries.read(known, sheet.busy_window, campus_ids=[room.campus_id], now=sheet.midnight)
    for resource in known:
        for row in diary.booked(resource.id):
            yield Period(row.busy, row.state is State.CONFIRMED)
        for block in diary.blocks_of(resource.id, sheet.busy_window):
            yield Period(block.span, True)
    for block in diary.closures_at(room.campus_id, sheet.busy_window):
        yield Period(block.span, True)


def _of_office(office: Office, sheet: Sheet) -> Iterator[Period]:
    """When anything of its desk takes place; a draft is nothing yet."""
    window = sheet.busy_window
    query = select(Event.starts_at, Event.ends_at, Event.status).where(of_offices.is_of_desk(office))
    query = query.where(Event.status.not_in([*OFF, Status.DRAFT]))
    query = query.where(Event.ends_at > window.start, Event.starts_at < window.end)
    for starts_at, ends_at, status in db.session.execute(query):
        yield Period(Span(starts_at, ends_at), status is not Status.REQUESTED)
