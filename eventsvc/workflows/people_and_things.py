"""Put on an event the people and the things that a plan or a move names by their slugs."""

from __future__ import annotations

from collections.abc import Sequence

from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, EventPool
from eventsvc.domain.events.seats import Seat
from eventsvc.workflows.said_wish import SaidEquipment, ensure_among, equipment_of


def put_people(event: Event, experts: Sequence[str] | None, online: Sequence[str] | None) -> None:
    """Who is to come, and who of them joins online; None leaves it as it is, and newcomers come in person.

    An online seat needs no link yet: it is often made after the last yes, and people are told when it is there.

    Refuses: InvalidInput for experts as `lookup` does, and for somebody who is to join online and not to come.
    """
    if experts is not None:
        kept = {seat.expert_id: seat for seat in event.seats}
        unnamed = [seat for seat in event.seats if seat.expert_id is None]
        wanted = lookup.get_all_in_use(Expert, experts, field="experts")
        event.seats = [kept.get(expert.id) or _seat_for(expert, unnamed) for expert in wanted] + unnamed
    if online is None:
        return
    ensure_among(online, event.experts)
    for seat in event.seats:
        if seat.expert is not None:
            seat.is_online = seat.expert.slug in online


def _seat_for(expert: Expert, unnamed: list[Seat]) -> Seat:
    """The first seat for which nobody is named, taken from those, or one more."""
    if not unnamed:
        return Seat(expert=expert, is_online=False)
    seat = unnamed.pop(0)
    seat.expert, seat.expert_id, seat.open_since = expert, expert.id, None
    return seat


def put_equipment(event: Event, said: Sequence[SaidEquipment]) -> None:
    """The things that the event needs; refuses InvalidInput."""
    kept = {one.pool_id: one for one in event.equipment}
    wanted = []
    for pool, quantity in equipment_of(said):
        one = kept.get(pool.id) or EventPool(pool=pool)
        one.quantity = quantity
        wanted.append(one)
    event.equipment = wanted


def keep_equipment_of_campus(event: Event) -> None:
    """Leave behind what is used on another campus only, after an event has changed its place."""
    event.equipment = [one for one in event.equipment if one.pool.campus_id in (None, event.campus_id)]
