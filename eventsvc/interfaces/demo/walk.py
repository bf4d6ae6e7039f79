"""The first walk through the demo: five steps, with the dates and names of this very demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import to_utc
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Status
from eventsvc.interfaces.web.words import clock_time

# The session at Harbor College that stands in the way of one at Pasadena an hour later.
OBSTACLE = "Morning shift: electric yard machines"
REFUSED_AT, FREE_AT = time(11), time(14)
_WISH = {
    "kind": "info_session",
    "title": "Electric machines of the harbor",
    "campus": "pasadena-city-college",
    "rooms": "pcc-rose-room",
    "experts": "pelican-example",
    "topics": "zero-emission-operations",
    "lasts": "hours",
    "duration_minutes": "60",
    "expected_heads": "40",
}


@dataclass(frozen=True, slots=True)
class Walk:
    """The event in the way, and the planning form's fields for a wish that it refuses."""

    obstacle: Event
    wish: dict[str, str]

    @property
    def obstacle_ends_at(self) -> str:
        """The hour at which the expert can set out, in words."""
        return clock_time(self.obstacle.ends_at, self.obstacle.zone)

    @property
    def refused_at(self) -> str:
        """The hour that is too early, in words."""
        return self._in_words(REFUSED_AT)

    @property
    def free_at(self) -> str:
        """The hour that works, in words."""
        return self._in_words(FREE_AT)

    def _in_words(self, clock: time) -> str:
        zone = self.obstacle.zone
        return clock_time(to_utc(datetime.combine(self.obstacle.starts_on, clock), zone), zone)


def walk() -> Walk | None:
    """The walk, or None once its obstacle has been moved out of the way or is over."""
    obstacle = db.session.scalar(select(Event).where(Event.title == OBSTACLE).options(*WHOLE))
    if obstacle is None or obstacle.status is not Status.CONFIRMED:
        return None
    wish = {**_WISH, "date": obstacle.starts_on.isoformat(), "time": f"{REFUSED_AT:%H:%M}"}
    return Walk(obstacle, wish)
