"""Spans and THE ZONE RULE: the only place where wall clocks and instants are turned into one another.

Between doors every instant is an aware UTC datetime. A wall time is a naive datetime beside an IANA zone name.
A wall time that the zone's clock skips (DST gap) is refused; one that it shows twice (fold) must name its side.
RFC 5545 3.3.5 would silently pick one; people who missed a session taught us to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from eventsvc.core.errors import InvalidInput, say

Side = Literal["earlier", "later"]

# fromisoformat reads more: days alone (as midnight), week dates, times without colons. Nobody who promises means these.
_WALL_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?")

_ZERO = timedelta(0)

# An instant that was written may be later than ours by so much and still be right: others' clocks go a little before,
# and ours was read before we waited for a lock. What is further ahead was written before a clock was set back.
AHEAD_OF_US = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time `[start, end)` in aware UTC; touching spans do not overlap."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() != _ZERO or self.end.utcoffset() != _ZERO:
            raise ValueError("a Span is made of aware UTC datetimes")
        if self.end <= self.start:
            raise ValueError("a Span ends after it starts")

    def overlaps(self, other: Span) -> bool:
        """True when the two share at least an instant."""
        return self.start < other.end and other.start < self.end

    def widened(self, *, before_minutes: int = 0, after_minutes: int = 0) -> Span:
        """The span with room before and after, e.g. a room's set-up and take-down."""
        return Span(self.start - timedelta(minutes=before_minutes), self.end + timedelta(minutes=after_minutes))


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_names() -> list[str]:
    """Every IANA zone that names a place ("Area/City"), by name."""
    return sorted(name for name in _zone_names() if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix")))


def is_zone(name: str) -> bool:
    """True for an IANA zone name such as America/Los_Angeles."""
    return name in _zone_names()


@cache
def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name; refuses names that the tz database does not know."""
    if not is_zone(name):
        raise InvalidInput({"zone": say("%(name)r is not an IANA zone such as America/Los_Angeles", name=name)})
    return ZoneInfo(name)


def parse_wall_time(text: str, *, field: str = "starts_local") -> datetime:
    """Read "2027-02-10T14:00" as a naive wall time; seconds may stand there and are dropped.

    Refuses: an offset or a Z, because the campus has the zone; a day without a time, and every other form.
    """
    found = _WALL_TIME.fullmatch(text)
    if found and found["offset"]:
        raise InvalidInput({field: say("is a local time at the campus: leave out the Z or the offset")})
    try:
        wall = datetime.fromisoformat(text) if found else None
    except ValueError:
        wall = None
    if wall is None:
        raise InvalidInput({field: say("%(text)r is not a local time such as 2027-02-10T14:00", text=text)})
    return wall.replace(second=0)


def to_utc(wall: datetime, zone: str, side: Side | None = None, *, field: str = "starts_local") -> datetime:
    """The instant at which a clock in `zone` shows `wall`.

    Refuses a wall time in a gap, and one in a fold without its side; a side given needlessly is ignored.
    """
    info = zone_named(zone)
    earlier = wall.replace(tzinfo=info, fold=0)
    later = wall.replace(tzinfo=info, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC)
    shown = {"wall": f"{wall:%Y-%m-%dT%H:%M}", "zone": zone}
    if earlier.astimezone(UTC).astimezone(info).replace(tzinfo=None) != wall:
        raise InvalidInput({field: say("%(wall)s does not exist in %(zone)s: the clock skips it", **shown)})
    if side is None:
        raise InvalidInput(
            {field: say('%(wall)s comes twice in %(zone)s: say starts_side "earlier" or "later"', **shown)}
        )
    return (earlier if side == "earlier" else later).astimezone(UTC)


def to_wall(instant: datetime, zone: str) -> datetime:
    """What a clock in `zone` shows at the instant, as a naive datetime."""
    return instant.astimezone(zone_named(zone)).replace(tzinfo=None)


def side_of(instant: datetime, zone: str) -> Side | None:
    """Which of two equal wall times this instant is, or None where the wall time comes once."""
    local = instant.astimezone(zone_named(zone))
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return None
    return "later" if local.fold else "earlier"


@lru_cache(maxsize=10_000)
def day_start(day: date, zone: str) -> datetime:
    """The first instant of a local day (after the gap where a zone changes its clock at midnight)."""
    midnight = datetime.combine(day, time())
    info = zone_named(zone)
    instant = midnight.replace(tzinfo=info, fold=0).astimezone(UTC)
    shown = instant.astimezone(info).replace(tzinfo=None)
    if shown.date() < day:  # the gap swallowed midnight: fold=1 lands behind it
        instant = midnight.replace(tzinfo=info, fold=1).astimezone(UTC)
    return instant


def instant_at(day: date, minute: int, zone: str) -> datetime:
    """The instant at which a local day's clock shows that minute (0 to 1440), for what we choose, not what is promised.

    Never refuses: of two equal wall times it is the first, and one that the clock skips is as far behind the gap.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone_named(zone), fold=0).astimezone(UTC)


def days_span(starts_on: date, days: int, zone: str) -> Span:
    """Local midnight to local midnight over whole days, in UTC; 23 or 25 hours where the clock changes."""
    return Span(day_start(starts_on, zone), day_start(starts_on + timedelta(days=days), zone))


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day an instant falls on in a zone."""
    return to_wall(instant, zone).date()


def iso(instant: datetime) -> str:
    """RFC 3339 text in UTC with a Z, seconds precision unless there are fractions."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
