"""What calendars and the public were last told: time and place. While an event is off it is shown as it was promised.

A postponed event may already have been moved to a new time and place that nobody has confirmed; until then the promise
stands, as cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eventsvc.core.errors import say
from eventsvc.domain.directory.models import Campus, Organization
from eventsvc.domain.events.models import Event, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A time in the words of the campus, and a place. Campus and rooms are slugs, `location` is in words."""

    zone: str
    all_day: bool
    starts_local: str | None
    starts_side: str | None
    duration_minutes: int | None
    starts_on: str
    days: int
    campus: str | None
    rooms: tuple[str, ...]
    location: str
    geo: tuple[float, float] | None

    @classmethod
    def of(cls, event: Event) -> Promise:
        """The promise kept on the event."""
        kept = event.promised
        return cls(**{**kept, "rooms": tuple(kept["rooms"]), "geo": tuple(kept["geo"]) if kept["geo"] else None})


def promise(event: Event) -> None:
    """Note that calendars are told the event's present time and place."""
    event.promised_starts_at, event.promised_ends_at = event.starts_at, event.ends_at
    event.promised_campus_id = event.campus.id if event.campus else None
    event.promised = as_json(promise_now(event))


def promise_now(event: Event) -> Promise:
    """What would be promised now."""
    campus = event.campus
    return Promise(
        zone=event.zone,
        all_day=event.all_day,
        starts_local=event.starts_local.isoformat(timespec="minutes") if event.starts_local else None,
        starts_side=event.starts_side,
        duration_minutes=event.duration_minutes,
        starts_on=event.starts_on.isoformat(),
        days=event.days,
        campus=campus.slug if campus else None,
        rooms=tuple(room.slug for room in event.sure_rooms),
        location=location_of(event),
        geo=(campus.latitude, campus.longitude)
        if campus and campus.latitude is not None and campus.longitude is not None
        else None,
    )


def as_json(promised: Promise) -> dict[str, Any]:
    """A promise as it is kept on the event."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(promised).items()}


# In English in calendars and on the row; pages find them there and say them in their own language.
ONLINE, NO_ROOM, ROOM_REQUESTED = say("Online"), say("Room to be announced"), say("Room requested")


def location_of(event: Event) -> str:
    """Where to go, in words: rooms, campus, address; or that it is online. A room that is not granted has no name."""
    rooms = [room.name for room in event.sure_rooms]
    return place_in_words(event.campus, rooms, bool(event.requested_rooms), event.online_url)


def place_in_words(campus: Campus | None, rooms: Sequence[str], is_room_asked: bool, online_url: str) -> str:
    """The same of its parts; `rooms` are the names of those that are sure."""
    if campus is None:
        return ONLINE if online_url else ""
    asked = [ROOM_REQUESTED] if is_room_asked else []
    named = ", ".join([*rooms, *asked]) or NO_ROOM
    city = " ".join(part for part in (campus.city, campus.postal_code) if part)
    return ", ".join(part for part in (named, campus.name, campus.address, city) if part)


def guests_told(event: Event) -> list[Organization]:
    """The organizations that send people, each once, as the public may know; the people are not its affair.

    None of an event that is put off and planned anew: nobody has promised those yet.
    """
    if event.status is Status.POSTPONED and not event.awaits_time:
        return []
    return list({expert.organization.id: expert.organization for expert in event.experts}.values())
