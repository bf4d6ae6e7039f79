"""Move an event: another time, campus, rooms or people. The UID stays; a new time or campus asks people again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventsvc.core.errors import WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import desk, soft
from eventsvc.domain.booking.models import State
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events import lifecycle, needs, words
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.promises import promise
from eventsvc.domain.events.schedule import ensure_ahead, schedule, when_of
from eventsvc.domain.invitations import asking, line_up
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.reminders import planning
from eventsvc.workflows import cascade, joint_letters, tell, tell_cascade
from eventsvc.workflows.admit_employers import ensure_may_come
from eventsvc.workflows.ask_rooms import RoomsTurned, ask_for_rooms, tell_offices
from eventsvc.workflows.changing import changing
from eventsvc.workflows.confirm_event import settle_or_tell
from eventsvc.workflows.line_ups import SaidSeat, ensure_said_once, put_seats
from eventsvc.workflows.people_and_things import keep_equipment_of_campus, put_equipment, put_people
from eventsvc.workflows.said_wish import SaidEquipment
from eventsvc.workflows.stand_again import stand_again
from eventsvc.workflows.taking import take_for

Picture = dict[str, Any]

# What makes it another time, for which everybody is asked anew. Getting one after being put off is one of them.
_TIMES = frozenset({"starts_at", "ends_at", "awaits_time"})
# What makes it another journey, for which those are asked anew who come there.
_JOURNEYS = frozenset({"campus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an event is moved to; what is not told stays as it is. `time` holds fields of `When`; names are slugs.

    Told is `campus` when `is_campus_told`; None then takes the event off its campus, to where it is online only.
    """

    time: Mapping[str, Any] = field(default_factory=dict)
    campus: str | None = None
    is_campus_told: bool = False
    rooms: tuple[str, ...] | None = None
    experts: tuple[str, ...] | None = None
    online_experts: tuple[str, ...] | None = None
    equipment: tuple[SaidEquipment, ...] | None = None
    seats: tuple[SaidSeat, ...] | None = None
    override: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """An event that was moved: its facts before, the names of what changed, and whom that concerns.

    `other_mode` are the experts who join online now or no longer; of `rooms` nobody was told yet.
    """

    event: Event
    was: dict[str, Any]
    changes: frozenset[str]
    other_mode: frozenset[int]
    rooms: RoomsTurned
    actor: Actor


def move_event(
    event_id: str, to: Destination, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Move an event as one act: checked like a new booking, all taken or nothing changed.

    A new date, time or length asks each expert and each room's office again; an earlier yes stays on record as given
    for the old time. Another campus asks those who come there; a room on the same campus asks nobody (issue 6).
    Who leaves the event may have been the last without a yes: then it is confirmed.

    Locks:   the event, then its resources.
    Refuses: SignInNeeded, NotFound, Stale, WrongState, InvalidInput, SlotTaken.
    """
    event = claim_to_change(event_id, actor, expected)
    moved = move_claimed(event, to, actor=actor, now=now)
    tell_moved([moved] if moved else [], now)
    return event


def move_claimed(event: Event, to: Destination, *, actor: Actor, now: datetime) -> Moved | None:
    """The same for an event that is locked; the letters are the caller's. None where it stood there already."""
    if event.status not in lifecycle.MOVABLE:
        status = lifecycle.STATUS_WORDS[event.status]
        raise WrongState(
            say("An event that is %(status)s cannot be moved.", status=status), status_of_event=str(event.status)
        )
    was, before, rooms = facts_of(event), _picture(event), RoomsTurned()
    with changing(event, now):
        _apply(event, to)
        after = _picture(event)
        changes = frozenset(name for name in after if before[name] != after[name])
        if not changes:
            return None
        ensure_ahead(event.span, now, field="starts_on" if event.all_day else "starts_local")
        if event.holds_resources:
            _take(event, changes, to.override, actor, now)
            rooms = ask_for_rooms(event, now, newcomers_only=not _TIMES & changes)
        _revise(event, changes, now)
        if event.status is not Status.POSTPONED:
            promise(event)
    turned = {name: (before[name], after[name]) for name in after if name in changes}
    audit.record("move", "event", event.public_id, actor=actor.name, now=now, changes=turned)
    return Moved(event, was, changes, _with_other_mode(event, before), rooms, actor)


def tell_moved(moved: Sequence[Moved], now: datetime) -> None:
    """Who must know of these moves: who need not come any more, who is asked anew or first, and of a new place.

    Who leaves an event may have been the last without a yes: then it is confirmed.
    """
    held = [one for one in moved if one.event.holds_resources]
    for one in held:
        planning.plan(one.event, now)
        cascade.let_go(one.event, now)
    untold = [one.event for one in held if tell.forget_unsent(one.event, now)]
    was = {one.event.id: one.was for one in held}
    tell_offices([one.rooms for one in held], now, was=was)
    silent = [who for one in held for who in asking.passed_over(one.event)]
    tell.call_off([who for one in held for who in asking.withdraw_absent(one.event)], "uninvited", now, was=was)
    again: list[Invitation] = []
    first: list[Invitation] = []
    elsewhere: list[Invitation] = []
    for one in held:
        _sort(one, now, again, first, elsewhere)
    told = stand_again(again, now)
    tell.ask_people_again(told.asked, was, now)
    tell.ask_people(first, now)
    tell.tell_of_new_place([*elsewhere, *told.elsewhere], now)
    tell.clear_calendars([who for who in silent if who.state is InvitationState.WITHDRAWN], now, was=was)
    cascade.complete_seats([one.event for one in held], now)
    cascade.tell_open_again(untold, now)
    for one in held:
        settle_or_tell(one.event, now)


def _sort(
    moved: Moved, now: datetime, again: list[Invitation], first: list[Invitation], elsewhere: list[Invitation]
) -> None:
    """Ask whom the move makes ask, and put everybody into the list of the letter that they get."""
    event, told = moved.event, asking.coming(moved.event.id)
    if moved.changes & (_TIMES | _JOURNEYS):
        soft.release(event.id)
        tell_cascade.let_understudies_go(asking.start_anew(event), now)
    known = {invitation.id for invitation in asking.of_event(event.id)}
    asked = asking.ask(event, moved.actor, now, spared=_spared(event, moved.changes))
    for person in asked:
        is_first = person.id not in known and not joint_letters.waiting_with(person, ["called_off"])
        (first if is_first else again).append(person)
    # Who is to join online and was to come, or the other way round, goes to another place; the time is as agreed.
    is_new_for_all = bool(moved.changes & {"campus", "rooms"})
    spared = [who for who in told if who not in asked]
    elsewhere += [who for who in spared if is_new_for_all or who.expert_id in moved.other_mode]


def _spared(event: Event, changes: frozenset[str]) -> set[int]:
    """The experts (ids) who, if they were asked, are not asked anew: at the same time, who makes no other journey."""
    if changes & _TIMES:
        return set()
    makes_journey = changes & _JOURNEYS and event.campus_id
    return {one.id for one in (event.online_experts if makes_journey else event.experts)}


def _apply(event: Event, to: Destination) -> None:
    if to.is_campus_told:
        event.campus = lookup.get_in_use(Campus, to.campus, field="campus") if to.campus else None
        event.campus_id = event.campus.id if event.campus else None
        if to.rooms is None:
            event.rooms = [room for room in event.rooms if room.campus_id == event.campus_id]
    if to.rooms is not None:
        event.rooms = lookup.get_all_in_use(Room, to.rooms, field="rooms")
    if to.seats is not None:
        ensure_said_once(to.experts, to.online_experts)
        put_seats(event, to.seats)
    else:
        put_people(event, to.experts, to.online_experts)
    if to.equipment is not None:
        put_equipment(event, to.equipment)
    elif to.is_campus_told:
        keep_equipment_of_campus(event)
    needs.ensure_on_campus(event)
    needs.ensure_in_use(event)
    if to.time or to.is_campus_told:
        # A zone that was corrected meanwhile must not shift an event whose time nobody meant to change.
        zone, starts_on = event.campus.zone if event.campus else event.owner.zone, event.starts_on
        schedule(event, when_of(event).changed(to.time), zone)
        if event.accommodations_due_on:  # as many days before as people were told
            by = event.starts_on - starts_on
            event.accommodations_due_on = words.moved_due_on(event.accommodations_due_on, by)
    if to.time:
        event.awaits_time = False


def _take(event: Event, changes: frozenset[str], override: Waiver | None, actor: Actor, now: datetime) -> None:
    """Everybody's time where everybody is asked anew; else not that of people who have declined and are spared."""
    ensure_may_come(event, actor)
    state = State.CONFIRMED if event.status is Status.CONFIRMED else State.HELD
    beside = desk.resources_of(event.id)
    if _TIMES & changes:
        asks = needs.claim_asks(event, beside=beside)
    else:
        asked_anew = {expert.id for expert in event.experts} - _spared(event, changes)
        asks = asking.claim_asks(event, asked_anew=asked_anew, beside=beside)
    take_for(event, asks, state, override=override, actor=actor, now=now)


def _revise(event: Event, changes: frozenset[str], now: datetime) -> None:
    """Who may be asked next is for the offices alone: no calendar changes with it."""
    if changes == {"seats"}:
        event.version += 1
        return
    event.sequence += 1
    lifecycle.revise(event, now)


def _with_other_mode(event: Event, before: Picture) -> frozenset[int]:
    """The experts (ids) who were there before the move and join online now, or no longer do."""
    were, were_online = set(before["experts"]), set(before["online_experts"])
    online = set(event.online_experts)
    return frozenset(
        expert.id
        for expert in event.experts
        if expert.slug in were and (expert in online) is not (expert.slug in were_online)
    )


def _picture(event: Event) -> Picture:
    """What a move can change."""
    return {
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "all_day": event.all_day,
        "awaits_time": event.awaits_time,
        "campus": event.campus.slug if event.campus else None,
        "rooms": sorted(room.slug for room in event.rooms),
        "experts": sorted(expert.slug for expert in event.experts),
        "online_experts": sorted(expert.slug for expert in event.online_experts),
        "seats": [(str(seat.role), line_up.picture(seat)) for seat in event.seats],
        "equipment": {one.pool.slug: one.quantity for one in event.equipment},
        "accommodations_due_on": event.accommodations_due_on and event.accommodations_due_on.isoformat(),
    }
