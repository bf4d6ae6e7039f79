"""Call an event off (cancel, decline, withdraw, postpone), and bring a cancelled one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventsvc.core.errors import WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import desk
from eventsvc.domain.booking.models import State
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.promises import promise
from eventsvc.domain.invitations import asking
from eventsvc.domain.reminders import planning
from eventsvc.domain.requests import lookup
from eventsvc.workflows import cascade, tell
from eventsvc.workflows.admit_employers import ensure_may_come
from eventsvc.workflows.ask_rooms import RoomsTurned, ask_for_rooms, stop_asking, tell_offices
from eventsvc.workflows.changing import changing
from eventsvc.workflows.reopen_requests import plan_again, reopen_request
from eventsvc.workflows.stand_again import let_rest_go, stand_again
from eventsvc.workflows.taking import take_for


def cancel_event(
    event_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Cancel a confirmed or postponed event: everything is given back, everybody told, no reminder left."""
    return _call_off(event_id, Move.CANCEL, reason, expected, actor, now)


def decline_event(
    event_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Say no to a requested event."""
    return _call_off(event_id, Move.DECLINE, reason, expected, actor, now)


def withdraw_event(
    event_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Take a request back."""
    return _call_off(event_id, Move.WITHDRAW, reason, expected, actor, now)


def postpone_event(
    event_id: str, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Put a confirmed event off; moving it gives it a new time, and all yeses are needed again."""
    return _call_off(event_id, Move.POSTPONE, reason, expected, actor, now)


def restore_event(
    event_id: str, *, override: Waiver | None = None, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Bring a cancelled event back to the state it had: takes every resource again, or refuses; people are asked again.

    Locks:   the request that it was made of, the event, then its resources.
    Refuses: SignInNeeded, NotFound, Stale, WrongState (also when its time is past), NotAdmitted, SlotTaken.
    """
    asked = lookup.claim_request_of_event(event_id)
    event = claim_to_change(event_id, actor, expected)
    lifecycle.ensure_can(event, Move.RESTORE)
    if event.starts_at <= now:
        raise WrongState(say("Its time is past: plan a new event."), status_of_event=str(event.status))
    needs.ensure_in_use(event)
    ensure_may_come(event, actor)
    rooms = RoomsTurned()
    with changing(event, now):
        lifecycle.make(event, Move.RESTORE, now)
        if event.holds_resources:
            state = State.CONFIRMED if event.status is Status.CONFIRMED else State.HELD
            asks = needs.claim_asks(event)
            take_for(event, asks, state, override=override, actor=actor, now=now)
            rooms = ask_for_rooms(event, now)
        if event.status is not Status.POSTPONED:
            promise(event)
    planning.plan(event, now)
    if event.holds_resources:
        tell_offices([rooms], now)
        let_rest_go(asking.start_anew(event), now)
        told = stand_again(asking.ask(event, actor, now), now)
        tell.ask_people_again(told.asked, tell.NOTHING, now)
        tell.tell_of_new_place(told.elsewhere, now)
        cascade.complete_seats([event], now)
    audit.record("restore", "event", event.public_id, actor=actor.name, now=now)
    plan_again(asked, event, actor, now)
    return event


BECAUSE: dict[Move, tell.Because] = {
    Move.CANCEL: "cancelled",
    Move.DECLINE: "declined",
    Move.WITHDRAW: "withdrawn",
    Move.POSTPONE: "postponed",
}


def _call_off(event_id: str, move: Move, reason: str, expected: Expected | None, actor: Actor, now: datetime) -> Event:
    asked = lookup.claim_request_of_event(event_id)
    event = claim_to_change(event_id, actor, expected)
    call_off_all([event], move, reason=reason, actor=actor, now=now)
    reopen_request(asked, event, actor, now)
    return event


def call_off_all(events: Sequence[Event], move: Move, *, reason: str, actor: Actor, now: datetime) -> None:
    """Call off events that are locked, all of them or none; who was to come to several gets one letter, and so does
    the office of a room.

    Refuses: WrongState.
    """
    for event in events:
        lifecycle.ensure_can(event, move)
    tell_offices([_give_up(event, move, reason, actor, now) for event in events], now)
    asking.wait_for_nothing(events)
    people = [
        person for invitations in asking.of_events([event.id for event in events]).values() for person in invitations
    ]
    tell.call_off(people, BECAUSE[move], now)
    if move is Move.POSTPONE:
        for event in events:
            event.host_confirmed_at = None
            asking.ask(event, actor, now)


def _give_up(event: Event, move: Move, reason: str, actor: Actor, now: datetime) -> RoomsTurned:
    with changing(event, now):
        lifecycle.make(event, move, now)
        desk.release(event.id)
        rooms = stop_asking(event)
    planning.drop(event, now)
    tell.forget_unsent(event, now)
    changes = {"reason": (None, reason)} if reason else None
    audit.record(str(move), "event", event.public_id, actor=actor.name, now=now, changes=changes)
    return rooms
