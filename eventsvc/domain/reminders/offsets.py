"""When a reminder is due: an event, a rule, a zone and quiet hours make an instant. Pure.

Source: the wall-clock hour follows `core/times.instant_at`: of two equal wall times the first counts, and one that the
clock skips is as far behind the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from eventsvc.core.times import Span, instant_at, local_day, to_wall
from eventsvc.domain.events.models import Event
from eventsvc.domain.reminders.models import Anchor, Rule

# An all-day event has no hour: minutes are counted from and to these of its own zone, and not from midnight.
ALL_DAY_FROM_MINUTE, ALL_DAY_UNTIL_MINUTE = 9 * 60, 17 * 60
# Quiet hours may put a reminder off until so long before the start; else it goes out before they begin.
LEAST_NOTICE = timedelta(minutes=60)

Shift = Literal["", "later", "earlier"]
_DAY, _MINUTE, _INSTANT = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours as minutes of a local day, the later one no longer; over midnight where they begin after they end."""

    from_minute: int
    until_minute: int

    def around(self, instant: datetime, zone: str) -> Span | None:
        """The quiet stretch in which an instant falls, or None."""
        if self.from_minute == self.until_minute:
            return None
        today = to_wall(instant, zone).date()
        for first in (today - _DAY, today):
            last = first + _DAY if self.until_minute < self.from_minute else first
            start, end = instant_at(first, self.from_minute, zone), instant_at(last, self.until_minute, zone)
            if start <= instant < end:
                return Span(start, end)
        return None


def begins_at(event: Event) -> datetime:
    """The instant from which minutes before the start are counted, and from which on nobody is reminded of it."""
    if not event.all_day:
        return event.starts_at
    return instant_at(event.starts_on, ALL_DAY_FROM_MINUTE, event.zone)


def closes_at(event: Event) -> datetime:
    """The instant from which minutes after the end are counted."""
    if not event.all_day:
        return event.ends_at
    return instant_at(_last_day(event), ALL_DAY_UNTIL_MINUTE, event.zone)


def instant_of(rule: Rule, event: Event, zone: str) -> datetime:
    """When a reader in that zone is to be reminded, quiet hours apart."""
    if rule.minutes is not None:
        away = timedelta(minutes=rule.minutes)
        return begins_at(event) - away if rule.anchor is Anchor.START else closes_at(event) + away
    assert rule.days is not None
    assert rule.at_minute is not None
    if rule.anchor is Anchor.START:
        day = event.starts_on if event.all_day else local_day(event.starts_at, zone)
        return instant_at(day - rule.days * _DAY, rule.at_minute, zone)
    day = _last_day(event) if event.all_day else local_day(event.ends_at - _INSTANT, zone)
    return instant_at(day + rule.days * _DAY, rule.at_minute, zone)


def out_of_quiet(nominal: datetime, quiet: Quiet, zone: str, *, begins: datetime | None) -> tuple[datetime, Shift]:
    """The instant itself, the end of the quiet hours it falls in, or the minute before they begin.

    The last where their end is later than an hour before the event `begins`; None there: nothing is too late.
    """
    stretch = quiet.around(nominal, zone)
    if stretch is None:
        return nominal, ""
    if begins is None or stretch.end <= begins - LEAST_NOTICE:
        return stretch.end, "later"
    return stretch.start - _MINUTE, "earlier"


def _last_day(event: Event) -> date:
    return event.starts_on + (event.days - 1) * _DAY
