"""What a calendar can say, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT. Timed entries have instants in UTC, all-day ones dates with the end exclusive.

    `revised_at` is DTSTAMP and LAST-MODIFIED (RFC 5545 3.8.7.2 without METHOD semantics): it comes from the row,
    never from now, so that unchanged data gives unchanged bytes. `color` is a name of CSS3 (RFC 7986 5.9). `series_uid`
    is the same for all dates of a series; nothing with that UID is published. Without `organizer_address` nobody is
    named as ORGANIZER.
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
    color: str = ""
    series_uid: str = ""
    is_transparent: bool = False
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarHead:
    """What a feed says about itself (RFC 7986 5)."""

    name: str
    description: str = ""
    url: str = ""
    source_url: str = ""
    color: str = ""
    refresh_hours: int = 1
