"""How far apart two places are as the crow flies, and which campuses lie near another."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Protocol

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus

_EARTH_RADIUS_MILES = 3958.8


class Place(Protocol):
    """Anything with coordinates in degrees (WGS 84), or None where nobody has said."""

    @property
    def latitude(self) -> float | None:
        """Degrees north."""

    @property
    def longitude(self) -> float | None:
        """Degrees east."""


def miles_between(a: Place, b: Place) -> float | None:
    """The great circle between two places in miles, or None where a coordinate is missing (haversine formula)."""
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        return None
    north = radians(b.latitude - a.latitude) / 2
    east = radians(b.longitude - a.longitude) / 2
    chord = sin(north) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east) ** 2
    return 2 * _EARTH_RADIUS_MILES * asin(sqrt(chord))


def campuses_near(campus: Campus, miles: float) -> dict[int, float]:
    """Campus ids within so many miles of a campus, with the distance of each; itself at 0, also without coordinates."""
    columns = select(Campus.id, Campus.latitude, Campus.longitude).where(Campus.latitude.is_not(None))
    near = {campus.id: 0.0}
    for row in db.session.execute(columns):
        away = miles_between(campus, row)
        if away is not None and away <= miles:
            near[row.id] = away
    return near
