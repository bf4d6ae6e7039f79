"""Taking somebody's time, or a room, for an event again: after a no, after it has lapsed, or for who comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eventsvc.domain.booking import desk
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.models import State
from eventsvc.domain.directory.models import Room
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking
from eventsvc.workflows.taking import take_again


def take_back(event: Event, now: datetime, *, expert_id: int | None = None, room_id: int | None = None) -> None:
    """Keep what the event holds and take this person's time, or this room, again if it was given back or has lapsed.

    What else has lapsed waits for the last yes: it is no reason to refuse somebody's answer now.
    """
    asks = asking.claim_asks(event)
    own = [ask for ask in asks if isinstance(ask, Ask) and _is_for(ask, expert_id, room_id)]
    held = desk.what_is_held([ask for ask in asks if ask not in own], event_id=event.id, now=now)
    # Whether the room is large enough is not theirs to answer.
    asks = [replace(ask, heads=None) if isinstance(ask, Ask) else ask for ask in (*held, *own)]
    state = State.CONFIRMED if event.status is Status.CONFIRMED else State.HELD
    take_again(event, asks, state, now=now)


def _is_for(ask: Ask, expert_id: int | None, room_id: int | None) -> bool:
    """True for the expert, and for the room or the parts of the hall that was asked for."""
    if expert_id is not None:
        return ask.resource.expert_id == expert_id
    return room_id is not None and isinstance(ask.thing, Room) and ask.thing.id == room_id
