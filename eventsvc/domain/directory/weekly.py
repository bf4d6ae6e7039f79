"""Weekly hours as people write them: "Mon-Fri 08:00-12:00, 13:00-17:00; Sat 09:00-13:00"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory.models import Hours

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_END_OF_DAY = 1440
_DASH = r"\s*[-–]\s*"
_DAY_RANGE = re.compile(rf"([a-z]+)(?:{_DASH}([a-z]+))?")
_TIME_RANGE = re.compile(rf"([0-9]{{1,2}}):([0-9]{{2}}){_DASH}([0-9]{{1,2}}):([0-9]{{2}})")
ALWAYS: Hours = [(day, 0, _END_OF_DAY) for day in range(7)]


def parse_hours(text: str, *, field: str = "hours") -> Hours:
    """The windows that a text names, in the order of the week; "always" is every minute of it.

    Days are Mon to Sun or whole English names, alone, as "Mon-Fri" or "Mon, Wed"; times are 08:00-17:00, up to 24:00.
    Windows that meet become one. Refuses: InvalidInput for anything else, and a window that ends before it begins.
    """
    if text.strip().casefold() == "always":
        return list(ALWAYS)
    windows = [window for part in text.split(";") if part.strip() for window in _part(part, field)]
    if not windows:
        raise _unreadable(text, field)
    return _joined(sorted(windows))


def hours_text(hours: Hours | None) -> str:
    """The same in one line, days with equal windows together: "Mon-Fri 08:00-17:00; Sat 09:00-13:00"."""
    by_day = [
        ", ".join(f"{_clock(opens)}-{_clock(closes)}" for weekday, opens, closes in hours or () if weekday == day)
        for day in range(7)
    ]
    runs: list[tuple[int, int]] = []
    for day, windows in enumerate(by_day):
        if runs and by_day[runs[-1][1]] == windows:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return "; ".join(f"{_days(first, last)} {by_day[first]}" for first, last in runs if by_day[first])


def _days(first: int, last: int) -> str:
    names = [_NAMES[day][:3] for day in sorted({first, last})]
    return "-".join(names)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _part(part: str, field: str) -> Iterator[tuple[int, int, int]]:
    """Every window of one part: its days times its times."""
    found = re.fullmatch(r"\s*([^0-9]+?)\s+([0-9].*?)\s*", part)
    if found is None:
        raise _unreadable(part, field)
    times = [_window(piece, part, field) for piece in found[2].split(",")]
    for piece in found[1].casefold().split(","):
        yield from ((day, *window) for day in _weekdays(piece.strip(), part, field) for window in times)


def _weekdays(piece: str, part: str, field: str) -> list[int]:
    found = _DAY_RANGE.fullmatch(piece)
    if found is None:
        raise _unreadable(part, field)
    first = _weekday(found[1], part, field)
    last = _weekday(found[2], part, field) if found[2] else first
    return [(first + number) % 7 for number in range((last - first) % 7 + 1)]


def _weekday(word: str, part: str, field: str) -> int:
    for day, name in enumerate(_NAMES):
        if len(word) >= 3 and name.casefold().startswith(word):
            return day
    raise _unreadable(part, field)


def _window(piece: str, part: str, field: str) -> tuple[int, int]:
    found = _TIME_RANGE.fullmatch(piece.strip())
    if found is None or int(found[2]) > 59 or int(found[4]) > 59:
        raise _unreadable(part, field)
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not opens < closes <= _END_OF_DAY:
        raise InvalidInput({field: say("%(piece)s ends before it begins, or after 24:00", piece=piece.strip())})
    return opens, closes


def _joined(windows: list[tuple[int, int, int]]) -> Hours:
    joined: Hours = []
    for day, opens, closes in windows:
        if joined and joined[-1][0] == day and opens <= joined[-1][2]:
            joined[-1] = (day, joined[-1][1], max(joined[-1][2], closes))
        else:
            joined.append((day, opens, closes))
    return joined


def _unreadable(text: str, field: str) -> InvalidInput:
    reason = say('%(text)r is not of the form "Mon-Fri 08:00-17:00; Sat 09:00-13:00"', text=text.strip()[:100])
    return InvalidInput({field: reason})
