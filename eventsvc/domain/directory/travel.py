"""Minutes between two places: by the table, else an estimate by distance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory.distance import miles_between
from eventsvc.domain.directory.models import Campus, Travel

# No way within the region takes longer than two days, and no check looks further for a neighbour.
MAX_TRAVEL_MINUTES = 2880

# How an estimate is made (issue 4): roads are longer than the great circle; parking and walking take their time.
ROAD_FACTOR = 1.3
MILES_PER_HOUR = 35
ON_FOOT_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Way:
    """How long it takes from one place to another, and whether that is only an estimate."""

    minutes: int
    is_estimate: bool = False


NO_WAY = Way(0)


def estimated(miles: float) -> Way:
    """The way over that distance as the crow flies."""
    minutes = ceil(miles * ROAD_FACTOR / MILES_PER_HOUR * 60 + ON_FOOT_MINUTES)
    return Way(min(minutes, MAX_TRAVEL_MINUTES), is_estimate=True)


_places: BindParameter[int] = bindparam("places", expanding=True)
_WAYS = select(Travel.from_campus_id, Travel.to_campus_id, Travel.minutes).where(
    or_(Travel.from_campus_id.in_(_places), Travel.to_campus_id.in_(_places))
)


_COORDINATES = select(Campus.id, Campus.latitude, Campus.longitude).where(Campus.id.in_(_places))


class _At(NamedTuple):
    """Where a place is; a whole campus, read for each of many ways, would cost more than the way."""

    latitude: float | None
    longitude: float | None


class Ways:
    """The ways between some places; the table is read when first asked, once, and places only for an estimate.

    A pair the table does not know takes the other direction's figure, else an estimate, and None where a place has no
    coordinates either: then nothing can be said and nothing is refused.
    """

    def __init__(self, campus_ids: Collection[int]) -> None:
        self._ids = sorted(set(campus_ids))

    def between(self, origin: int, destination: int) -> Way | None:
        """The way from origin to destination, or None if nothing is known."""
        if origin == destination:
            return NO_WAY
        known = self._table.get((origin, destination)) or self._table.get((destination, origin))
        return known or self._estimates(origin, destination)

    def _estimates(self, origin: int, destination: int) -> Way | None:
        miles = miles_between(self._places[origin], self._places[destination])
        way = None if miles is None else estimated(miles)
        if way is not None:
            self._table[origin, destination] = way
        return way

    @cached_property
    def _table(self) -> dict[tuple[int, int], Way]:
        rows = db.session.connection().execute(_WAYS, {"places": self._ids})
        return {(a, b): Way(minutes) for a, b, minutes in rows}

    @cached_property
    def _places(self) -> dict[int, _At]:
        rows = db.session.connection().execute(_COORDINATES, {"places": self._ids})
        return {number: _At(latitude, longitude) for number, latitude, longitude in rows}
