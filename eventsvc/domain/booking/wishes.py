"""What an event, a hold or an offer wants of the desk at one time, and the asks that it comes down to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Span
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.resources import Found
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.pools import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Rooms, people and things at one time; `online` names the experts (ids) who join from afar.

    `expected_heads` is how many all the rooms together must seat, None where nobody has said.
    """

    span: Span
    campus_id: int | None
    all_day: bool = False
    rooms: tuple[Room, ...] = ()
    experts: tuple[Expert, ...] = ()
    online: frozenset[int] = frozenset()
    equipment: tuple[tuple[Pool, int], ...] = ()
    expected_heads: int | None = None


def claim_asks(wish: Wish, *, beside: Collection[int] = ()) -> list[Wanted]:
    """Lock everything that is wanted and say what is asked of it.

    Locks: the resources in id order, and in the same breath those whose ids are named in `beside`.
    """
    return asks_of(wish, resources.lock(**_ids(wish), beside=beside))


def read_asks(wish: Wish) -> list[Wanted]:
    """The same without any lock, for those who only look."""
    return asks_of(wish, resources.find(**_ids(wish)))


def _ids(wish: Wish) -> dict[str, list[int]]:
    return {
        "room_ids": [room.id for room in wish.rooms],
        "expert_ids": [expert.id for expert in wish.experts],
        "pool_ids": [pool.id for pool, _ in wish.equipment],
    }


def asks_of(wish: Wish, found: Found) -> list[Wanted]:
    """What is asked of the resources that were found for the wish."""
    return [*_room_asks(wish, found), *_people(wish, found), *_pool_asks(wish, found)]


def _room_asks(wish: Wish, found: Found) -> Iterator[Ask]:
    """One for each room that is reserved; how many it must seat is asked of each room asked for once."""
    rooms = {room.id: room for room in wish.rooms}
    heads = dict.fromkeys(rooms, wish.expected_heads) if are_too_many(wish.expected_heads, wish.rooms) else {}
    for resource, asked_id in found.rooms:
        hall = rooms[asked_id] if asked_id != resource.room_id else None
        seats = heads.pop(asked_id, None)
        yield Ask(resource, wish.span, wish.campus_id, heads=seats, hall=hall, all_day=wish.all_day)


def _people(wish: Wish, found: Found) -> Iterator[Ask]:
    for resource in found.experts:
        place_id = None if resource.expert_id in wish.online else wish.campus_id
        yield Ask(resource, wish.span, place_id, all_day=wish.all_day)


def _pool_asks(wish: Wish, found: Found) -> Iterator[PoolAsk]:
    for pool, quantity in wish.equipment:
        yield PoolAsk(pool, quantity, tuple(found.units[pool.id]), wish.span, wish.campus_id)


def are_too_many(heads: int | None, rooms: Collection[Room]) -> bool:
    """True when all the rooms together seat fewer; False where that cannot be said."""
    capacities = [room.capacity for room in rooms]
    if heads is None or not capacities or None in capacities:
        return False
    return heads > sum(capacity for capacity in capacities if capacity is not None)


def ensure_on_campus(rooms: Collection[Room], campus: Campus | None) -> None:
    """Refuses InvalidInput naming each room that stands on another campus, or is a part of one named beside it."""
    campus_id, slug = (campus.id, campus.slug) if campus else (None, None)
    errors = [
        (f"rooms[{index}]", say("%(slug)r is not on campus %(campus)r", slug=room.slug, campus=slug))
        for index, room in enumerate(rooms)
        if room.campus_id != campus_id
    ]
    errors += [
        (f"rooms[{index}]", say("%(slug)r is a part of another room that is named", slug=room.slug))
        for index, room in enumerate(rooms)
        if not set(halls_of(room)).isdisjoint(rooms)
    ]
    if errors:
        raise InvalidInput(errors)


def ensure_equipment_on_campus(equipment: Collection[tuple[Pool, int]], campus: Campus | None) -> None:
    """Refuses InvalidInput naming each pool whose things are used on another campus only, and less than one of any."""
    campus_id, slug = (campus.id, campus.slug) if campus else (None, None)
    errors = [
        (f"equipment[{index}]", say("%(slug)r is not on campus %(campus)r", slug=pool.slug, campus=slug))
        for index, (pool, _) in enumerate(equipment)
        if pool.campus_id not in (None, campus_id)
    ]
    errors += [
        (f"equipment[{index}].quantity", say("must be at least 1"))
        for index, (_, quantity) in enumerate(equipment)
        if quantity < 1
    ]
    if errors:
        raise InvalidInput(errors)


def halls_of(room: Room) -> Iterator[Room]:
    """The hall that a room is a part of, the hall of that one, and so on."""
    while room.parent is not None:
        yield (room := room.parent)
