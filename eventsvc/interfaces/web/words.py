"""The pages' words for kinds, states and times; what a screen reader says is the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    get_timezone_location,
    get_timezone_name,
)
from flask import request, url_for
from flask_babel import get_locale, gettext, ngettext

from eventsvc.core.times import Span, iso, local_day, to_wall, zone_named
from eventsvc.domain.events.lifecycle import CALLED_OFF_EARLY, OFF
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.promises import NO_ROOM, ONLINE, ROOM_REQUESTED
from eventsvc.domain.outbox.letters import when_in_words
from eventsvc.interfaces.languages import translated as translated
from eventsvc.interfaces.web.kind_words import (
    ANSWERS as ANSWERS,
)
from eventsvc.interfaces.web.kind_words import (
    KINDS as KINDS,
)
from eventsvc.interfaces.web.kind_words import (
    KINDS_PLURAL as KINDS_PLURAL,
)
from eventsvc.interfaces.web.kind_words import (
    LEVELS as LEVELS,
)
from eventsvc.interfaces.web.kind_words import (
    MOVES as MOVES,
)
from eventsvc.interfaces.web.kind_words import (
    POOLS as POOLS,
)
from eventsvc.interfaces.web.kind_words import (
    ROLES as ROLES,
)
from eventsvc.interfaces.web.kind_words import (
    STATUSES as STATUSES,
)
from eventsvc.interfaces.web.kind_words import (
    VISIBILITIES as VISIBILITIES,
)

# Stands for an event's id in an address.
_ANY, _PATTERN = "any-event", "eventsvc.page_of_any_event"


def kind(event: Event) -> str:
    """What sort of event it is."""
    return _kind_in(str(get_locale()), event.kind)


@lru_cache
def _kind_in(_locale: str, kind: EventKind) -> str:
    """A month asks hundreds of times, and the catalogue is slow; call with the locale of the answer only."""
    return str(KINDS[kind])


def page_of(event: Event) -> str:
    """The address of an event's page; made once an answer and filled in, since a month asks hundreds of times."""
    pattern: str = request.environ.get(_PATTERN, "")
    if not pattern:
        pattern = request.environ[_PATTERN] = url_for("pages.event", event_id=_ANY)
    return pattern.replace(_ANY, str(event.public_id))


def status_of(event: Event, is_planner: bool) -> str:
    """The state in words, as far as the asker may know it."""
    if not is_planner and event.status in CALLED_OFF_EARLY:
        return str(STATUSES[Status.CANCELLED])
    return str(STATUSES[event.status])


def is_off(event: Event) -> bool:
    """True when people should not come at the time shown."""
    return event.status in OFF


def shown_span(event: Event) -> Span:
    """The time a page shows: of an event that is off, the time it was last promised for, as calendars do."""
    return event.promised_span if is_off(event) else event.span


def shown_zone(event: Event) -> str:
    """The zone of that time."""
    return str(event.promised["zone"]) if is_off(event) else event.zone


def _is_shown_all_day(event: Event) -> bool:
    return bool(event.promised["all_day"]) if is_off(event) else event.all_day


def _shown_days(event: Event) -> int:
    return (last_day(event) - shown_day(event)).days + 1


def shown_minutes(event: Event) -> int | None:
    """How long an event lasts as it is shown, or None for whole days."""
    span = shown_span(event)
    return None if _is_shown_all_day(event) else (span.end - span.start) // timedelta(minutes=1)


def shown_day(event: Event) -> date:
    """The local day under which lists show an event."""
    return local_day(shown_span(event).start, shown_zone(event))


def when(event: Event) -> str:
    """Day, time and zone in words."""
    if is_off(event):
        return span_in_words(event.promised_span, shown_zone(event), all_day=_is_shown_all_day(event))
    return own_when(event)


def own_when(event: Event) -> str:
    """The time that is planned now, also while it is not promised to anybody."""
    return span_in_words(event.span, event.zone, all_day=event.all_day)


def span_in_words(span: Span, zone: str, *, all_day: bool = False) -> str:
    """A span in words, with the zone's name."""
    starts_on = local_day(span.start, zone)
    facts = {
        "zone": zone,
        "starts_at": iso(span.start),
        "ends_at": iso(span.end),
        "all_day": all_day,
        "starts_on": starts_on.isoformat(),
        "days": (local_day(span.end, zone) - starts_on).days,
    }
    return when_in_words(facts, get_locale() or "en")


def instant(moment: datetime, zone: str) -> str:
    """A day and time in words."""
    wall = to_wall(moment, zone)
    return f"{day(wall.date())}, {clock_time(moment, zone)}"


def time_range(event: Event, with_zone: bool = True) -> str:
    """The hours of an event, for lists that stand under the day; without the zone where the list says it once."""
    if _is_shown_all_day(event):
        if _shown_days(event) == 1:
            return str(gettext("All day"))
        return str(gettext("All day, until %(day)s", day=day(last_day(event))))
    zone = shown_zone(event)
    said = hours_of(shown_span(event), zone)
    return f"{said} ({zone_name(zone)})" if with_zone else said


def hours_of(span: Span, zone: str) -> str:
    """The hours of a span alone: 2:00 PM – 3:30 PM."""
    return f"{clock_time(span.start, zone)} – {clock_time(span.end, zone)}"


def time_on(event: Event, on: date, with_zone: bool = True) -> str:
    """The hours of an event on one of the days it covers, for views that show it under each."""
    if _is_shown_all_day(event) and _shown_days(event) > 1:
        number = (on - shown_day(event)).days + 1
        return str(gettext("All day, day %(number)s of %(days)s", number=number, days=_shown_days(event)))
    return time_range(event, with_zone)


def zone_name(zone: str) -> str:
    """The everyday name of a zone: Pacific Time."""
    return str(get_timezone_name(zone_named(zone), "long", zone_variant="generic", locale=get_locale() or "en"))


def zone_and_city(zone: str) -> str:
    """The everyday name of a zone with the city by which it is known: Mountain Time (Phoenix)."""
    city = get_timezone_location(zone_named(zone), get_locale() or "en", return_city=True)
    return f"{zone_name(zone)} ({city})"


def shared_zone(events: Iterable[Event]) -> str | None:
    """The everyday name of the zone, where all events have the same one."""
    zones = {shown_zone(event) for event in events}
    return zone_name(zones.pop()) if len(zones) == 1 else None


def clock_time(moment: datetime, zone: str) -> str:
    """The hour and minute, as people there write them."""
    wall = moment.astimezone(zone_named(zone))
    return _clock_words(wall.hour, wall.minute, str(get_locale() or "en"))


def wall_time(at: time) -> str:
    """An hour and minute of a clock on the wall."""
    return _clock_words(at.hour, at.minute, str(get_locale() or "en"))


@lru_cache(maxsize=2 * 24 * 60)  # a month says the same few hours hundreds of times
def _clock_words(hour: int, minute: int, language: str) -> str:
    text: str = format_time(time(hour, minute), "short", locale=language)
    # Babel writes a narrow no-break space before AM and PM, which some fonts lack.
    return text.replace("\u202f", "\u00a0")


def last_day(event: Event) -> date:
    """The last local day of an event."""
    return local_day(shown_span(event).end - timedelta(seconds=1), shown_zone(event))


# Babel takes a pattern as it stands; these are the same parts in the order and with the words of Spanish.
IN_SPANISH = {
    "MMMM y": "MMMM 'de' y",
    "MMMM d": "d 'de' MMMM",
    "MMM d": "d MMM",
    "MMMM d, y": "d 'de' MMMM 'de' y",
    "MMM d, y": "d MMM y",
    "EEE, MMM d": "EEE, d MMM",
    "EEEE, MMM d": "EEEE, d MMM",
    "EEEE, MMMM d": "EEEE, d 'de' MMMM",
    "EEEE, MMMM d, y": "EEEE, d 'de' MMMM 'de' y",
}


def day(value: date, pattern: str = "full") -> str:
    """A day in words: Wednesday, February 10, 2027. A `pattern` is written as English has it."""
    locale = get_locale() or "en_US"
    if str(locale).startswith("es"):
        pattern = IN_SPANISH.get(pattern, pattern)
    text: str = format_date(value, pattern, locale)
    return text


def short_day(value: date) -> str:
    """A day in few letters: Wed, Feb 10, 2027."""
    text: str = format_skeleton("yMMMEd", value, locale=get_locale() or "en")
    return text


def days(first: date, last: date) -> str:
    """The days from one to another in words: Feb 7 – 13, 2027."""
    text: str = format_interval(first, last, "yMMMd", locale=get_locale() or "en")
    return text


def minutes(count: int) -> str:
    """A length in words: 1 hour 30 minutes."""
    hours, rest = divmod(count, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if rest or not hours:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return " ".join(parts)


def promised_place(event: Event) -> str:
    """Where an event that is off was last promised to be; what we had put into it ourselves is translated."""
    return place_said(str(event.promised["location"]))


def place_said(place: str) -> str:
    """A place as calendars say it, with our own words of it translated."""
    own = next(
        (words for words in (ONLINE, NO_ROOM, ROOM_REQUESTED) if place == words or place.startswith(f"{words}, ")), ""
    )
    return translated(own) + place[len(own) :]
