"""The seats of an event after it was planned: who is asked next, one more seat, one fewer, one that is left open.

A line-up concerns nobody outside the offices: it raises the event's version, and no calendar changes. Seats come and go
by a move, which checks and takes like a new booking.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking, line_up, releasing
from eventsvc.domain.invitations.models import GIVEN_UP, Invitation
from eventsvc.workflows import cascade
from eventsvc.workflows.admit_employers import ensure_may_come
from eventsvc.workflows.line_ups import SaidSeat, put_line_up, said_of
from eventsvc.workflows.move_event import Destination, move_claimed, tell_moved


def keep_line_up(
    event_id: str,
    seat_id: str,
    then: Sequence[str],
    understudies: Collection[str] = (),
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Event:
    """Say who is asked next for a seat, in order, and who of them agreed beforehand to come if needed.

    Understudies are held softly. Who was asked for this time already keeps a place behind the others: a late yes of
    theirs still counts. Where the seat is open, the first who is free is asked at once.

    Locks:   the event, then the resources of who comes.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState for an event that is off or over, NotAdmitted for
             people of employers whom the college does not admit, InvalidInput for people who are unknown, out of use,
             named twice, named for a seat, or were asked for this time already.
    """
    event = claim_to_change(event_id, actor, expected)
    _ensure_changes(event, now)
    seat = line_up.get_seat(event, seat_id)
    invitations = asking.of_event(event.id)
    people = _people(event, then, understudies, invitations)
    ensure_may_come(event, actor, people)
    before = line_up.picture(seat)
    had_a_say = [one for one in line_up.given_up(seat, invitations) if one.id not in {who.id for who in people}]
    put_line_up(seat, [*people, *had_a_say], {one.id for one in people if one.slug in understudies})
    db.session.flush()
    if line_up.picture(seat) == before:
        return event
    asking.release_line_ups([event], releasing.released_by_naming(people, actor), now)
    event.version += 1
    changes: dict[str, audit.Change] = {"then": (before, line_up.picture(seat))}
    audit.record("line-up", "event", event.public_id, actor=actor.name, now=now, changes=changes)
    cascade.follow_line_up(event, seat, now)
    return event


def add_seat(event_id: str, said: SaidSeat, *, expected: Expected | None = None, actor: Actor, now: datetime) -> Event:
    """One more seat: somebody is named for it, or the first of its line-up who is free is asked, or it is open.

    Locks:   as `move_event`.
    Refuses: as `move_event`.
    """
    event = claim_to_change(event_id, actor, expected)
    return _with_seats(event, [*said_of(event), replace(said, id=None)], actor, now)


def take_seat_away(
    event_id: str, seat_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """One seat fewer; who is named for it, or would come if needed, is told that they need not.

    Locks:   as `move_event`.
    Refuses: as `move_event`, NotFound for a seat that the event has not.
    """
    event = claim_to_change(event_id, actor, expected)
    gone = str(line_up.get_seat(event, seat_id).public_id)
    return _with_seats(event, [one for one in said_of(event) if one.id != gone], actor, now)


def free_seat(event_id: str, seat_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> Event:
    """Who is named need not come; the next of the line-up is asked, or the seat is open. For nobody: nothing changes.

    Locks:   as `move_event`.
    Refuses: as `take_seat_away`.
    """
    event = claim_to_change(event_id, actor, expected)
    seat = line_up.get_seat(event, seat_id)
    if seat.expert is None:
        return event
    freed, slug = str(seat.public_id), seat.expert.slug
    return _with_seats(event, [_without(one, slug) if one.id == freed else one for one in said_of(event)], actor, now)


def _with_seats(event: Event, seats: Sequence[SaidSeat], actor: Actor, now: datetime) -> Event:
    _ensure_changes(event, now)
    moved = move_claimed(event, Destination(seats=tuple(seats)), actor=actor, now=now)
    tell_moved([moved] if moved else [], now)
    return event


def _without(said: SaidSeat, slug: str) -> SaidSeat:
    """The seat with nobody named, and without that person in its line-up: they would be asked again."""
    then = tuple(one for one in said.then if one != slug)
    return replace(said, expert=None, then=then, understudies=tuple(one for one in said.understudies if one in then))


def _ensure_changes(event: Event, now: datetime) -> None:
    if event.status not in lifecycle.MOVABLE:
        status = lifecycle.STATUS_WORDS[event.status]
        raise WrongState(say("The event is %(status)s: its seats do not change.", status=status))
    if event.has_ended(now):
        raise WrongState(say("It is over."), status_of_event=str(event.status))


def _people(
    event: Event, then: Sequence[str], understudies: Collection[str], invitations: Sequence[Invitation]
) -> list[Expert]:
    people = lookup.get_all_in_use(Expert, then, field="then")
    named = {expert.id for expert in event.experts}
    asked = {one.expert_id for one in invitations if one.state in GIVEN_UP}
    errors = []
    for index, expert in enumerate(people):
        if expert.id in named:
            errors.append((f"then[{index}]", say("is named for a seat of this event")))
        elif expert.id in asked:
            errors.append((f"then[{index}]", say("was asked for this time already")))
    if not set(understudies) <= set(then):
        errors.append(("understudies", say("are among those asked then")))
    if errors:
        raise InvalidInput(errors)
    return people
