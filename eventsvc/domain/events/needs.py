"""What an event needs from the booking desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from eventsvc.core.errors import InvalidInput, SlotTaken, say
from eventsvc.domain.booking import conflicts, resources
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.events.models import Event

# A request that nobody confirms gives its rooms and people back after this long.
HOLD_FOR = timedelta(days=14)


def hold_until(now: datetime) -> datetime:
    """From when on a hold made now is free for everyone."""
    return now + HOLD_FOR


def claim_asks(event: Event, *, without_experts: Collection[int] = ()) -> list[Wanted]:
    """Lock the resources of an event's rooms, people and equipment and say what is asked of them.

    Locks: the resources in id order; the event comes before them. Experts named in `without_experts` are left out.
    """
    seats = {seat.expert_id: seat for seat in event.seats if seat.expert_id not in without_experts}
    locked = resources.lock(
        room_ids=[room.id for room in event.rooms],
        expert_ids=seats.keys(),
        pool_ids=[one.pool_id for one in event.equipment],
    )
    people = [
        Ask(one, event.span, None if seats[one.expert_id].is_online else event.campus_id, all_day=event.all_day)
        for one in locked.experts
        if one.expert_id is not None
    ]
    return [*_room_asks(event, locked.rooms), *people, *_pool_asks(event, locked.units)]


def claim_all(events: Collection[Event], *, room_ids: Collection[int] = (), expert_ids: Collection[int] = ()) -> None:
    """Lock the resources of several events, and some more, before the first of them takes any.

    Stories that take for many events one by one must begin with this: they could wait for one another in a circle.

    Locks: all of them at once, in id order; the events come before them.
    """
    resources.lock(
        room_ids={room.id for event in events for room in event.rooms}.union(room_ids),
        expert_ids={seat.expert_id for event in events for seat in event.seats}.union(expert_ids),
        pool_ids={one.pool_id for event in events for one in event.equipment},
    )


def _room_asks(event: Event, locked: Sequence[tuple[Resource, int]]) -> Iterator[Ask]:
    """One for each room that is reserved; how many it must seat is asked of each room asked for once."""
    rooms = {room.id: room for room in event.rooms}
    heads = dict.fromkeys(rooms, event.expected_heads) if _are_too_many(event) else {}
    for resource, asked_id in locked:
        hall = rooms[asked_id] if asked_id != resource.room_id else None
        seats = heads.pop(asked_id, None)
        yield Ask(resource, event.span, event.campus_id, heads=seats, hall=hall, all_day=event.all_day)


def _pool_asks(event: Event, locked: Mapping[int, Sequence[Resource]]) -> Iterator[PoolAsk]:
    for one in event.equipment:
        yield PoolAsk(one.pool, one.quantity, tuple(locked[one.pool_id]), event.span, event.campus_id)


def ensure_capacity(event: Event) -> None:
    """Refuses SlotTaken with a capacity clash for each room when all of them together are too small."""
    clashes = [clash for ask in claim_asks(event) for clash in conflicts.over_capacity(ask)]
    if clashes:
        raise SlotTaken(clashes)


def ensure_in_use(event: Event) -> None:
    """Refuses InvalidInput naming each room and expert of the event that is out of use by now."""
    named: list[tuple[str, Room | Expert]] = [
        *((f"rooms[{index}]", room) for index, room in enumerate(event.rooms)),
        *((f"experts[{index}]", expert) for index, expert in enumerate(event.experts)),
    ]
    errors = [
        (field, say("%(slug)r is out of use since %(day)s", slug=entry.slug, day=entry.retired_on))
        for field, entry in named
        if entry.retired_on is not None
    ]
    if errors:
        raise InvalidInput(errors)


def ensure_rooms_on_campus(event: Event) -> None:
    """Refuses InvalidInput naming each room that stands on another campus, or is a part of one named beside it."""
    campus_id, campus = (event.campus.id, event.campus.slug) if event.campus else (None, None)
    errors = [
        (f"rooms[{index}]", say("%(slug)r is not on campus %(campus)r", slug=room.slug, campus=campus))
        for index, room in enumerate(event.rooms)
        if room.campus_id != campus_id
    ]
    errors += [
        (f"rooms[{index}]", say("%(slug)r is a part of another room that is named", slug=room.slug))
        for index, room in enumerate(event.rooms)
        if not set(halls_of(room)).isdisjoint(event.rooms)
    ]
    if errors:
        raise InvalidInput(errors)


def halls_of(room: Room) -> Iterator[Room]:
    """The hall that a room is a part of, the hall of that one, and so on."""
    while room.parent is not None:
        yield (room := room.parent)


def _are_too_many(event: Event) -> bool:
    capacities = [room.capacity for room in event.rooms]
    if event.expected_heads is None or not capacities or None in capacities:
        return False
    return event.expected_heads > sum(capacity for capacity in capacities if capacity is not None)
