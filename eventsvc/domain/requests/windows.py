"""Windows of a request: what may be wished, and every start that lies within one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Span, day_start, to_utc
from eventsvc.domain.events.schedule import YEARS, out_of_years
from eventsvc.domain.requests.models import Window

MOST = 3
LONGEST_DAYS = 366
LONGEST_MINUTES = 12 * 60
STEP_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWindow:
    """Local days from and until, both counting, hours as minutes of the day, and days of the week (Monday is 0)."""

    first_on: date
    last_on: date
    from_minute: int = 9 * 60
    until_minute: int = 17 * 60
    weekdays: tuple[int, ...] = ()


def ensure_length(minutes: int) -> None:
    """Refuses InvalidInput: what is asked for or offered lasts a minute at least, and half a day at most."""
    if not 1 <= minutes <= LONGEST_MINUTES:
        reason = say("must be between %(low)s and %(high)s", low=1, high=LONGEST_MINUTES)
        raise InvalidInput({"duration_minutes": reason})


def ensure_possible(windows: Sequence[SaidWindow], *, minutes: int, today: date) -> None:
    """Refuses InvalidInput naming each window in which no event of that length could lie, from today on."""
    if not 1 <= len(windows) <= MOST:
        raise InvalidInput({"windows": say("name between %(low)s and %(high)s windows", low=1, high=MOST)})
    errors = {
        f"windows[{number}].{field}": reason
        for number, window in enumerate(windows)
        if (found := _reason_against(window, minutes, today)) is not None
        for field, reason in [found]
    }
    if errors:
        raise InvalidInput(errors)


def _reason_against(window: SaidWindow, minutes: int, today: date) -> tuple[str, str] | None:
    if window.first_on.year not in YEARS or window.last_on.year not in YEARS:
        return "first_on", out_of_years()
    if window.last_on < window.first_on:
        return "last_on", say("lies before the first day")
    if window.last_on < today:
        return "last_on", say("is in the past")
    if (window.last_on - window.first_on).days >= LONGEST_DAYS:
        return "last_on", say("is more than a year after the first day")
    if not 0 <= window.from_minute < window.until_minute <= 24 * 60:
        return "until", say("is not later than the hour before it")
    if window.until_minute - window.from_minute < minutes:
        return "until", say("leaves too little time: the event takes %(minutes)s minutes", minutes=minutes)
    if not any(True for _ in days_of(window, not_before=today)):
        return "weekdays", say("leave no day of the window")
    return None


def days_of(window: SaidWindow | Window, *, not_before: date) -> Iterator[date]:
    """Its days from a day on, in order."""
    day = max(window.first_on, not_before)
    while day <= window.last_on:
        if not window.weekdays or day.weekday() in window.weekdays:
            yield day
        day += timedelta(days=1)


def spans_of_day(window: Window, day: date, *, minutes: int, zone: str) -> Iterator[Span]:
    """Each span of that length on that day, at every half hour of the window; a time that a clock skips is left out."""
    midnight, tomorrow = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    is_plain = tomorrow - midnight == timedelta(days=1)
    length = timedelta(minutes=minutes)
    for minute in range(window.from_minute, window.until_minute - minutes + 1, STEP_MINUTES):
        start = midnight + timedelta(minutes=minute) if is_plain else _instant(day, minute, zone)
        if start is not None:
            yield Span(start, start + length)


def _instant(day: date, minute: int, zone: str) -> datetime | None:
    try:
        return to_utc(datetime.combine(day, time()) + timedelta(minutes=minute), zone, "earlier")
    except InvalidInput:
        return None


def reach(window: Window, zone: str) -> Span:
    """From the beginning of its first day to the end of its last."""
    return Span(day_start(window.first_on, zone), day_start(window.last_on + timedelta(days=1), zone))


def holding(windows: Sequence[Window], span: Span, zone: str) -> Window | None:
    """The window, wished most, in which that time lies whole, or None."""
    return next((one for one in windows if _holds(one, span, zone)), None)


def _holds(window: Window, span: Span, zone: str) -> bool:
    for day in days_of(window, not_before=date.min):
        opens, closes = _instant(day, window.from_minute, zone), _closes(day, window.until_minute, zone)
        if opens is not None and opens <= span.start and span.end <= closes:
            return True
    return False


def _closes(day: date, minute: int, zone: str) -> datetime:
    if minute == 24 * 60:
        return day_start(day + timedelta(days=1), zone)
    return _instant(day, minute, zone) or day_start(day, zone) + timedelta(minutes=minute)
