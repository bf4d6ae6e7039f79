"""What a calendar can say, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT. Timed entries have instants in UTC, all-day ones dates with the end exclusive.

    `revised_at` is DTSTAMP and LAST-MODIFIED (RFC 5545 3.8.7.2 without METHOD semantics): it comes from the row,
    never from now, so that unchanged data gives unchanged bytes.
    """

    uid: str
    sequence: int
    created_at: datetime
    revised_at: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    status: Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
    organizer_name: str
    organizer_address: str
    description: str = ""
    location: str = ""
    geo: tuple[float, float] | None = None
    url: str = ""
    conference_url: str = ""
    categories: tuple[str, ...] = ()
    is_transparent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarHead:
    """What a feed says about itself (RFC 7986 5)."""

    name: str
    description: str = ""
    url: str = ""
    source_url: str = ""
    refresh_minutes: int = 60
