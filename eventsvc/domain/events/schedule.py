"""When an event takes place: the wish as a person says it, and the promise made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Side, Span, days_span, side_of, to_utc, to_wall
from eventsvc.domain.events.models import Event

MAX_DURATION_MINUTES = 14 * 24 * 60
MAX_DAYS = 60
YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A time in the words of the campus: wall time and elapsed minutes, or whole days."""

    starts_local: datetime | None = None
    starts_side: Side | None = None
    duration_minutes: int | None = None
    all_day: bool = False
    starts_on: date | None = None
    days: int | None = None

    def span(self, zone: str) -> Span:
        """The UTC span in that zone.

        Refuses: InvalidInput for a wall time in a gap or in a fold without its side, a length that is not positive
                 or is longer than 14 days (60 for whole days), years outside 2000 to 2099, and a mixture of both
                 ways of saying when.
        """
        if self.all_day:
            if self.starts_local is not None or self.duration_minutes is not None:
                raise InvalidInput({"all_day": say("an all-day event has starts_on and days, not a time")})
            if self.starts_on is None:
                raise InvalidInput({"starts_on": say("an all-day event needs its first day")})
            if self.starts_on.year not in YEARS:
                raise InvalidInput({"starts_on": out_of_years()})
            days = 1 if self.days is None else self.days
            if not 1 <= days <= MAX_DAYS:
                raise InvalidInput({"days": say("must be between %(low)s and %(high)s", low=1, high=MAX_DAYS)})
            return days_span(self.starts_on, days, zone)
        only_whole = {"starts_on": self.starts_on, "days": self.days}
        errors: dict[str, str] = {
            name: say("belongs to all-day events only") for name, value in only_whole.items() if value is not None
        }
        if self.starts_local is None:
            errors["starts_local"] = say("is needed, for instance 2027-02-10T14:00")
        elif self.starts_local.year not in YEARS:
            errors["starts_local"] = out_of_years()
        if self.duration_minutes is None:
            errors["duration_minutes"] = say("is needed, in minutes")
        elif not 0 < self.duration_minutes <= MAX_DURATION_MINUTES:
            errors["duration_minutes"] = say("must be between %(low)s and %(high)s", low=1, high=MAX_DURATION_MINUTES)
        if errors or self.starts_local is None or self.duration_minutes is None:
            raise InvalidInput(errors)
        start = to_utc(self.starts_local, zone, self.starts_side)
        return Span(start, start + timedelta(minutes=self.duration_minutes))

    def changed(self, told: Mapping[str, Any]) -> When:
        """The same time with some of its words told anew; what is not told stays, a fold's side never does."""
        if told.get("all_day", self.all_day) != self.all_day:
            return When(**told)
        side = {"starts_side": None} if "starts_local" in told else {}
        return replace(self, **{**side, **told})


def out_of_years() -> str:
    """The reason against a day that is too far from ours to be meant."""
    return say("must lie between %(first)s and %(last)s", first=YEARS.start, last=YEARS.stop - 1)


def when_of(event: Event) -> When:
    """What an event has promised, in the words of its campus."""
    if event.all_day:
        return When(all_day=True, starts_on=event.starts_on, days=event.days)
    return When(
        starts_local=event.starts_local,
        starts_side=event.starts_side,
        duration_minutes=event.duration_minutes,
    )


def schedule(event: Event, when: When, zone: str) -> None:
    """Put a time on an event: the promise and the instants beside it; refuses as `When.span` does."""
    span = when.span(zone)
    event.zone = zone
    event.all_day = when.all_day
    event.days = when.days or 1
    event.starts_local = when.starts_local
    event.duration_minutes = when.duration_minutes
    event.starts_side = None if when.all_day else side_of(span.start, zone)
    event.starts_on = when.starts_on if when.starts_on and when.all_day else to_wall(span.start, zone).date()
    event.starts_at, event.ends_at = span.start, span.end


def ensure_ahead(span: Span, now: datetime, *, field: str) -> None:
    """Refuses InvalidInput for a time that has begun."""
    if span.start <= now:
        raise InvalidInput({field: say("is in the past")})
