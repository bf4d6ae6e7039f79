"""Who comes next for a seat, and whether anybody does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatCandidate
from eventsvc.domain.invitations.models import GIVEN_UP, HOLDING, Invitation, InvitationState


def seat_named(event: Event, expert_id: int) -> Seat | None:
    """The seat that somebody is named for."""
    return next((seat for seat in event.seats if seat.expert_id == expert_id), None)


def seat_of(event: Event, expert_id: int) -> Seat | None:
    """The same, or else the first seat in whose line-up somebody stands."""
    in_line = (seat for seat in event.seats if any(one.expert_id == expert_id for one in seat.candidates))
    return seat_named(event, expert_id) or next(in_line, None)


def is_open(seat: Seat, invitations: Sequence[Invitation]) -> bool:
    """True where nobody is named, or who is named will not come, as things stand."""
    if seat.expert_id is None:
        return True
    return any(one.expert_id == seat.expert_id and one.state in GIVEN_UP for one in invitations)


def next_ones(event: Event, seat: Seat, invitations: Sequence[Invitation]) -> list[Expert]:
    """Who may be asked next, in order: those who said they would come if needed, then the line-up.

    Left out is who was asked for this time already, who is named for another seat, and who is out of use.
    """
    states = {one.expert_id: one.state for one in invitations}
    named = {expert.id for expert in event.experts}
    free = [
        one.expert
        for one in seat.candidates
        if one.expert_id not in named
        and states.get(one.expert_id) not in HOLDING | GIVEN_UP
        and one.expert.retired_on is None
    ]
    return sorted(free, key=lambda expert: states.get(expert.id) is not InvitationState.UNDERSTUDY)


def given_up(seat: Seat, invitations: Sequence[Invitation]) -> list[Expert]:
    """Those in the line-up who were asked for this time already and will not come, as things stand."""
    said = {one.expert_id for one in invitations if one.state in GIVEN_UP}
    return [one.expert for one in seat.candidates if one.expert_id in said]


def get_seat(event: Event, seat_id: str) -> Seat:
    """The seat of the event with that public id; refuses NotFound."""
    found = next((seat for seat in event.seats if seat.public_id == public_ids.read(seat_id)), None)
    if found is None:
        raise NotFound(say("The event has no such seat."))
    return found


def picture(seat: Seat) -> list[str]:
    """The line-up in slugs, in order; who agreed beforehand has a star."""
    return [one.expert.slug + ("*" if one.is_understudy else "") for one in seat.candidates]


def everybody(events: Collection[Event]) -> set[int]:
    """Who is named for a seat of the events, or might be (ids)."""
    seats = [seat for event in events for seat in event.seats]
    named = {seat.expert_id for seat in seats if seat.expert_id is not None}
    return named.union(one.expert_id for seat in seats for one in seat.candidates)


def candidate_of(seat: Seat, expert: Expert) -> SeatCandidate | None:
    """Somebody's place in the line-up of a seat."""
    return next((one for one in seat.candidates if one.expert_id == expert.id), None)


def replace(seat: Seat, expert: Expert) -> None:
    """Name somebody for a seat; who was named stays known as one of its line-up, and may step in again."""
    before = seat.expert
    seat.expert, seat.expert_id, seat.open_since = expert, expert.id, None
    if before is not None and candidate_of(seat, before) is None:
        last = max((one.position for one in seat.candidates), default=-1)
        seat.candidates.append(SeatCandidate(expert=before, expert_id=before.id, position=last + 1))


def put_next(event: Event, instead_of: int, expert: Expert) -> None:
    """Put somebody first in the line-up of the seat of another (its id), or of the first that nobody is named for."""
    unnamed = (seat for seat in event.seats if seat.expert_id is None)
    seat = seat_of(event, instead_of) or next(unnamed, None)
    if seat is None:
        return
    mine = candidate_of(seat, expert)
    if mine is None:
        mine = SeatCandidate(expert=expert, expert_id=expert.id, position=0)
        seat.candidates.append(mine)
    others = [one for one in seat.candidates if one is not mine]
    for position, one in enumerate([mine, *others]):
        one.position = position
    db.session.flush()
    db.session.expire(seat, ["candidates"])  # in their new order
