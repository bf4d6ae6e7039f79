"""Loading events: their words into the workflow's row, after the rooms of the whole file have been found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from marshmallow import ValidationError

from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.times import side_of, to_utc, to_wall
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.domain.directory.names import folded
from eventsvc.domain.events.schedule import When
from eventsvc.interfaces.importing.event_schema import FileEvent
from eventsvc.interfaces.importing.files import Line
from eventsvc.interfaces.importing.loading import Import, Progress, noting
from eventsvc.interfaces.importing.report import Report
from eventsvc.interfaces.importing.rooms import Making, Rooms, find_rooms
from eventsvc.workflows.import_events import EventRow, import_event, is_to_be_announced, without_cancellation
from eventsvc.workflows.keep_organizations import get_organization
from eventsvc.workflows.keep_people import get_topic
from eventsvc.workflows.keep_places import get_campus

_CANCELLED_WORDS = frozenset({"cancelled", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOptions:
    """How events are loaded: published or not, which spelling is which room, whether missing rooms are made."""

    is_published: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    making: Making = field(default_factory=Making)


@dataclass(frozen=True, slots=True)
class Place:
    """A campus as far as a row needs it; kept beyond the transactions of single rows."""

    slug: str
    zone: str


@dataclass(slots=True)
class _Reading:
    """What was found before the first row is written: events by line, places by what people call them, rooms."""

    events: dict[int, FileEvent] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    rooms: Rooms = field(default_factory=Rooms)

    def place_of(self, event: FileEvent) -> Place | None:
        """Where the event is; refuses InvalidInput for a campus that nobody knows."""
        if event.campus is None:
            return None
        if event.campus not in self.places:
            campus = get_campus(event.campus, field="campus")
            self.places[event.campus] = Place(campus.slug, campus.zone)
        return self.places[event.campus]


def load_events(task: Import, options: EventOptions, lines: list[Line], progress: Progress) -> Report:
    """Load rows of events; a row that clashes is refused alone, and the report names every clash."""
    report = Report(unused=task.columns.unused)
    seen: dict[str, int] = {}
    reading = _read_all(task, options, lines)
    report.notes += reading.rooms.notes
    for line in progress(lines):
        with noting(task, report, line):
            row = _row(reading.events.get(line.number) or task.read(line), reading)
            if seen.setdefault(row.source_uid, line.number) != line.number:
                raise ValidationError(say("is the same event as line %(line)s", line=seen[row.source_uid]))
            with transaction():
                import_event(row, is_published=options.is_published, **task.who(), tally=report.tally)
    return report


def _read_all(task: Import, options: EventOptions, lines: list[Line]) -> _Reading:
    """Read every row and find the rooms of all of them; rows that cannot be read say so when their turn comes."""
    reading = _Reading()
    spellings: dict[str, list[str]] = {}
    for line in lines:
        try:
            event = reading.events[line.number] = task.read(line)
            place = reading.place_of(event)
        except (ValidationError, Refusal):
            continue
        if place is not None:
            spellings.setdefault(place.slug, []).extend(_named_rooms(event))
    reading.rooms = find_rooms(task, spellings, aliases=options.aliases, making=options.making)
    return reading


def _named_rooms(event: FileEvent) -> list[str]:
    return [room for room in event.rooms if not is_to_be_announced(room)]


def _row(event: FileEvent, reading: _Reading) -> EventRow:
    """The workflow's row of an event; refuses InvalidInput for places, rooms and times that cannot be."""
    place, named = reading.place_of(event), _named_rooms(event)
    if named and place is None:
        raise InvalidInput({"campus": say("is needed where a room is named; say --campus")})
    slugs = [reading.rooms.slug_of(place.slug, room) for room in named] if place else []
    title, is_cancelled = without_cancellation(event.title)
    when = _when(event, _zone(event, place))
    return EventRow(
        source_uid=event.source_uid or _own_uid(event, place, title, when),
        kind=event.kind,
        title=title,
        when=when,
        campus=place.slug if place else None,
        owner=event.owner,
        rooms=tuple(dict.fromkeys(slugs)) or None,
        experts=event.experts,
        equipment=event.equipment,
        topics=_topics(event),
        co_hosts=None if event.co_hosts is None else tuple(_organization(words) for words in event.co_hosts),
        audience=event.audience,
        languages=event.languages,
        description=_description(event),
        bring=event.bring,
        accommodations=event.accommodations,
        accommodations_due_on=event.accommodations_due_on,
        online_url=event.online_url,
        expected_heads=event.expected_heads,
        visibility=event.visibility,
        is_cancelled=is_cancelled or event.status.casefold() in _CANCELLED_WORDS,
    )


def _zone(event: FileEvent, place: Place | None) -> str:
    """The zone in which the event is promised: its campus's, else its owner's; its own is for reading times only."""
    if place is not None:
        return place.zone
    if event.owner is None:
        raise InvalidInput({"campus": say("is needed, or the owner of an online event; say --campus or --owner")})
    return lookup.get_in_use(Office, event.owner, field="owner").zone


def _when(event: FileEvent, zone: str) -> When:
    """The time as a clock in `zone` shows it; a time without an offset is read in the row's own zone, else there."""
    if event.all_day:
        last = event.ends.date() if event.ends else event.starts.date() + timedelta(days=1)
        days = event.days if event.days is not None else max((last - event.starts.date()).days, 1)
        return When(all_day=True, starts_on=event.starts.date(), days=days)
    read_in = event.zone or zone
    start = _instant(event.starts, read_in, "starts")
    minutes = event.duration_minutes
    if event.ends is not None:
        minutes = int((_instant(event.ends, read_in, "ends") - start).total_seconds()) // 60
        if minutes <= 0:
            raise InvalidInput({"ends": say("is the start itself") if minutes == 0 else say("is before the start")})
    return When(starts_local=to_wall(start, zone), starts_side=side_of(start, zone), duration_minutes=minutes)


def _instant(moment: datetime, zone: str, field: str) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else to_utc(moment, zone, field=field)


def _own_uid(event: FileEvent, place: Place | None, title: str, when: When) -> str:
    """A lasting name for a row of a file that has none: where, when, what and in which rooms."""
    start = when.starts_on or when.starts_local
    facts = (place.slug if place else "", str(start), folded(title), *sorted(map(folded, event.rooms)))
    return f"row:{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"


def _topics(event: FileEvent) -> tuple[str, ...] | None:
    if event.topics is None:
        return None
    return tuple(get_topic(words).slug for words in event.topics)


def _organization(words: str) -> str:
    return get_organization(words, field="co_hosts").slug


def _description(event: FileEvent) -> str | None:
    """What the file says, and for which programs it is."""
    parts = [event.description, f"Programs: {event.programs}" if event.programs else None]
    return "\n\n".join(part for part in parts if part) or None
