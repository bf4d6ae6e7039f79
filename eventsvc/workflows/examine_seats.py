"""Whether the rooms of what lies ahead still seat who is expected, by the rule that the desk asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.booking import conflicts, wishes
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.directory.models import Room
from eventsvc.domain.events.models import EventRoom
from eventsvc.workflows.examine_events import events_ahead, rooms_had


def examine_seats(now: datetime) -> Iterator[tuple[int, Clash]]:
    """Each event that expects more people than all its rooms together seat, with a clash for each of its rooms."""
    rooms = {room.id: room for room in db.session.scalars(select(Room).where(Room.id.in_(select(EventRoom.room_id))))}
    for events in events_ahead(now):
        expecting = [event for event in events if event.expected_heads is not None]
        had: defaultdict[int, list[Room]] = defaultdict(list)
        for event_id, room_id in rooms_had([event.id for event in expecting]):
            had[event_id].append(rooms[room_id])
        for event in expecting:
            if wishes.are_too_many(event.expected_heads, had[event.id]):
                for room in had[event.id]:
                    clashes = conflicts.too_small(room, event.expected_heads, Span(event.starts_at, event.ends_at))
                    yield from ((event.id, clash) for clash in clashes)
