"""The lines of the engagement register: askings and events added up; nothing is guessed, nothing is read here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from eventsvc.domain.attendance.models import Standing
from eventsvc.domain.reports.periods import By, period_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A college asked a partner for people: by a request (`request_id`), or for an event that was planned at once."""

    partner_id: int
    college_id: int
    asked_on: date
    answered_after: int | None  # working days; None: not answered
    event_id: int | None = None
    request_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """An event that took place at a college, and at which people of a partner spoke."""

    partner_id: int
    college_id: int
    event_id: int
    held_on: date
    standing: Standing
    heads: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The numbers of a line. Served is counted, awaited and missing together."""

    asked: int
    answered: int
    median_days: float | None
    served: int
    reached: int
    counted: int
    awaited: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one partner and one college did together in one period."""

    first: date
    last: date
    partner_id: int
    college_id: int
    sums: Sums


def lines_of(askings: Iterable[Asking], servings: Iterable[Serving], *, by: By, first: date, last: date) -> list[Line]:
    """One line for each period, partner and college where there was anything, by period."""
    found: defaultdict[tuple[date, date, int, int], tuple[list[Asking], list[Serving]]]
    found = defaultdict(lambda: ([], []))
    for asking in askings:
        found[*period_of(asking.asked_on, by, first, last), asking.partner_id, asking.college_id][0].append(asking)
    for serving in servings:
        found[*period_of(serving.held_on, by, first, last), serving.partner_id, serving.college_id][1].append(serving)
    return [
        Line(first=begins, last=ends, partner_id=partner, college_id=college, sums=sums_of(*theirs))
        for (begins, ends, partner, college), theirs in sorted(found.items(), key=lambda item: item[0])
    ]


def sums_of(askings: Sequence[Asking], servings: Sequence[Serving]) -> Sums:
    """All together. An event with people of two partners stands in both their lines, and once in what is together."""
    days = [one.answered_after for one in askings if one.answered_after is not None]
    events = list({one.event_id: one for one in servings}.values())
    stands = [one.standing for one in events]
    return Sums(
        asked=len(askings),
        answered=len(days),
        median_days=float(median(days)) if days else None,
        served=len(events),
        reached=sum(one.heads or 0 for one in events),
        counted=stands.count(Standing.COUNTED),
        awaited=stands.count(Standing.AWAITED),
        missing=stands.count(Standing.MISSING),
    )
