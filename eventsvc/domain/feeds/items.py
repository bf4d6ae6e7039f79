"""The events of a feed as plain facts, for web sites: what its calendar shows, read 500 at a time by a few queries.

Columns are read, not events, and what has not changed is not read again: somebody waits for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from eventsvc.domain.feeds.stored import Place

_AT_ONCE = 500
# Events whose JSON a process keeps: some 700 bytes each.
MOST_KEPT = 30_000


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


def items_of(feed: Feed, day: date, links: Links, *, after: datetime | None = None) -> Iterator[Item]:
    """What the calendar of a feed shows on a UTC day, in its order; only what ends `after` that instant, if told.

    They are read some at a time, as the caller goes on.
    """
    return _read([place.event_id for place in stored.places(feed.wanted, day, links)], links, after)


class Stock:
    """The JSON of items that this process has written, for all its feeds: what has not changed is not read again."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[int, bytes]] = {}

    def texts(self, feed: Feed, day: date, links: Links) -> list[bytes]:
        """The JSON of each event of the feed on a UTC day, in the calendar's order."""
        places = stored.places(feed.wanted, day, links)
        missing = {place.event_id: place.version for place in places if not self._has(place)}
        if len(self._texts) + len(missing) > MOST_KEPT:
            self._texts = {}
            missing = {place.event_id: place.version for place in places}
        for number, item in _read_numbered(list(missing), links, None):
            text = json.dumps(item.as_json(), ensure_ascii=False, separators=(",", ":")).encode()
            self._texts[number] = (missing[number], text)
        return [self._texts[place.event_id][1] for place in places if place.event_id in self._texts]

    def _has(self, place: Place) -> bool:
        known = self._texts.get(place.event_id)
        return known is not None and known[0] == place.version


def _read(ids: Sequence[int], links: Links, after: datetime | None) -> Iterator[Item]:
    return (item for _, item in _read_numbered(ids, links, after))


def _read_numbered(ids: Sequence[int], links: Links, after: datetime | None) -> Iterator[tuple[int, Item]]:
    campuses = {campus.id: campus for campus in db.session.scalars(select(Campus))} if ids else {}
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        query = select(*_COLUMNS).join(Office, Office.id == Event.owner_id).where(Event.id.in_(some))
        if after is not None:
            query = query.where(Event.promised_ends_at > after)
        rows = {row.id: row for row in db.session.execute(query)}
        rooms, topics = _rooms(rows), _topics(rows)
        yield from ((one, _item(rows[one], campuses, rooms[one], topics[one], links)) for one in some if one in rows)


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
