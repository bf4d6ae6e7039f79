"""Writes free and busy times: one VFREEBUSY (RFC 5545 3.6.4), the same input giving the same bytes.

It says when somebody is taken and nothing else; few calendar programs show it, and planning programs ask for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.ical.content_lines import component, instant, line


@dataclass(frozen=True, slots=True)
class Taken:
    """A period that is taken, surely or perhaps; instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeBusyTimes:
    """One VFREEBUSY; `periods` in order, none over another. `revised_at` comes from the row, never from now."""

    uid: str
    revised_at: datetime
    starts: datetime
    ends: datetime
    organizer_address: str
    periods: Sequence[Taken]


def write_free_busy(times: FreeBusyTimes) -> bytes:
    """The component, from BEGIN to the last line break; ORGANIZER stands in it since RFC 5546 3.3.1 asks for one."""
    return component("VFREEBUSY", _lines(times))


def _lines(times: FreeBusyTimes) -> Iterator[bytes]:
    yield line("UID", times.uid)
    yield line("DTSTAMP", instant(times.revised_at))
    yield line("DTSTART", instant(times.starts))
    yield line("DTEND", instant(times.ends))
    yield line("ORGANIZER", f"mailto:{times.organizer_address}")
    for period in times.periods:
        kind = "BUSY" if period.is_sure else "BUSY-TENTATIVE"
        yield line("FREEBUSY", f"{instant(period.starts_at)}/{instant(period.ends_at)}", FBTYPE=kind)
