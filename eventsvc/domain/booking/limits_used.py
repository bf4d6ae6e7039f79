"""How much of what was agreed with somebody is used up, by the counting of `conflicts`."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from eventsvc.core.times import days_span, local_day
from eventsvc.domain.booking.conflicts import limits_of, travel_of_day
from eventsvc.domain.booking.diary import Diary
from eventsvc.domain.directory.models import Expert


class Use(NamedTuple):
    """So many of so many per day, week or month that begins on the local day `first`; per travel, minutes in a day."""

    per: str
    first: date
    used: int
    most: int


def on(day: date, expert: Expert, resource_id: int, diary: Diary) -> list[Use]:
    """What is used of each limit in the day, the ISO week and the month around a local day; the diary spans them."""
    uses = []
    for per, period, most in limits_of(expert, days_span(day, 1, expert.zone)):
        rows = [row for row in diary.booked(resource_id) if period.start <= row.starts_at < period.end]
        used = travel_of_day(expert, [row.place_id for row in rows], diary) if per == "travel" else len(rows)
        uses.append(Use(per, local_day(period.start, expert.zone), used, most))
    return uses
