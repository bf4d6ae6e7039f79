"""Finding the rooms that a file of events names: by name, by remembered alias, by making what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room, RoomAlias
from eventsvc.domain.directory.names import folded
from eventsvc.domain.directory.spellings import likely, one_room_each, room_keys
from eventsvc.interfaces.importing.loading import Import
from eventsvc.workflows.keep_directory import RoomRow, remember_room_alias, save_room


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How rooms are made that nobody knows yet, in minutes; with `is_wanted` False none is made."""

    is_wanted: bool = False
    setup_minutes: int | None = None
    takedown_minutes: int | None = None


@dataclass(slots=True)
class Rooms:
    """What the spellings on each campus (by slug) mean."""

    slugs: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def slug_of(self, campus: str, spelling: str) -> str:
        """The slug of the room a spelling means; refuses InvalidInput."""
        slug = self.slugs.get((campus, spelling))
        if slug is None:
            raise InvalidInput(
                {"rooms": say("%(spelling)r is no room that is known on %(campus)s", spelling=spelling, campus=campus)}
            )
        return slug


def find_rooms(
    task: Import, spellings: Mapping[str, Sequence[str]], *, aliases: Mapping[str, str], making: Making
) -> Rooms:
    """Find every room; `spellings` is campus slug → each spelling as often as it stands in the file.

    Aliases are remembered first. With `making`, spellings that are one room by the rule of
    `domain.directory.spellings` become one room named by the most frequent of them, and the rest its aliases.
    Without it, what nobody knows is listed with what it may have meant.

    Refuses: InvalidInput for an alias to a room that is on none of the campuses.
    """
    rooms = Rooms()
    for their, ours in aliases.items():
        _remember(task, list(spellings), their, ours, making)
    for campus_slug, there in spellings.items():
        campus = lookup.get(Campus, campus_slug)
        unknown = _unknown(rooms, campus, there)
        if making.is_wanted:
            _make(task, rooms, campus, unknown, making)
            unknown = _unknown(rooms, campus, unknown)
        rooms.notes += _questions(campus, unknown)
    return rooms


def _unknown(rooms: Rooms, campus: Campus, spellings: Sequence[str]) -> list[str]:
    """Note the rooms that are known, and return the other spellings, each as often as it was given."""
    for spelling in dict.fromkeys(spellings):
        room = lookup.find_room_on(campus, spelling)
        if room is not None:
            rooms.slugs[campus.slug, spelling] = room.slug
    return [spelling for spelling in spellings if (campus.slug, spelling) not in rooms.slugs]


def _remember(task: Import, campuses: Sequence[str], their: str, ours: str, making: Making) -> None:
    there = [lookup.get(Campus, slug) for slug in campuses]
    rooms = [room for campus in there if (room := lookup.find_room_on(campus, ours))]
    with transaction():
        if not rooms and making.is_wanted and len(there) == 1:
            rooms = [save_room(_row(ours, there[0], making), **task.who())]
        if not rooms:
            places = " / ".join(campuses) or say("any campus")
            raise InvalidInput(
                {"--alias": say("there is no room %(room)r on %(campuses)s", room=ours, campuses=places)}
            )
        for room in rooms:
            remember_room_alias(room, their, **task.who())


def _make(task: Import, rooms: Rooms, campus: Campus, unknown: Sequence[str], making: Making) -> None:
    """Merge the unknown spellings with one another and with what is known there, and make the rest."""
    chosen = one_room_each(unknown)
    made = 0
    for name in dict.fromkeys(chosen.values()):
        spelt = [spelling for spelling, room in chosen.items() if room == name]
        keys = frozenset().union(*map(room_keys, spelt))
        known = {room.id: room for words, room in _known_spellings(campus) if keys & room_keys(words)}
        if len(known) > 1:
            continue  # it may be either; a person says which by --alias
        with transaction():
            room = next(iter(known.values()), None) or save_room(_row(name, campus, making), **task.who())
            made += not known
            merged = [spelling for spelling in spelt if remember_room_alias(room, spelling, **task.who())]
        rooms.notes += [f"room {room.name!r} is also written {spelling!r}" for spelling in merged if spelling != name]
    if made:
        rooms.notes.append(f"{made} room{'' if made == 1 else 's'} made on {campus.slug}")


def _known_spellings(campus: Campus) -> list[tuple[str, Room]]:
    """Every name and alias of the rooms on a campus."""
    rooms = list(db.session.scalars(select(Room).where(Room.campus_id == campus.id)))
    aliases = db.session.execute(
        select(RoomAlias.folded, Room).join(Room, RoomAlias.room_id == Room.id).where(RoomAlias.campus_id == campus.id)
    )
    return [(room.name, room) for room in rooms] + [(words, room) for words, room in aliases]


def _row(name: str, campus: Campus, making: Making) -> RoomRow:
    return RoomRow(
        name=name,
        campus=campus.slug,
        setup_minutes=making.setup_minutes,
        takedown_minutes=making.takedown_minutes,
    )


def _questions(campus: Campus, unknown: Sequence[str]) -> list[str]:
    names = {
        folded(room.name): room.name for room in db.session.scalars(select(Room).where(Room.campus_id == campus.id))
    }
    return [_question(spelling, rows, likely(spelling, names)) for spelling, rows in Counter(unknown).items()]


def _question(spelling: str, rows: int, names: Sequence[str]) -> str:
    of = f"unknown room {spelling!r} ({rows} row{'' if rows == 1 else 's'})"
    if not names:
        return f"{of}: nothing like it is known; --create-rooms makes it"
    meant = " or ".join(map(repr, names))
    return f"{of}: did you mean {meant}? Then say --alias '{spelling}={names[0]}'"
