"""The day of a plan that is being made: how the chosen rooms and people are taken, and what stands against the wish.

It reads a fixed few queries and writes and locks nothing: what it says may be over in the next moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.times import Span
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import conflicts, journeys, stretches, wishes
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.diary import Diary
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.booking.stretches import Stretch
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.workflows.show_board import Holder, holders_of


@dataclass(frozen=True, slots=True)
class ThingDay:
    """A room or a person on that day."""

    thing: Room | Expert
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class WishDay:
    """Everything that was chosen on that day, and what stands against having it at the wished time."""

    things: list[ThingDay]
    clashes: list[Clash]
    holders: Mapping[int, Holder]


def of_wish(wish: Wish, day: Span, *, has_time: bool, hold: Hold | None, actor: Actor, now: datetime) -> WishDay:
    """The local day of a wish; without a time nothing stands against it yet, and what its own `hold` has never does."""
    asks = [ask for ask in wishes.read_asks(wish) if isinstance(ask, Ask)]
    if not asks:
        return WishDay([], [], {})
    around = conflicts.window_of(asks)
    window = Span(min(around.start, day.start), max(around.end, day.end))
    homes = {expert.home_campus_id for expert in wish.experts} | {wish.campus_id}
    known = [ask.resource for ask in asks]
    diary = diaries.read(known, window, campus_ids={id for id in homes if id is not None}, now=now)
    if hold is not None:
        diary.leave_out(hold.id)
    clashes = conflicts.against(asks, diary) if has_time else []
    return WishDay(list(_things(asks, wish, day, diary)), clashes, holders_of(diary, known, actor=actor))


def _things(asks: Sequence[Ask], wish: Wish, day: Span, diary: Diary) -> Iterator[ThingDay]:
    closed_at: Collection[int] = [wish.campus_id] if wish.campus_id is not None else []
    halls: dict[int, list[Ask]] = {}
    for ask in asks:
        thing = ask.resource.thing
        if ask.hall is not None:
            halls.setdefault(ask.hall.id, []).append(ask)
        elif isinstance(thing, Expert):
            rows = [row for row in diary.booked(ask.resource.id) if day.start <= row.starts_at < day.end]
            legs = journeys.of_day(thing, rows, diary.ways)
            yield ThingDay(thing, stretches.of_resource(ask.resource, diary, day, legs=legs))
        elif isinstance(thing, Room):
            yield ThingDay(thing, stretches.of_resource(ask.resource, diary, day, campus_ids=closed_at))
    for parts in halls.values():
        hall = parts[0].hall
        assert hall is not None
        asked_as = {hall.id, *(above.id for above in wishes.halls_of(hall))}
        drawn = stretches.of_hall(hall, [part.resource for part in parts], asked_as, diary, day)
        yield ThingDay(hall, drawn)
