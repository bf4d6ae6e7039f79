"""What a board says of each stretch of time; a drawing says no more than these words do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext

from eventsvc.core.times import Span, zone_named
from eventsvc.domain.booking.blocks import BlockKind
from eventsvc.domain.booking.diary import Blocked, Booked
from eventsvc.domain.booking.journeys import Leg, LegKind
from eventsvc.domain.booking.models import State
from eventsvc.domain.booking.stretches import Part, Stretch
from eventsvc.domain.directory.models import Campus
from eventsvc.interfaces.web import words
from eventsvc.workflows.show_board import Holder

PARTS = {
    Part.PRESENCE: lazy_gettext("Taken"),
    Part.SETUP: lazy_gettext("Set-up"),
    Part.TAKEDOWN: lazy_gettext("Take-down"),
    Part.LEAD: lazy_gettext("There early"),
    Part.WAY: lazy_gettext("On the way"),
    Part.SOFT: lazy_gettext("Would step in if needed; may be booked"),
    Part.PART_TAKEN: lazy_gettext("A part is taken"),
    Part.TOO_FEW: lazy_gettext("Too few are free"),
    Part.LEAVE: lazy_gettext("Away"),
    Part.BUSY_ELSEWHERE: lazy_gettext("Taken in another calendar"),
    Part.HOLIDAY: lazy_gettext("Holiday"),
    Part.FINALS: lazy_gettext("Finals week"),
    Part.BLACKOUT: lazy_gettext("Cannot be booked"),
    Part.CLOSED: lazy_gettext("Closed"),
    Part.FREE: lazy_gettext("Free"),
}
_LEGS = {
    LegKind.FROM_HOME: lazy_gettext("On the way from %(origin)s (home) to %(destination)s: %(minutes)s"),
    LegKind.BETWEEN: lazy_gettext("On the way from %(origin)s to %(destination)s: %(minutes)s"),
    LegKind.TO_HOME: lazy_gettext("On the way from %(origin)s to %(destination)s (home): %(minutes)s"),
}
_ANY = "any-event"


def legend_of(drawn: set[str]) -> list[tuple[str, str]]:
    """What the looks mean, of those that are on the page."""
    return [(str(part), str(said)) for part, said in PARTS.items() if str(part) in drawn]


class Words:
    """The words of one answer: in its language, by one zone's clock, and as far as the asker may know."""

    def __init__(self, zone: str, holders: Mapping[int, Holder], *, for_planner: bool) -> None:
        self.zone, self._holders, self._for_planner = zone, holders, for_planner
        self._parts = {part: str(said) for part, said in PARTS.items()}
        self._page_of_any = url_for("pages.event", event_id=_ANY)
        # A week says the same few hours and words thousands of times, and both the catalogue and Babel are slow.
        self._clock: dict[tuple[int, int], str] = {}
        self._all_day, self._unconfirmed = str(gettext("all day")), str(gettext("Not confirmed yet"))
        self._until, self._from = str(gettext("until %(time)s")), str(gettext("from %(time)s"))
        self._with_setup = str(gettext("%(hours)s with set-up"))

    def holder(self, one: Stretch) -> Holder | None:
        """The event that holds a stretch, if the asker may see it."""
        return self._holders.get(one.row.event_id) if one.row and one.row.event_id is not None else None

    def url(self, one: Stretch) -> str:
        """Where the event of a presence has its page, or nothing."""
        holder = self.holder(one) if one.part is Part.PRESENCE else None
        return self._page_of_any.replace(_ANY, holder.public_id) if holder else ""

    def label(self, one: Stretch) -> str:
        """What the stretch is: a title, or a word for its kind."""
        if one.part is Part.PRESENCE:
            return self._presence(one)
        if one.block is not None:
            return self.block(one.block)
        if one.part is Part.SOFT and (holder := self.holder(one)):
            return str(gettext("Would step in if needed: %(title)s", title=holder.title))
        return self._parts[one.part]

    def _presence(self, one: Stretch) -> str:
        if holder := self.holder(one):
            return holder.title
        if self._for_planner and one.row and one.row.hold_id is not None:
            return str(gettext("On hold"))
        return self._parts[Part.PRESENCE]

    def block(self, block: Blocked) -> str:
        """What blocks; what other calendars call it is for planners."""
        said = self._parts[Part(block.kind)]
        is_foreign = block.as_of is not None or block.kind is BlockKind.BUSY_ELSEWHERE
        if not block.title or (is_foreign and not self._for_planner):
            return said
        if block.kind is BlockKind.BLACKOUT:
            return block.title
        return str(gettext("%(kind)s: %(title)s", kind=said, title=block.title))

    def hours(self, one: Stretch, day: Span) -> str:
        """The hours of a stretch as they are on one local day: what reaches beyond it says from or until when."""
        starts_at, ends_at = _uncut(one, day)
        is_ours = one.row is not None  # midnight is an hour to begin or end at, where somebody chose it
        if starts_at <= day.start and ends_at >= day.end:
            return self._all_day
        if starts_at < day.start or (starts_at == day.start and not is_ours):
            return self._until % {"time": self._time(ends_at)}
        if ends_at > day.end or (ends_at == day.end and not is_ours):
            return self._from % {"time": self._time(starts_at)}
        return f"{self._time(starts_at)} – {self._time(ends_at)}"

    def _time(self, moment: datetime) -> str:
        wall = moment.astimezone(zone_named(self.zone))
        key = (wall.hour, wall.minute)
        if key not in self._clock:
            self._clock[key] = words.clock_time(moment, self.zone)
        return self._clock[key]

    def note(self, one: Stretch) -> str:
        """What else a planner must know of it: not confirmed, until when on hold, what lies against it, how old."""
        if not self._for_planner:
            return ""
        notes = []
        if one.row is not None and one.part is not Part.PRESENCE:
            return ""  # said of the presence
        if one.row is not None and one.row.state is State.HELD:
            notes.append(self._held(one.row))
        if one.against is not None:
            notes.append(str(gettext("Stands against it: %(block)s", block=self.block(one.against))))
        if one.block is not None and one.block.as_of is not None:
            known = words.instant(one.block.as_of, self.zone)
            notes.append(str(gettext("We last read that calendar %(moment)s.", moment=known)))
        return " · ".join(notes)

    def _held(self, row: Booked) -> str:
        if row.hold_id is None or row.hold_until is None:
            return self._unconfirmed
        return str(gettext("held until %(moment)s", moment=words.instant(row.hold_until, self.zone)))

    def taken_from(self, row: Booked, name: str) -> str:
        """What a booking of somebody takes from the office that counts on them softly."""
        facts = {"name": name, "hours": f"{self._time(row.starts_at)} – {self._time(row.ends_at)}"}
        if row.event_id is not None and (holder := self._holders.get(row.event_id)):
            said = gettext(
                "%(name)s would step in at “%(title)s” then (%(hours)s), if needed. Once booked here, no longer: that "
                "office is told.",
                title=holder.title,
                **facts,
            )
            return str(said)
        said = gettext(
            "%(name)s would step in elsewhere then (%(hours)s), if needed. Once booked here, no longer: that office is "
            "told.",
            **facts,
        )
        return str(said)

    def around(self, one: Stretch) -> str:
        """The hours of a presence with set-up and take-down, for boards that name them with it."""
        row = one.row
        if row is None or (row.busy_from == row.starts_at and row.ends_at == row.busy_until):
            return ""
        return self._with_setup % {"hours": f"{self._time(row.busy_from)} – {self._time(row.busy_until)}"}

    def leg(self, leg: Leg, places: Mapping[int, Campus]) -> str:
        """A way in words: from where to where, how long, and whether that is an estimate or too long."""
        origin, destination = places[leg.origin_id].name, places[leg.destination_id].name
        minutes = words.minutes(leg.way.minutes)
        if leg.way.is_estimate:
            minutes = str(gettext("about %(minutes)s, an estimate by distance", minutes=minutes))
        facts = {"origin": origin, "destination": destination, "minutes": minutes}
        said = str(_LEGS[leg.kind]) % facts
        return said if leg.is_in_time else f"{said}. {gettext('There is not enough time for it.')}"


def _uncut(one: Stretch, day: Span) -> tuple[datetime, datetime]:
    """From when until when it really is, where the board cuts it at midnight."""
    if one.leg is not None:
        return one.leg.starts_at, one.leg.ends_at
    whole = one.row if one.row is not None and one.part is Part.PRESENCE else one.block or one
    starts_at = whole.starts_at if one.starts_at <= day.start else one.starts_at
    return starts_at, whole.ends_at if one.ends_at >= day.end else one.ends_at
