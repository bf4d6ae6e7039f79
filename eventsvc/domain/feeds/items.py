"""The events of a feed as plain facts, for web sites: what its calendar shows, read in a few queries however many.

Columns are read, not events: a feed of 10,000 is listed in the GET that asks for it first after a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from eventsvc.core.db import db
from eventsvc.core.links import Links
from eventsvc.core.times import iso, zone_named
from eventsvc.domain.directory.models import Campus, Office, Room, Topic
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, EventKind, EventRoom, EventTopic, RoomStanding, Status
from eventsvc.domain.events.promises import place_in_words
from eventsvc.domain.events.words import as_text
from eventsvc.domain.feeds import stored
from eventsvc.domain.feeds.entries import Feed

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Item:
    """An event as the public sees it, at the time last promised. `starts_local` is on the wall in `zone`."""

    id: str
    title: str
    kind: EventKind
    status: Status
    starts_at: datetime
    ends_at: datetime
    starts_local: datetime
    ends_local: datetime
    zone: str
    all_day: bool
    location: str
    campus: str | None
    campus_name: str
    organizer: str
    topics: tuple[str, ...]
    url: str
    online_url: str
    description: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the JSON of a feed."""
        return {
            "id": self.id,
            "title": self.title,
            "kind": str(self.kind),
            "status": str(self.status),
            "starts_at": iso(self.starts_at),
            "ends_at": iso(self.ends_at),
            "starts_local": self.starts_local.isoformat(timespec="minutes"),
            "zone": self.zone,
            "all_day": self.all_day,
            "location": self.location,
            "campus": self.campus,
            "organizer": self.organizer,
            "topics": list(self.topics),
            "url": self.url,
            "online_url": self.online_url or None,
            "description": self.description,
        }


_COLUMNS = (
    *(Event.id, Event.public_id, Event.title, Event.kind, Event.status, Event.description, Event.online_url),
    *(Event.starts_at, Event.ends_at, Event.zone, Event.all_day, Event.campus_id),
    *(Event.promised_starts_at, Event.promised_ends_at, Event.promised_campus_id, Event.promised),
    Office.name.label("organizer"),
)


def items_of(feed: Feed, day: date, links: Links, *, after: datetime | None = None) -> list[Item]:
    """What the calendar of a feed shows on a UTC day, in its order; only what ends `after` that instant, if told."""
    ids = [place.event_id for place in stored.places(feed.wanted, day, links)]
    campuses = {campus.id: campus for campus in db.session.scalars(select(Campus))}
    found: list[Item] = []
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        query = select(*_COLUMNS).join(Office, Office.id == Event.owner_id).where(Event.id.in_(some))
        if after is not None:
            query = query.where(Event.promised_ends_at > after)
        rows = {row.id: row for row in db.session.execute(query)}
        rooms, topics = _rooms(rows), _topics(rows)
        found += [_item(rows[one], campuses, rooms[one], topics[one], links) for one in some if one in rows]
    return found


def _rooms(events: dict[int, Any]) -> dict[int, list[tuple[str, RoomStanding]]]:
    query = select(EventRoom.event_id, Room.name, EventRoom.standing).join(Room, Room.id == EventRoom.room_id)
    rooms: dict[int, list[tuple[str, RoomStanding]]] = defaultdict(list)
    for number, name, standing in db.session.execute(
        query.where(EventRoom.event_id.in_(list(events))).order_by(Room.slug)
    ):
        rooms[number].append((name, standing))
    return rooms


def _topics(events: dict[int, Any]) -> dict[int, tuple[str, ...]]:
    query = select(EventTopic.event_id, Topic.name).join(Topic, Topic.id == EventTopic.topic_id)
    topics: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for number, name in db.session.execute(query.where(EventTopic.event_id.in_(list(events))).order_by(Topic.slug)):
        topics[number] += (name,)
    return topics


def _item(
    row: Row[Any],
    campuses: dict[int, Campus],
    rooms: Sequence[tuple[str, RoomStanding]],
    topics: tuple[str, ...],
    links: Links,
) -> Item:
    is_off = row.status in OFF
    starts_at, ends_at = (row.promised_starts_at, row.promised_ends_at) if is_off else (row.starts_at, row.ends_at)
    zone, all_day = (row.promised["zone"], row.promised["all_day"]) if is_off else (row.zone, row.all_day)
    campus = campuses.get(row.promised_campus_id if is_off else row.campus_id)
    sure = [name for name, standing in rooms if standing is RoomStanding.SURE]
    is_asked = any(standing is RoomStanding.REQUESTED for _, standing in rooms)
    wall = zone_named(zone)
    return Item(
        id=str(row.public_id),
        title=row.title,
        kind=row.kind,
        status=row.status,
        starts_at=starts_at,
        ends_at=ends_at,
        starts_local=starts_at.astimezone(wall).replace(tzinfo=None),
        ends_local=ends_at.astimezone(wall).replace(tzinfo=None),
        zone=zone,
        all_day=all_day,
        location=row.promised["location"] if is_off else place_in_words(campus, sure, is_asked, row.online_url),
        campus=campus.slug if campus else None,
        campus_name=campus.name if campus else "",
        organizer=row.organizer,
        topics=topics,
        url=links.event_page(str(row.public_id)),
        online_url=row.online_url,
        description=as_text(row.description) if row.description else "",
    )
