"""What an event needs from the booking desk."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from eventsvc.core.errors import InvalidInput, SlotTaken, say
from eventsvc.domain.booking import conflicts, resources
from eventsvc.domain.booking.conflicts import Ask
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.events.models import Event

# A request that nobody confirms gives its rooms and people back after this long.
HOLD_FOR = timedelta(days=14)


def hold_until(now: datetime) -> datetime:
    """From when on a hold made now is free for everyone."""
    return now + HOLD_FOR


def claim_asks(event: Event, *, without_experts: Collection[int] = ()) -> list[Ask]:
    """Lock the resources of an event's rooms and people and say what is asked of them.

    Locks: the resources in id order; the event comes before them. Experts named in `without_experts` are left out.
    """
    expert_ids = [expert.id for expert in event.experts if expert.id not in without_experts]
    room_ids = [room.id for room in event.rooms]
    locked = resources.lock(room_ids=room_ids, expert_ids=expert_ids)
    heads = event.expected_heads if _are_too_many(event) else None
    return [Ask(resource, event.span, event.campus_id, heads=heads) for resource in locked]


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
    """Refuses InvalidInput naming each room that stands on another campus."""
    campus_id, campus = (event.campus.id, event.campus.slug) if event.campus else (None, None)
    errors = [
        (f"rooms[{index}]", say("%(slug)r is not on campus %(campus)r", slug=room.slug, campus=campus))
        for index, room in enumerate(event.rooms)
        if room.campus_id != campus_id
    ]
    if errors:
        raise InvalidInput(errors)


def _are_too_many(event: Event) -> bool:
    capacities = [room.capacity for room in event.rooms]
    if event.expected_heads is None or not capacities or None in capacities:
        return False
    return event.expected_heads > sum(capacity for capacity in capacities if capacity is not None)
