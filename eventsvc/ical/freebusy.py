"""Writes free and busy times: one VFREEBUSY (RFC 5545 3.6.4), the same input giving the same bytes.

It says when somebody is taken and nothing else; few calendar programs show it, and planning programs ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from icalendar import FreeBusy, vPeriod

from eventsvc.ical.writer import party


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
    component = FreeBusy()
    component.add("uid", times.uid)
    component.add("dtstamp", times.revised_at)
    component.add("dtstart", times.starts)
    component.add("dtend", times.ends)
    component.add("organizer", party("", times.organizer_address))
    for period in times.periods:
        component.add("freebusy", _period(period))
    return bytes(component.to_ical(sorted=False))


def _period(period: Taken) -> vPeriod:
    value = vPeriod((period.starts_at, period.ends_at))
    # The library says VALUE=PERIOD, which is the only type there is (RFC 5545 3.8.2.6).
    value.params.pop("VALUE", None)
    value.params["FBTYPE"] = "BUSY" if period.is_sure else "BUSY-TENTATIVE"
    return value
