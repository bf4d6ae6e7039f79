"""How somebody gets through a day: from home, from place to place, and home again.

Ways are never stored and home legs never refuse; `conflicts` says what is too near. Here they are laid out, each as
late as it can be: one leaves in time to be there at the arrival lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from eventsvc.domain.booking.diary import Booked
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.directory.travel import Way, Ways


class LegKind(StrEnum):
    """Where a leg stands in the day."""

    FROM_HOME = "from_home"
    BETWEEN = "between"
    TO_HOME = "to_home"


class Leg(NamedTuple):
    """A way on a day: when it begins at the latest and ends, and whether the time before it suffices."""

    kind: LegKind
    starts_at: datetime
    ends_at: datetime
    origin_id: int
    destination_id: int
    way: Way
    is_in_time: bool = True


def of_day(expert: Expert, rows: Sequence[Booked], ways: Ways) -> list[Leg]:
    """The legs of a day with those reservations, in order; online ones are passed over, as are ways nobody knows."""
    stops = [row for row in rows if row.place_id is not None]
    if not stops:
        return []
    home, first, last = expert.home_campus_id, stops[0], stops[-1]
    legs = [_leg(LegKind.BETWEEN, ways, one, other) for one, other in pairwise(stops)]
    if home is not None:
        legs = [_from_home(ways, home, first), *legs, _to_home(ways, last, home)]
    return [leg for leg in legs if leg is not None and leg.way.minutes]


def _leg(kind: LegKind, ways: Ways, one: Booked, other: Booked) -> Leg | None:
    assert one.place_id is not None
    assert other.place_id is not None
    way = ways.between(one.place_id, other.place_id)
    if way is None:
        return None
    leaves_at = other.busy_from - timedelta(minutes=way.minutes)
    return Leg(kind, leaves_at, other.busy_from, one.place_id, other.place_id, way, leaves_at >= one.ends_at)


def _from_home(ways: Ways, home: int, first: Booked) -> Leg | None:
    assert first.place_id is not None
    way = ways.between(home, first.place_id)
    if way is None:
        return None
    leaves_at = first.busy_from - timedelta(minutes=way.minutes)
    return Leg(LegKind.FROM_HOME, leaves_at, first.busy_from, home, first.place_id, way)


def _to_home(ways: Ways, last: Booked, home: int) -> Leg | None:
    assert last.place_id is not None
    way = ways.between(last.place_id, home)
    if way is None:
        return None
    there_at = last.ends_at + timedelta(minutes=way.minutes)
    return Leg(LegKind.TO_HOME, last.ends_at, there_at, last.place_id, home, way)
