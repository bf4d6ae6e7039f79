"""Weekly windows: when something is open, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from eventsvc.core.times import Span, local_day, zone_named

Window = Sequence[int]  # weekday, from, until: see directory.models.Hours


def open_spans(hours: Iterable[Window], zone: str, around: Span) -> list[Span]:
    """When it is open on every local day that `around` touches, in order; windows that meet are one span.

    A window that begins or ends in a DST gap does so when the clock has skipped it, one in a fold at its first pass.
    """
    first, last = local_day(around.start, zone), local_day(around.end, zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    wanted = sorted(
        (_instant(day, opens, zone), _instant(day, closes, zone))
        for day in days
        for weekday, opens, closes in hours
        if weekday == day.weekday()
    )
    return _joined(wanted)


def covers(spans: Iterable[Span], wanted: Span) -> bool:
    """True when one of the spans holds the wanted one whole."""
    return any(span.start <= wanted.start and wanted.end <= span.end for span in spans)


def of_day(hours: Iterable[Window], day: date) -> list[tuple[str, str]]:
    """The windows of a local day as clock times: [("08:00", "17:30")]."""
    return [(clock_text(opens), clock_text(closes)) for weekday, opens, closes in hours if weekday == day.weekday()]


def clock_text(minutes: int) -> str:
    """Minutes of the day as "17:30"; the end of the day is "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@lru_cache(maxsize=10_000)  # boards and the doctor ask the same few hours of a day for every room
def _instant(day: date, minutes: int, zone: str) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone_named(zone)).astimezone(UTC)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        elif start < end:
            joined.append(Span(start, end))
    return joined
