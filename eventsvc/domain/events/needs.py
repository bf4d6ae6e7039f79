"""What an event needs from the booking desk."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from eventsvc.core.errors import InvalidInput, SlotTaken, say
from eventsvc.domain.booking import conflicts, resources, wishes
from eventsvc.domain.booking.asks import Wanted
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events import audience
from eventsvc.domain.events.models import Event

# A request that nobody confirms gives its rooms and people back after this long.
HOLD_FOR = timedelta(days=14)


def hold_until(now: datetime) -> datetime:
    """From when on a hold made now is free for everyone."""
    return now + HOLD_FOR


def wish_of(event: Event, *, without_experts: Collection[int] = (), without_rooms: Collection[int] = ()) -> Wish:
    """What an event wants of the desk; experts and rooms that are named (`without_…`) are left out."""
    coming = [expert for expert in event.experts if expert.id not in without_experts]
    online = {expert.id for expert in event.online_experts}
    return Wish(
        span=event.span,
        campus_id=event.campus_id,
        all_day=event.all_day,
        rooms=tuple(room for room in event.rooms if room.id not in without_rooms),
        experts=tuple(coming),
        online=frozenset(expert.id for expert in coming if expert.id in online),
        equipment=tuple((one.pool, one.quantity) for one in event.equipment),
        expected_heads=event.expected_heads,
    )


def claim_asks(
    event: Event,
    *,
    without_experts: Collection[int] = (),
    without_rooms: Collection[int] = (),
    beside: Collection[int] = (),
) -> list[Wanted]:
    """Lock the resources of an event's rooms, people and equipment and say what is asked of them.

    Locks: the resources in id order, with those named in `beside`; the event comes before them. Experts and rooms
           that are named (`without_…`) are left out.
    """
    return wishes.claim_asks(
        wish_of(event, without_experts=without_experts, without_rooms=without_rooms), beside=beside
    )


def claim_all(
    events: Collection[Event],
    *,
    room_ids: Collection[int] = (),
    expert_ids: Collection[int] = (),
    pool_ids: Collection[int] = (),
    campus_ids: Collection[int] = (),
) -> None:
    """Lock the resources of several events, and some more, before the first of them takes any.

    Stories that take for many events one by one must begin with this: they could wait for one another in a circle.
    `campus_ids` are the campuses that the events go to from their own.

    Locks: all resources at once, in id order, then the audiences of all campuses; the events come before them.
    """
    resources.lock(
        room_ids={room.id for event in events for room in event.rooms}.union(room_ids),
        expert_ids={expert.id for event in events for expert in event.experts}.union(expert_ids),
        pool_ids={one.pool_id for event in events for one in event.equipment}.union(pool_ids),
    )
    for_somebody = [event.campus_id for event in events if event.audience]
    if for_somebody:
        audience.claim({one for one in (*for_somebody, *campus_ids) if one is not None})


def ensure_capacity(event: Event) -> None:
    """Refuses SlotTaken with a capacity clash for each room when all of them together are too small."""
    clashes = [clash for ask in claim_asks(event) for clash in conflicts.over_capacity(ask)]
    if clashes:
        raise SlotTaken(clashes)


def ensure_in_use(event: Event) -> None:
    """Refuses InvalidInput naming each room, expert and pool of the event that is out of use by now."""
    named: list[tuple[str, Room | Expert | Pool]] = [
        *((f"rooms[{index}]", room) for index, room in enumerate(event.rooms)),
        *((f"experts[{index}]", expert) for index, expert in enumerate(event.experts)),
        *((f"equipment[{index}]", one.pool) for index, one in enumerate(event.equipment)),
    ]
    errors = [
        (field, say("%(slug)r is out of use since %(day)s", slug=entry.slug, day=entry.retired_on))
        for field, entry in named
        if entry.retired_on is not None
    ]
    if errors:
        raise InvalidInput(errors)


def ensure_on_campus(event: Event) -> None:
    """Refuses InvalidInput naming each room and pool of another campus, and a room that is a part of another named."""
    wishes.ensure_on_campus(event.rooms, event.campus)
    wishes.ensure_equipment_on_campus([(one.pool, one.quantity) for one in event.equipment], event.campus)
