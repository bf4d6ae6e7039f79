"""Keep divisible halls: which room is a part of which, and when that may change.

A hall is reserved by reserving its parts. What was reserved while a hall had other parts would not hold the hall any
more, so parts come and go only where nothing ahead depends on them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import to_wall
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.wishes import halls_of
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room

# A hall, its halves, their quarters: deeper ones would be a typing error.
MAX_LEVELS = 3


def find_new_hall(
    room: Room | None, words: str | None, campus: Campus, *, retired_on: date | None, now: datetime
) -> Room | None:
    """The hall of that slug, name or alias, where it is news that the room, None for a new one, is a part of it.

    Locks:   the parts of both halls.
    Refuses: as `ensure_may_join`, and as `ensure_may_leave` for a part that goes out of use.
    """
    if room and room.parent and retired_on and not room.retired_on:
        ensure_may_leave(room, campus, now, field="retired_on")
    hall = get_hall(words, campus) if words else None
    if hall is None or (room and room.parent is hall):
        return None
    ensure_may_join(room, hall, campus, now)
    return hall


def get_hall(words: str, campus: Campus) -> Room:
    """The room of that slug, name or alias that another is to be a part of; refuses InvalidInput for `parent`.

    Refuses: a room that is unknown, out of use, or on another campus.
    """
    hall = lookup.find_room_on(campus, words)
    if hall is None:
        elsewhere = lookup.find(Room, words)
        unknown = lookup.unknown(Room, words)
        raise InvalidInput(
            {"parent": say("%(slug)r is a room of another campus", slug=words) if elsewhere else unknown}
        )
    return lookup.get_in_use(Room, hall.slug, field="parent")


def ensure_may_join(room: Room | None, hall: Room, campus: Campus, now: datetime) -> None:
    """Refuses InvalidInput where the room, None for one that is new, cannot become a part of the hall.

    Refuses: itself or one of its own parts (a circle), more than three levels, a hall that is reserved ahead (it
             would not hold the new part), and a room that leaves another hall while it is reserved.
    Locks:   the parts of both.
    """
    above = [hall, *halls_of(hall)]
    if room is not None and room in above:
        raise InvalidInput({"parent": say("%(slug)r would be a part of itself", slug=room.slug)})
    if len(above) + (_levels(room) if room else 1) > MAX_LEVELS:
        raise InvalidInput({"parent": say("at most %(most)s levels are possible", most=MAX_LEVELS)})
    resources.lock(room_ids=[one.id for one in (hall, room) if one is not None])
    ids = [one.id for one in above]
    is_plain = not _parts(hall)
    if until := resources.rooms_taken_until(now, room_ids=[hall.id] if is_plain else [], hall_ids=ids):
        raise InvalidInput({"parent": _later(hall, until, campus)})
    if room is not None and room.parent is not None:
        ensure_may_leave(room, campus, now, field="parent")


def ensure_may_leave(part: Room, campus: Campus, now: datetime, *, field: str) -> None:
    """Refuses InvalidInput for a part that leaves its hall, or goes out of use, while it is reserved ahead.

    Locks: the part.
    """
    resources.lock(room_ids=[part.id])
    leaves = list(resources.leaves_of([part.id]))
    if until := resources.rooms_taken_until(now, room_ids=leaves):
        raise InvalidInput({field: _later(part, until, campus)})


def _later(room: Room, until: datetime, campus: Campus) -> str:
    moment = f"{to_wall(until, campus.zone):%Y-%m-%d %H:%M}"
    return say("%(room)r is reserved until %(moment)s: it can be changed from then on", room=room.slug, moment=moment)


def _levels(room: Room) -> int:
    """1 for a room without parts, 2 for a hall of plain rooms."""
    return 1 + max((_levels(part) for part in _parts(room)), default=0)


def _parts(room: Room) -> list[Room]:
    in_use = select(Room).where(Room.parent_id == room.id, Room.retired_on.is_(None))
    return list(db.session.scalars(in_use.order_by(Room.name)))
