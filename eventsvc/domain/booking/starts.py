"""Other starts for a wish: within two weeks on either side, while the place is open or at hours people keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from eventsvc.core.errors import InvalidInput
from eventsvc.core.times import Span, day_start, days_span, to_utc, to_wall
from eventsvc.domain.booking import closeness
from eventsvc.domain.directory.models import Hours

DAYS = 14
STEP_MINUTES = 15
# Free is not the same as reasonable: where no hours are known, nobody would come to a session at night.
REASONABLE = (8 * 60, 21 * 60)


@dataclass(frozen=True, slots=True)
class Start:
    """A time at which it could be instead: so many days and, on the clock, so many minutes from the wished one."""

    span: Span
    local: datetime
    days: int
    minutes: int
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Whose clock the wish is told by, and between which moments another start may lie."""

    zone: str
    hours: Hours | None
    now: datetime
    not_before: date | None = None


def around(span: Span, clock: Clock, *, all_day: bool) -> list[Start]:
    """Every start to look at, in order of time, the wished one included; a wall time that is skipped is left out."""
    wished = to_wall(span.start, clock.zone)
    found = _days(span, wished, clock) if all_day else _times(span, wished, clock)
    allowed = (start for start in found if start.span.start > clock.now)
    return sorted(allowed, key=lambda start: start.span)


def _dates(wished: datetime, clock: Clock) -> Iterator[tuple[int, date]]:
    for days in range(-DAYS, DAYS + 1):
        day = wished.date() + timedelta(days=days)
        if clock.not_before is None or day >= clock.not_before:
            yield days, day


def _days(span: Span, wished: datetime, clock: Clock) -> Iterator[Start]:
    length = (to_wall(span.end, clock.zone).date() - wished.date()).days
    for days, day in _dates(wished, clock):
        local = datetime.combine(day, time())
        yield Start(days_span(day, length, clock.zone), local, days, 0, _points(days, 0, wished, local))


def _times(span: Span, wished: datetime, clock: Clock) -> Iterator[Start]:
    length = span.end - span.start
    same = wished.hour * 60 + wished.minute
    for days, day in _dates(wished, clock):
        instants = _instants(day, clock.zone)
        for minute in _minutes(day, wished, length, clock.hours):
            local = datetime.combine(day, time()) + timedelta(minutes=minute)
            start = span.start if days == 0 and minute == same else instants(local)
            if start is not None:
                points = _points(days, minute - same, wished, local)
                yield Start(Span(start, start + length), local, days, minute - same, points)


def _instants(day: date, zone: str) -> Callable[[datetime], datetime | None]:
    """Turns wall times of a day into instants; None where the clock skips one."""
    midnight, next_midnight = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    if next_midnight - midnight != timedelta(days=1):
        return lambda local: _instant(local, zone)
    # The clock is not changed on that day, so the same hours lie between all of its times and their instants.
    start = datetime.combine(day, time())
    return lambda local: midnight + (local - start)


def _instant(local: datetime, zone: str) -> datetime | None:
    try:
        return to_utc(local, zone, "earlier")
    except InvalidInput:
        return None


def _minutes(day: date, wished: datetime, length: timedelta, weekly: Hours | None) -> list[int]:
    """The minutes of the day at which it could start: quarters of an hour, and the wished minute."""
    same, lasts = wished.hour * 60 + wished.minute, length // timedelta(minutes=1)
    windows: Sequence[tuple[int, int]] = [REASONABLE]
    if weekly:
        windows = [(opens, closes) for weekday, opens, closes in weekly if weekday == day.weekday()]
    minutes = {minute for opens, closes in windows for minute in _quarters(opens, closes - lasts)}
    if not weekly or any(opens <= same <= closes - lasts for opens, closes in windows) or day == wished.date():
        minutes.add(same)
    return sorted(minutes)


def _quarters(first: int, last: int) -> range:
    return range(-(-first // STEP_MINUTES) * STEP_MINUTES, min(last, 24 * 60 - 1) + 1, STEP_MINUTES)


def _points(days: int, minutes: int, wished: datetime, local: datetime) -> float:
    is_other = (wished.weekday() < 5) != (local.weekday() < 5)
    return closeness.of_time(days, minutes, is_other_kind_of_day=is_other)
