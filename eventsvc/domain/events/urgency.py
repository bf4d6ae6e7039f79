"""Which changes come so late that nobody may rely on calendars, and in what an event has changed.

Calendar programs fetch a feed once in an hour, or in a day or two. Whoever is engaged or hosting hears of a change of
time, place or status by a letter when the start is that near, whatever their calendar has fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from eventsvc.core.times import Span
from eventsvc.domain.events.facts import when_and_where
from eventsvc.domain.events.models import Event, Status

SOON = timedelta(hours=48)
Aspect = Literal["time", "place", "status"]
# What people know of an event, JSON-ready and complete enough to be said in a letter: see `known_of`.
Known = Mapping[str, Any]

_ASPECTS: dict[Aspect, tuple[str, ...]] = {
    "time": ("starts_at", "ends_at", "all_day"),
    "place": ("campus", "rooms", "closed_rooms", "awaits_room", "online_url"),
    "status": ("status",),
}
# Nobody counts on these; what they become, the letters of asking and of bringing back say.
_NOBODYS = frozenset({Status.DRAFT, Status.DECLINED, Status.WITHDRAWN, Status.CANCELLED})


def known_of(event: Event) -> Known:
    """Time, place and status as they are now; titles, descriptions and the rest are no part of it."""
    return {**when_and_where(event), "status": str(event.status)}


def changed(was: Known, known: Known) -> list[Aspect]:
    """In what the two differ, as far as somebody must know it; nothing while nobody counts on the event."""
    before, after = Status(was["status"]), Status(known["status"])
    if before is Status.DRAFT or after is Status.COMPLETED or (before in _NOBODYS and after in _NOBODYS):
        return []
    return [aspect for aspect, names in _ASPECTS.items() if any(was[name] != known[name] for name in names)]


def is_urgent(was: Span, span: Span, now: datetime) -> bool:
    """True where the event begins within 48 hours, or has begun and is not over, by its old time or by its new one."""
    return any(now < one.end and one.start - now <= SOON for one in (was, span))


def span_of(known: Known) -> Span:
    """When it is, by what people know."""
    return Span(datetime.fromisoformat(known["starts_at"]), datetime.fromisoformat(known["ends_at"]))
