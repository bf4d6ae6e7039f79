"""The first walk through the demo: five steps, with the dates and names of this very demo; they tick themselves off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.core.times import to_utc
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.web.words import clock_time

# The session at Harbor College that stands in the way of one at Pasadena an hour later.
OBSTACLE = "Morning shift: electric yard machines"
REFUSED_AT = time(11)
_WISH = {
    "kind": "info_session",
    "title": "Electric machines of the harbor",
    "campus": "pasadena-city-college",
    "rooms": "pcc-rose-room",
    "experts": "pelican-example",
    "equipment-pcc-microphones": "1",
    "topics": "zero-emission-operations",
    "lasts": "hours",
    "duration_minutes": "60",
    "expected_heads": "40",
}


STEPS = 5


@dataclass(frozen=True, slots=True)
class Walk:
    """The event in the way, the planning form's fields for a wish that it refuses, and how far the walk has come.

    What has been done is read from the demo's own data; `planned` is the event that came of the wish, if any did.
    """

    obstacle: Event
    wish: dict[str, str]
    planned: Event | None
    is_answered: bool
    is_reminded: bool

    @property
    def done(self) -> list[bool]:
        """For each step whether it is done. A refusal leaves nothing behind: its step is done once the plan is."""
        if self.planned is None:
            return [False] * STEPS
        is_out = self.planned.published_at is not None and self.planned.host_confirmed_at is not None
        return [True, True, is_out, self.is_answered, self.is_reminded]

    @property
    def next_step(self) -> int | None:
        """The number of the first step that is not done, from 1; None at the end of the walk."""
        return self.done.index(False) + 1 if False in self.done else None

    @property
    def obstacle_ends_at(self) -> str:
        """The hour at which the expert can set out, in words."""
        return clock_time(self.obstacle.ends_at, self.obstacle.zone)

    @property
    def refused_at(self) -> str:
        """The hour that is too early, in words."""
        return self._in_words(REFUSED_AT)

    def _in_words(self, clock: time) -> str:
        zone = self.obstacle.zone
        return clock_time(to_utc(datetime.combine(self.obstacle.starts_on, clock), zone), zone)


def walk() -> Walk | None:
    """The walk, or None once its obstacle is out of the way or over before anything was planned."""
    obstacle = db.session.scalar(select(Event).where(Event.title == OBSTACLE).options(*WHOLE))
    if obstacle is None:
        return None
    planned = _planned(obstacle)
    if planned is None and obstacle.status is not Status.CONFIRMED:
        return None
    wish = {**_WISH, "date": obstacle.starts_on.isoformat(), "time": f"{REFUSED_AT:%H:%M}"}
    return Walk(obstacle, wish, planned, _is_answered(planned), _is_reminded(planned))


def _planned(obstacle: Event) -> Event | None:
    """The newest event that is on, with that expert at that college, and the wish's title or its day."""
    is_the_wish = or_(Event.title == _WISH["title"], Event.starts_on == obstacle.starts_on)
    query = (
        select(Event)
        .join(Event.campus)
        .where(Campus.slug == _WISH["campus"], is_the_wish, Event.status.in_(ON))
        .where(Event.seats.any(Seat.expert.has(Expert.slug == _WISH["experts"])))
        .order_by(Event.id.desc())
        .options(*WHOLE)
    )
    return db.session.scalar(query.limit(1))


def _is_answered(planned: Event | None) -> bool:
    said = (InvitationState.ACCEPTED, InvitationState.DECLINED)
    return planned is not None and any(invitation.state in said for invitation in asking.of_event(planned.id))


def _is_reminded(planned: Event | None) -> bool:
    if planned is None:
        return False
    reminder = select(Message.id).where(Message.event == str(planned.public_id), Message.letter == "reminder")
    return db.session.scalar(reminder.limit(1)) is not None
