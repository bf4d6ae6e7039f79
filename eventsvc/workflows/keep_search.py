"""Keep the search's words true: what events, rooms, experts and pools are found by, in the transaction of each change.

Everybody finds an event by what its public page shows; the people who come are not the public's affair, and only
planners find it by their names. What is off is found by the place last promised, as pages show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus, Expert, Organization, Room, Topic
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.events.promises import guests_told
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.events.words import as_text
from eventsvc.domain.search import entries
from eventsvc.domain.search.entries import Entry
from eventsvc.domain.search.models import Kind, SearchEntry

BATCH = 500
_EVENT = (*WHOLE, selectinload(Event.seats).joinedload(Seat.expert).joinedload(Expert.organization))
_ROOM = (joinedload(Room.campus).joinedload(Campus.organization), selectinload(Room.aliases))
_POOL = (joinedload(Pool.organization), joinedload(Pool.campus))
_EXPERT = (joinedload(Expert.organization), joinedload(Expert.home_campus), selectinload(Expert.topics))


def index_events(events: Iterable[Event]) -> None:
    """Let the events be found by what they say now.

    Locks: their entries; the events themselves are locked already, for what was read before may be old.
    """
    entries.keep([_of_event(event) for event in events])


def index_entry(entry: object) -> None:
    """Let a directory entry that was added or changed be found, and the rooms, experts and pools that show it."""
    if isinstance(entry, Room):
        _index_rooms(Room.id == entry.id)
    elif isinstance(entry, Expert):
        _index_experts(Expert.id == entry.id)
    elif isinstance(entry, Pool):
        _index_pools(Pool.id == entry.id)
    elif isinstance(entry, Topic):
        _index_experts(Expert.topics.any(Topic.id == entry.id))
    elif isinstance(entry, Campus):
        _index_rooms(Room.campus_id == entry.id)
        _index_experts(Expert.home_campus_id == entry.id)
        _index_pools(Pool.campus_id == entry.id)
    elif isinstance(entry, Organization):
        on_its_campus = exists().where(Campus.id == Room.campus_id, Campus.organization_id == entry.id)
        _index_rooms(on_its_campus)
        _index_experts(Expert.organization_id == entry.id)
        _index_pools(Pool.organization_id == entry.id)


def rebuild(say: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Forget every entry and write all of them anew; returns how many. `say` hears how many of how many are done.

    Locks: in the order of every story, the directory's entries first, then the events in id order, each before its
    entry; all of it stays locked until the transaction ends.
    """
    entries.drop_all(Kind.ROOM, Kind.EXPERT, Kind.POOL)
    _index_rooms()
    _index_experts()
    _index_pools()
    # Looked at before the events are: what is planned meanwhile has an entry that must stay.
    kept = set(db.session.scalars(select(SearchEntry.ref_id).where(SearchEntry.kind == Kind.EVENT)))
    ids = list(db.session.scalars(select(Event.id).order_by(Event.id)))
    entries.drop(Kind.EVENT, kept.difference(ids))
    for done in range(0, len(ids), BATCH):
        events = claim_events(ids[done : done + BATCH])
        entries.drop(Kind.EVENT, [event.id for event in events])
        index_events(events)
        say(min(done + BATCH, len(ids)), len(ids))
    return db.session.scalar(select(func.count()).select_from(SearchEntry)) or 0


def fill_if_empty() -> None:
    """Write all entries where none is kept: after the upgrade that brought search, or one that asks for new words."""
    if db.session.scalar(select(SearchEntry.id).limit(1)) is None:
        rebuild()


def claim_events(ids: Sequence[int]) -> Sequence[Event]:
    """The events with all they show, locked in id order and read after the lock."""
    query = select(Event).where(Event.id.in_(ids)).order_by(Event.id).options(*_EVENT)
    locked = query.with_for_update(key_share=True, of=Event).execution_options(populate_existing=True)
    return db.session.scalars(locked).all()


def _index_rooms(*where: ColumnElement[bool]) -> None:
    query = select(Room).where(*where).options(*_ROOM).execution_options(populate_existing=True)
    rooms = db.session.scalars(query).all()
    entries.drop(Kind.ROOM, [room.id for room in rooms if room.retired_on is not None])
    entries.keep([_of_room(room) for room in rooms if room.retired_on is None])


def _index_experts(*where: ColumnElement[bool]) -> None:
    query = select(Expert).where(*where).options(*_EXPERT).execution_options(populate_existing=True)
    experts = db.session.scalars(query).all()
    entries.drop(Kind.EXPERT, [expert.id for expert in experts if expert.retired_on is not None])
    entries.keep([_of_expert(expert) for expert in experts if expert.retired_on is None])


def _index_pools(*where: ColumnElement[bool]) -> None:
    query = select(Pool).where(*where).options(*_POOL).execution_options(populate_existing=True)
    pools = db.session.scalars(query).all()
    entries.drop(Kind.POOL, [pool.id for pool in pools if pool.retired_on is not None])
    entries.keep([_of_pool(pool) for pool in pools if pool.retired_on is None])


def _of_event(event: Event) -> Entry:
    is_off = event.status in OFF
    span = event.promised_span if is_off else event.span
    return Entry(
        kind=Kind.EVENT,
        ref_id=event.id,
        title=event.title,
        words=" ".join(
            [*_shown_words(event), *([event.promised["location"]] if is_off else _place(event, event.sure_rooms))]
        ),
        for_planners=" ".join([*(expert.name for expert in event.experts), *_place(event, event.rooms)]),
        is_public=event.published_at is not None and event.visibility == Visibility.PUBLIC,
        starts_at=span.start,
        ends_at=span.end,
    )


def _shown_words(event: Event) -> list[str]:
    """All that the event's page says to everybody besides its title and place."""
    return [
        as_text(event.description),
        event.bring,
        event.accommodations,
        event.kind.replace("_", " "),
        event.owner.name,
        event.owner.organization.name,
        *event.audience,
        *(topic.name for topic in event.topics),
        *(organization.name for organization in event.co_hosts),
        *(organization.name for organization in guests_told(event)),
    ]


def _place(event: Event, rooms: Sequence[Room]) -> list[str]:
    campus = event.campus
    there = [campus.name, campus.address, campus.postal_code, campus.city] if campus else []
    return [*(room.name for room in rooms), *there]


def _of_room(room: Room) -> Entry:
    campus = room.campus
    words = [campus.name, campus.city, campus.organization.name, room.layout, *room.equipment]
    spellings = (alias.folded for alias in room.aliases)
    return Entry(kind=Kind.ROOM, ref_id=room.id, title=room.name, words=" ".join([*words, *spellings]), is_public=True)


def _of_expert(expert: Expert) -> Entry:
    home = [expert.home_campus.name] if expert.home_campus else []
    words = [expert.organization.name, *home, *(topic.name for topic in expert.topics)]
    return Entry(kind=Kind.EXPERT, ref_id=expert.id, title=expert.name, for_planners=" ".join(words), is_public=False)


def _of_pool(pool: Pool) -> Entry:
    place = [pool.campus.name, pool.campus.city] if pool.campus else []
    words = " ".join([pool.kind, pool.organization.name, *place])
    return Entry(kind=Kind.POOL, ref_id=pool.id, title=pool.name, for_planners=words, is_public=False)
