"""Seats as somebody says them: which role, who is named, and who comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatCandidate, SeatRole
from eventsvc.domain.invitations import line_up


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidSeat:
    """A seat: its role, who is named (a slug, or nobody yet), who is asked `then`, in order, and who joins online.

    `id` names a seat that the event has already. `understudies` are those of `then` who agreed beforehand to come if
    needed.
    """

    role: SeatRole = SeatRole.PRESENTER
    expert: str | None = None
    then: tuple[str, ...] = ()
    understudies: tuple[str, ...] = ()
    is_online: bool = False
    id: str | None = None


def put_seats(event: Event, said: Sequence[SaidSeat]) -> None:
    """The seats of an event, in place of those it had; one that is said by its id, or names the same person, is kept.

    Refuses: InvalidInput naming the seat, for people as `lookup` does, for somebody named twice, and unknown ids.
    """
    people = _people(said)
    before = list(event.seats)
    seats = [_kept(one, index, before) or Seat(is_online=False) for index, one in enumerate(said)]
    for seat, one in zip(seats, said, strict=True):
        expert = people[one.expert] if one.expert else None
        if seat.expert_id != (expert.id if expert else None):
            seat.expert, seat.expert_id, seat.open_since = expert, expert.id if expert else None, None
        seat.role, seat.is_online = one.role, one.is_online
        put_line_up(seat, [people[slug] for slug in one.then], {people[slug].id for slug in one.understudies})
    event.seats = seats


def ensure_said_once(experts: Sequence[str] | None, online: Sequence[str] | None) -> None:
    """Refuses InvalidInput where people are named beside the seats that name them."""
    if experts or online:
        raise InvalidInput({"seats": say("say who comes by seats, or by experts, not by both")})


def said_of(event: Event) -> list[SaidSeat]:
    """The seats as somebody would say them who changed nothing; who is out of use is asked no more, and left out."""
    return [_said(seat) for seat in event.seats]


def _said(seat: Seat) -> SaidSeat:
    line = [one for one in seat.candidates if one.expert.retired_on is None and one.expert_id != seat.expert_id]
    return SaidSeat(
        id=str(seat.public_id),
        role=seat.role,
        expert=seat.expert.slug if seat.expert else None,
        then=tuple(one.expert.slug for one in line),
        understudies=tuple(one.expert.slug for one in line if one.is_understudy),
        is_online=seat.is_online,
    )


def put_line_up(seat: Seat, experts: Sequence[Expert], agreed: set[int]) -> None:
    """Who is asked next for a seat, in place of those who were."""
    wanted = []
    for position, expert in enumerate(experts):
        one = line_up.candidate_of(seat, expert) or SeatCandidate(expert=expert, expert_id=expert.id)
        one.position, one.is_understudy = position, expert.id in agreed
        wanted.append(one)
    seat.candidates = wanted


def _kept(one: SaidSeat, index: int, before: list[Seat]) -> Seat | None:
    for seat in before:
        named = seat.expert.slug if seat.expert else None
        if str(seat.public_id) == one.id if one.id else named is not None and named == one.expert:
            before.remove(seat)
            return seat
    if one.id:
        raise InvalidInput({f"seats[{index}].id": say("is no seat of this event")})
    return None


def _people(said: Sequence[SaidSeat]) -> dict[str, Expert]:
    errors, named = [], set[str]()
    for index, one in enumerate(said):
        if one.expert and one.expert in named:
            errors.append((f"seats[{index}].expert", say("is named for another seat")))
        named.add(one.expert or "")
        line = (*one.then, *([one.expert] if one.expert else []))
        if len(set(line)) < len(line):
            errors.append((f"seats[{index}].then", say("names somebody twice")))
        if not set(one.understudies) <= set(one.then):
            errors.append((f"seats[{index}].understudies", say("are among those asked then")))
    if errors:
        raise InvalidInput(errors)
    found: dict[str, Expert] = {}
    for index, one in enumerate(said):
        if one.expert:
            found[one.expert] = lookup.get_in_use(Expert, one.expert, field=f"seats[{index}].expert")
        for expert in lookup.get_all_in_use(Expert, one.then, field=f"seats[{index}].then"):
            found[expert.slug] = expert
    return found
