"""Working hours: on working days, between two minutes of a local day. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from eventsvc.core.times import instant_at, to_wall
from eventsvc.core.working_days import days_after, is_working_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When somebody works: minutes of the local day in `zone`, the later one no longer; never on `holidays`."""

    zone: str
    from_minute: int = 8 * 60
    until_minute: int = 17 * 60
    holidays: frozenset[date] = field(default_factory=frozenset)

    def works_on(self, day: date) -> bool:
        """True for a working day."""
        return is_working_day(day, self.holidays)

    def works_at(self, instant: datetime) -> bool:
        """True within working hours."""
        wall = to_wall(instant, self.zone)
        return self.works_on(wall.date()) and self.from_minute <= _minute(wall) < self.until_minute

    def opening(self, day: date) -> datetime:
        """When work begins on that local day."""
        return instant_at(day, self.from_minute, self.zone)

    def at(self, day: date, minute: int) -> datetime:
        """That minute of a local day, pulled into working hours."""
        return instant_at(day, min(max(minute, self.from_minute), self.until_minute - 1), self.zone)

    def next_moment(self, instant: datetime) -> datetime:
        """The instant itself within working hours, else when work next begins."""
        if self.works_at(instant):
            return instant
        wall = to_wall(instant, self.zone)
        day = wall.date()
        if not self.works_on(day) or _minute(wall) >= self.until_minute:
            day = days_after(day, 1, self.holidays)
        return self.opening(day)


def on_or_before(day: date, holidays: Collection[date] = ()) -> date:
    """That day where it is a working day, else the last one before."""
    while not is_working_day(day, holidays):
        day -= _DAY
    return day


def before(day: date, holidays: Collection[date] = ()) -> date:
    """The last working day before that day."""
    return on_or_before(day - _DAY, holidays)


def minute_of(instant: datetime, zone: str) -> int:
    """The minute of the local day at which an instant falls."""
    return _minute(to_wall(instant, zone))


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute
