"""A small picture of a clash: what is wanted and what is in the way, as bars over the same stretch of time.

Each bar says its hours in words; the drawing beside them is for the eye only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext

from eventsvc.core.times import Span, local_day
from eventsvc.interfaces.web import words

# Room to breathe at both ends, as a part of the whole stretch.
MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it is, its hours in words, and where it lies, in hundredths of the picture."""

    kind: str
    label: str
    hours: str
    start: float
    width: float


def bars(clash: Mapping[str, Any]) -> list[Bar]:
    """The rows of a clash with something at another time; nothing for a limit or a room that is too small."""
    if clash["busy"] is None:
        return []
    zone, wanted, busy = clash["busy"]["zone"], _span(clash["wanted"]), _span(clash["busy"])
    rows = [("busy", gettext("Taken"), busy), ("wanted", gettext("You want"), wanted)]
    if "travel_minutes" in clash:
        rows.insert(1, ("way", gettext("On the way"), _way(wanted, busy, clash["travel_minutes"])))
    starts, ends = min(span.start for _, _, span in rows), max(span.end for _, _, span in rows)
    margin = (ends - starts) * MARGIN
    first, whole = starts - margin, ends - starts + 2 * margin
    return [
        Bar(kind, str(label), _hours(span, zone), _part(span.start - first, whole), _part(span.end - span.start, whole))
        for kind, label, span in sorted(rows, key=lambda row: row[2].start)
    ]


def _way(wanted: Span, busy: Span, travel_minutes: int) -> Span:
    way = timedelta(minutes=travel_minutes)
    return Span(busy.end, busy.end + way) if busy.start < wanted.start else Span(busy.start - way, busy.start)


def _part(length: timedelta, whole: timedelta) -> float:
    return round(100 * (length / whole), 2)


def _hours(span: Span, zone: str) -> str:
    first, last = local_day(span.start, zone), local_day(span.end - timedelta.resolution, zone)
    if first != last:
        return words.days(first, last)
    start, end = words.clock_time(span.start, zone), words.clock_time(span.end, zone)
    return str(gettext("%(start)s to %(end)s", start=start, end=end))


def _span(facts: Mapping[str, str]) -> Span:
    return Span(datetime.fromisoformat(facts["from"]), datetime.fromisoformat(facts["until"]))
