"""What a story has changed that private calendars show: noticed on its way to the database, whoever writes it.

A private calendar shows the work: answers, holds, leave, ways, names. All of these change in many stories, and a story
that forgot to say so would leave a calendar as it was for ever. So every statement that writes one of the tables below
is looked at: of which rows it was before (read just before it runs) and of which it is now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Delete, Engine, Insert, Table, Update, event, select, union_all
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events.models import Event, EventCoHost, EventRoom
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.feeds import versions
from eventsvc.domain.invitations.models import Invitation

# The key of what many private calendars show at once and what rarely changes: names, places, ways between them.
DIRECTORY = "directory"


class Of(StrEnum):
    """Whose number a column holds."""

    EVENT = "event"
    EXPERT = "expert"
    ROOM = "room"
    OFFICE = "office"
    ORGANIZATION = "organization"
    RESOURCE = "resource"
    CAMPUS = "campus"
    DIRECTORY = "directory"


class _Watched(NamedTuple):
    """A table: which columns say whose the row is, which of them shows (empty: all do), and which shows in many
    calendars at once, whosoever they are."""

    whose: Mapping[str, Of] = {}
    shown: frozenset[str] = frozenset()
    everywhere: frozenset[str] = frozenset()


_ALL = frozenset({"*"})
_TABLES: dict[str, _Watched] = {
    "events": _Watched({"id": Of.EVENT, "owner_id": Of.OFFICE}),
    "event_rooms": _Watched({"event_id": Of.EVENT, "room_id": Of.ROOM}),
    "event_co_hosts": _Watched({"event_id": Of.EVENT, "organization_id": Of.ORGANIZATION}),
    "event_coordinators": _Watched({"event_id": Of.EVENT}),
    "seats": _Watched({"event_id": Of.EVENT, "expert_id": Of.EXPERT}),
    "invitations": _Watched({"event_id": Of.EVENT, "expert_id": Of.EXPERT}, frozenset({"state"})),
    "reservations": _Watched({"resource_id": Of.RESOURCE}),
    "blocks": _Watched({"resource_id": Of.RESOURCE, "campus_id": Of.CAMPUS}),
    "experts": _Watched({"id": Of.EXPERT, "office_id": Of.OFFICE}, everywhere=frozenset({"name"})),
    "rooms": _Watched({"id": Of.ROOM, "office_id": Of.OFFICE, "parent_id": Of.ROOM}, everywhere=frozenset({"name"})),
    "offices": _Watched({"id": Of.OFFICE}, everywhere=frozenset({"name", "telephone", "mailbox"})),
    "organizations": _Watched(everywhere=frozenset({"name"})),
    "campuses": _Watched(everywhere=_ALL),
    "travel": _Watched(everywhere=_ALL),
    "accounts": _Watched(everywhere=frozenset({"name", "ended_at"})),
    "absences": _Watched(everywhere=_ALL),
}
# A new place or person is in no calendar yet; a new way or absence changes what others are.
_NEW_ONES_SHOW = ("travel", "absences")
_NOTICED = "rows that private calendars show"
_AT_ONCE = 400
_Rows = defaultdict[Of, set[int]]


def keys_of_expert(expert_id: int) -> frozenset[str]:
    """The keys under which the calendar of an expert changes."""
    return frozenset({f"expert:{expert_id}", DIRECTORY})


def keys_of_room(room_ids: Iterable[int], campus_id: int) -> frozenset[str]:
    """The same of a room; of a divisible hall with those of its parts."""
    return frozenset({DIRECTORY, f"campus-days:{campus_id}", *(f"room:{number}" for number in room_ids)})


def keys_of_office(office_id: int) -> frozenset[str]:
    """The same of an office's desk."""
    return frozenset({f"office:{office_id}", DIRECTORY})


@event.listens_for(Engine, "before_execute")
def _notice(
    connection: Connection, statement: Any, many: Any, one: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    if not isinstance(statement, Insert | Update | Delete):
        return
    table = statement.table
    watched = _TABLES.get(table.name) if isinstance(table, Table) else None
    if watched is None or not isinstance(table, Table):
        return
    noticed: _Rows = connection.info.setdefault(_NOTICED, defaultdict(set))
    for said in many or [one]:
        columns = said.keys() & table.columns.keys() if isinstance(statement, Update) else set()
        if columns and watched.shown and not columns & watched.shown:
            continue
        if _shows_everywhere(watched, columns) and (table.name in _NEW_ONES_SHOW or not isinstance(statement, Insert)):
            noticed[Of.DIRECTORY].add(0)
        if not isinstance(statement, Insert):
            _add_rows_before(connection, table, watched, statement, said, noticed)
        _add_said(watched, _values(statement, said), noticed)


def _shows_everywhere(watched: _Watched, columns: Collection[str]) -> bool:
    """`columns`: those that a row changes, where the statement tells; none: it may be any of them."""
    if not columns or watched.everywhere == _ALL:
        return bool(watched.everywhere)
    return not watched.everywhere.isdisjoint(columns)


def _values(statement: Any, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Column and value of what is written: handed beside the statement, or standing in it."""
    if said or not isinstance(statement, Insert):
        return iter(said.items())
    return (
        (name.partition("_m")[0] if name.rpartition("_m")[2].isdecimal() else name, value)
        for name, value in statement.compile().params.items()
    )


def _add_rows_before(
    connection: Connection, table: Table, watched: _Watched, statement: Update | Delete, said: Any, noticed: _Rows
) -> None:
    if not watched.whose:
        return
    query = select(*(table.c[name] for name in watched.whose))
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    for row in connection.execute(query, dict(said)):
        _add_said(watched, zip(watched.whose, row, strict=True), noticed)


def _add_said(watched: _Watched, values: Iterable[tuple[str, Any]], noticed: _Rows) -> None:
    for name, value in values:
        if name in watched.whose and isinstance(value, int):
            noticed[watched.whose[name]].add(value)


@event.listens_for(Engine, "begin")
@event.listens_for(Engine, "rollback")
def _forget(connection: Connection) -> None:
    connection.info.pop(_NOTICED, None)


def touch_noticed(session: Session, clock: Callable[[], datetime]) -> None:
    """Say that the private calendars have changed that show what this transaction wrote; its last act.

    Locks: as `versions.touch`.
    """
    if not session.in_transaction() or session.in_nested_transaction():
        return
    session.flush()
    connection = session.connection()
    noticed: _Rows | None = connection.info.pop(_NOTICED, None)
    if noticed:
        versions.touch(_keys(connection, noticed), clock())


def _keys(connection: Connection, noticed: _Rows) -> set[str]:
    keys = {DIRECTORY} if noticed[Of.DIRECTORY] else set[str]()
    keys |= {f"campus-days:{number}" for number in noticed[Of.CAMPUS]}
    for some in _some(noticed[Of.ORGANIZATION]):
        offices = select(Office.id).where(Office.organization_id.in_(some))
        noticed[Of.OFFICE] |= set(connection.execute(offices).scalars())
    for some in _some(noticed[Of.EVENT]):
        _add_found(connection, _of_events(some), noticed)
    for some in _some(noticed[Of.RESOURCE]):
        rows = connection.execute(select(Resource.room_id, Resource.expert_id).where(Resource.id.in_(some)))
        for room_id, expert_id in rows:
            _add_said(_OF_RESOURCE, (("room_id", room_id), ("expert_id", expert_id)), noticed)
    for of, table in ((Of.EXPERT, Expert), (Of.ROOM, Room)):
        for some in _some(noticed[of]):
            found = connection.execute(select(table.office_id).where(table.id.in_(some), table.office_id.is_not(None)))
            noticed[Of.OFFICE] |= {number for number in found.scalars() if number is not None}
    return keys | {f"{of}:{number}" for of in (Of.EXPERT, Of.ROOM, Of.OFFICE) for number in noticed[of]}


_OF_RESOURCE = _Watched({"room_id": Of.ROOM, "expert_id": Of.EXPERT})


def _of_events(ids: Collection[int]) -> dict[Of, Any]:
    """Queries of who and what has a part in those events, by kind."""
    co_hosts = select(EventCoHost.organization_id).where(EventCoHost.event_id.in_(ids))
    return {
        Of.EXPERT: union_all(
            select(Seat.expert_id).where(Seat.event_id.in_(ids)),
            select(Invitation.expert_id).where(Invitation.event_id.in_(ids)),
        ),
        Of.ROOM: select(EventRoom.room_id).where(EventRoom.event_id.in_(ids)),
        Of.OFFICE: union_all(
            select(Event.owner_id).where(Event.id.in_(ids)),
            select(Office.id).where(Office.organization_id.in_(co_hosts)),
        ),
    }


def _add_found(connection: Connection, queries: Mapping[Of, Any], noticed: _Rows) -> None:
    for of, query in queries.items():
        noticed[of] |= {number for number in connection.execute(query).scalars() if number is not None}


def _some(numbers: Collection[int]) -> Iterator[list[int]]:
    whole = sorted(numbers)
    return (whole[first : first + _AT_ONCE] for first in range(0, len(whole), _AT_ONCE))
