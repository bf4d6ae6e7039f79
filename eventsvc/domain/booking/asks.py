"""What somebody wants of the booking desk: a resource, or some of a pool, for a presence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from eventsvc.core.times import Span
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.pools import Pool

Thing = Room | Expert | Pool | Campus


@dataclass(frozen=True, slots=True)
class Ask:
    """One resource, wanted for a presence; `place_id` is the campus, None when the presence is online.

    `hall` is the room that was asked for where the resource is a part of it; `heads` is how many it must seat, None
    where nobody can say. `busy` is the presence and what the resource needs around it: set-up and take-down, or
    arrival lead. `all_day` presences are not held against opening hours, only against days that are closed.
    """

    resource: Resource
    presence: Span
    place_id: int | None
    heads: int | None = None
    hall: Room | None = None
    all_day: bool = False
    busy: Span = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "busy", self._busy())

    @property
    def thing(self) -> Room | Expert | Pool:
        """What was asked for: the hall, the room, the expert."""
        return self.hall or self.resource.thing

    def _busy(self) -> Span:
        thing = self.resource.thing
        if isinstance(thing, Expert):
            minutes = thing.lead_minutes if self.place_id is not None else thing.online_buffer_minutes
            return self.presence.widened(before_minutes=minutes)
        whole = self.hall or thing
        return self.presence.widened(
            before_minutes=max(thing.setup_minutes, whole.setup_minutes),
            after_minutes=max(thing.takedown_minutes, whole.takedown_minutes),
        )


@dataclass(frozen=True, slots=True)
class PoolAsk:
    """So many things of a pool; `units` are the resources of all that are in use, locked."""

    pool: Pool
    quantity: int
    units: tuple[Resource, ...]
    presence: Span
    place_id: int | None

    @property
    def busy(self) -> Span:
        """The presence with set-up and take-down."""
        return self.presence.widened(before_minutes=self.pool.setup_minutes, after_minutes=self.pool.takedown_minutes)

    @property
    def notice(self) -> timedelta:
        """How long before the presence it must be asked for."""
        return timedelta(days=self.pool.notice_days)


Wanted = Ask | PoolAsk
