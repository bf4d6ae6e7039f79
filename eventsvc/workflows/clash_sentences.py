"""Each kind of clash in one sentence, as JSON, letters and the command line say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from eventsvc.core.errors import say
from eventsvc.core.times import Span, to_wall
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.directory.models import Campus

WEEKDAYS = [say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun")]
_MONTHS = [
    *(say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun")),
    *(say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec")),
]


def sentence(clash: Clash, zone: str, place: Campus | None) -> str:
    """The clash in words, by the clock of `zone`; `place` is None where the asker may not know it."""
    facts = {"name": _name(clash), **dict(clash.facts)}
    if clash.busy is not None:
        facts["busy"] = hours(clash.busy, zone)
    return _SENTENCES[clash.kind](clash, facts, zone, place)


def _name(clash: Clash) -> str:
    if clash.part is None:
        return clash.thing.name
    return say("%(part)s of %(hall)s", part=clash.part.name, hall=clash.thing.name)


def hours(span: Span, zone: str) -> str:
    """ "Mon Feb 8, 2027, 12:30–14:00", so that another language can put it in its own order."""
    begins, ends = to_wall(span.start, zone), to_wall(span.end, zone)
    if begins.date() != ends.date():
        return say("%(begins)s to %(ends)s", begins=_moment(begins), ends=_moment(ends))
    return say("%(moment)s–%(ends)s", moment=_moment(begins), ends=f"{ends:%H:%M}")


def day_in_words(wall: date) -> str:
    """ "Mon Feb 8, 2027"."""
    return say(
        "%(weekday)s %(month)s %(day)s, %(year)s",
        weekday=WEEKDAYS[wall.weekday()],
        month=_MONTHS[wall.month - 1],
        day=wall.day,
        year=wall.year,
    )


def _moment(wall: Any) -> str:
    return say(
        "%(weekday)s %(month)s %(day)s, %(year)s, %(time)s",
        weekday=WEEKDAYS[wall.weekday()],
        month=_MONTHS[wall.month - 1],
        day=wall.day,
        year=wall.year,
        time=f"{wall:%H:%M}",
    )


Facts = Mapping[str, Any]


def _overlap(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    if "free" in facts:
        return say("%(name)s: %(free)s of %(quantity)s are free then; asked for: %(asked)s.", **facts)
    if clash.hold_id is not None:
        return say("%(name)s is on hold for somebody else %(busy)s.", **facts)
    return say("%(name)s is taken %(busy)s.", **facts)


def _travel(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    where = place.name if place else say("another place")
    if "is_estimate" in facts:
        message = say(
            "%(name)s is at %(place)s %(busy)s; the way takes about %(travel_minutes)s minutes (an estimate by "
            "distance) and %(gap_minutes)s are left."
        )
    else:
        message = say(
            "%(name)s is at %(place)s %(busy)s; the way takes %(travel_minutes)s minutes and %(gap_minutes)s are left."
        )
    return say(message, **{**facts, "place": where})


_CLOSED = {
    "holiday": say("%(name)s cannot be had %(busy)s: holiday, %(title)s."),
    "finals": say("%(name)s cannot be had %(busy)s: finals week, %(title)s."),
    "blackout": say("%(name)s cannot be had %(busy)s: %(title)s."),
}
_CLOSED_WITHOUT_TITLE = {
    "holiday": say("%(name)s cannot be had %(busy)s: holiday."),
    "finals": say("%(name)s cannot be had %(busy)s: finals week."),
    "blackout": say("%(name)s cannot be had %(busy)s."),
}


def _closed(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    if facts["because"] != "hours":
        message = (_CLOSED if facts["title"] else _CLOSED_WITHOUT_TITLE)[facts["because"]]
        closed = say(message, **facts)
        if facts["as_of"] is None:
            return closed
        as_of = _moment(to_wall(facts["as_of"], zone))
        return say("%(closed)s So the campus's own calendar said on %(as_of)s.", closed=closed, as_of=as_of)
    weekday = WEEKDAYS[facts["weekday"]]
    if not facts["hours"]:
        return say("%(name)s is closed on that day (%(weekday)s).", name=facts["name"], weekday=weekday)
    windows = ", ".join(f"{opens}–{closes}" for opens, closes in facts["hours"])
    return say(
        "%(name)s is open %(windows)s on that day (%(weekday)s).", name=facts["name"], windows=windows, weekday=weekday
    )


def _leave(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    return say("%(name)s is away %(busy)s.", **facts)


def _busy_elsewhere(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    if facts["as_of"] is None:
        return say("%(name)s is taken in another calendar %(busy)s.", **facts)
    as_of = _moment(to_wall(facts["as_of"], zone))
    return say(
        "%(name)s is taken in another calendar %(busy)s, as we knew it on %(as_of)s.", **{**facts, "as_of": as_of}
    )


_LIMITS = {
    "day": say("%(name)s comes at most %(limit)s times a day and is booked %(booked)s."),
    "week": say("%(name)s comes at most %(limit)s times a week and is booked %(booked)s."),
    "month": say("%(name)s comes at most %(limit)s times a month and is booked %(booked)s."),
    "travel": say("%(name)s travels at most %(limit)s minutes a day; with this it would be %(travel_minutes)s."),
}


def _limit(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    message = _LIMITS[facts["per"]]
    return say(message, **facts)


def _capacity(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    return say("%(name)s seats %(capacity)s; %(expected_heads)s are expected.", **facts)


def _audience(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    return say("Another employer meets the same students (%(audience)s) at %(name)s %(busy)s.", **facts)


def _notice(clash: Clash, facts: Facts, zone: str, place: Campus | None) -> str:
    return say("%(name)s must be asked for in advance: days needed %(notice_days)s, days left %(days_left)s.", **facts)


_SENTENCES: dict[ClashKind, Callable[[Clash, Facts, str, Campus | None], str]] = {
    ClashKind.OVERLAP: _overlap,
    ClashKind.TRAVEL: _travel,
    ClashKind.CLOSED: _closed,
    ClashKind.LEAVE: _leave,
    ClashKind.BUSY_ELSEWHERE: _busy_elsewhere,
    ClashKind.LIMIT: _limit,
    ClashKind.CAPACITY: _capacity,
    ClashKind.AUDIENCE: _audience,
    ClashKind.NOTICE: _notice,
}
