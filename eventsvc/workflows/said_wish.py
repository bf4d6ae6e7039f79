"""A wish as somebody says it, in slugs and wall time, understood as one that the desk can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.booking.wishes import Wish, ensure_equipment_on_campus, ensure_on_campus
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.schedule import When


@dataclass(frozen=True, slots=True)
class SaidEquipment:
    """So many of a pool, by its slug."""

    slug: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWish:
    """Rooms, people and things at a time; names are slugs. Without a campus the owner's clock is meant.

    `online_experts` are those of the experts who join from afar.
    """

    when: When
    campus: str | None = None
    owner: str | None = None
    rooms: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    online_experts: tuple[str, ...] = ()
    equipment: tuple[SaidEquipment, ...] = ()
    expected_heads: int | None = None


def understood(said: SaidWish) -> Wish:
    """The wish itself; refuses InvalidInput naming each field that fails."""
    campus = lookup.get_in_use(Campus, said.campus, field="campus") if said.campus else None
    rooms = lookup.get_all_in_use(Room, said.rooms, field="rooms")
    ensure_on_campus(rooms, campus)
    equipment = equipment_of(said.equipment)
    ensure_equipment_on_campus(equipment, campus)
    experts = lookup.get_all_in_use(Expert, said.experts, field="experts")
    ensure_among(said.online_experts, experts)
    return Wish(
        span=said.when.span(zone_of(campus, said.owner)),
        campus_id=campus.id if campus else None,
        all_day=said.when.all_day,
        rooms=tuple(rooms),
        experts=tuple(experts),
        online=frozenset(expert.id for expert in experts if expert.slug in said.online_experts),
        equipment=equipment,
        expected_heads=said.expected_heads,
    )


def zone_of(campus: Campus | None, owner: str | None) -> str:
    """Whose clock is meant: the campus's, else that of the office; refuses InvalidInput where neither is named."""
    if campus is not None:
        return campus.zone
    if owner is None:
        raise InvalidInput({"campus": say("is needed, or else an owner: their clock is meant")})
    return lookup.get_in_use(Office, owner, field="owner").zone


def ensure_among(online: Sequence[str], experts: Sequence[Expert]) -> None:
    """Refuses InvalidInput for somebody who is to join online and is not to come at all."""
    coming = {expert.slug for expert in experts}
    errors = [
        (f"online_experts[{index}]", say("%(slug)r is not among the experts", slug=slug))
        for index, slug in enumerate(online)
        if slug not in coming
    ]
    if errors:
        raise InvalidInput(errors)


def equipment_of(said: Sequence[SaidEquipment]) -> tuple[tuple[Pool, int], ...]:
    """The pools that are meant, each with how many; refuses InvalidInput."""
    pools = lookup.get_all_in_use(Pool, [one.slug for one in said], field="equipment")
    return tuple((pool, one.quantity) for pool, one in zip(pools, said, strict=True))
