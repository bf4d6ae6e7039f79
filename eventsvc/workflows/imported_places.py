"""Where a foreign entry takes place, by its LOCATION and GEO: a campus and rooms of ours, or words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.distance import miles_between
from eventsvc.domain.directory.models import Campus, Office, Room
from eventsvc.domain.directory.names import folded

# Somebody who gives a position stands on the campus, not in the next town.
_NEAR_MILES = 0.3
_MOST_PARTS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """What a LOCATION means: `campus` (slug) where it is known, rooms, and the words that say more than these."""

    campus: str | None = None
    is_campus_named: bool = False
    rooms: tuple[str, ...] = ()
    words: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Here:
    """A campus as far as words and positions find it; kept beyond the transactions of single entries."""

    id: int
    slug: str
    names: tuple[str, ...]
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class _Position:
    latitude: float | None
    longitude: float | None


@dataclass(slots=True)
class Places:
    """Finds places for the entries of one office; the same words are looked up once."""

    office_id: int
    default: str | None
    _campuses: list[_Here] = field(default_factory=list)
    _found: dict[tuple[str, tuple[float, float] | None], Place] = field(default_factory=dict)

    def find(self, location: str, position: tuple[float, float] | None) -> Place:
        """What that LOCATION and GEO mean; reads the directory."""
        key = (location, position)
        if key not in self._found:
            self._found[key] = self._find(location, position)
        return self._found[key]

    def _find(self, location: str, position: tuple[float, float] | None) -> Place:
        named = self._named(location) or self._at(position)
        here = named or next((one for one in self._all() if one.slug == self.default), None)
        if here is None:
            unknown = [say("The place %(place)r is not known here; it stands in the description.", place=location)]
            return Place(words=location, warnings=tuple(unknown if location else ()))
        rooms, refused = self._rooms(here, location)
        is_all = not location or rooms or folded(location) in here.names
        warnings = list(refused)
        if not is_all and not refused:
            warnings.append(
                say("%(place)r names no room known on %(campus)s; it stands in the description.",
                    place=location, campus=here.slug)
            )  # fmt: skip
        words = "" if not location or (is_all and not refused and len(location) < 60) else location
        return Place(here.slug, named is not None, tuple(room.slug for room in rooms), words, tuple(warnings))

    def _all(self) -> list[_Here]:
        if not self._campuses:
            rows = db.session.scalars(select(Campus).where(Campus.retired_on.is_(None)).order_by(Campus.slug))
            self._campuses = [
                _Here(one.id, one.slug, (folded(one.name), folded(one.slug)), one.latitude, one.longitude)
                for one in rows
            ]
        return self._campuses

    def _named(self, location: str) -> _Here | None:
        """The campus whose name stands in the words; of several the one with the longest, of equals none."""
        said = f" {folded(location)} "
        found = [(len(name), one) for one in self._all() for name in one.names if name and f" {name} " in said]
        longest = max((length for length, _ in found), default=0)
        best = {one.slug: one for length, one in found if length == longest}
        return next(iter(best.values())) if len(best) == 1 else None

    def _at(self, position: tuple[float, float] | None) -> _Here | None:
        if position is None:
            return None
        there = _Position(*position)
        miles = ((miles_between(there, one), one) for one in self._all())
        near = [one for distance, one in miles if distance is not None and distance <= _NEAR_MILES]
        return near[0] if len(near) == 1 else None

    def _rooms(self, here: _Here, location: str) -> tuple[list[Room], list[str]]:
        """The rooms that the words name and this office may take without asking, and why not the others."""
        campus, office = db.session.get_one(Campus, here.id), db.session.get_one(Office, self.office_id)
        whole = lookup.find_room_on(campus, location) if location else None
        rooms: list[Room] = []
        refused: list[str] = []
        parts = [] if whole else re.split(r"[,;()/|]| - |–|—", location)[:_MOST_PARTS]
        found = [whole] if whole else [lookup.find_room_on(campus, part.strip()) for part in parts if part.strip()]
        for room in dict.fromkeys(one for one in found if one is not None and one.retired_on is None):
            if room.office_id == office.id or (
                not room.needs_approval and campus.organization_id == office.organization_id
            ):
                rooms.append(room)
            else:
                refused.append(say("%(room)s is for others to grant: ask for it at the event.", room=room.name))
        return rooms, refused


def _here(campus: Campus) -> _Here:
    names = (folded(campus.name), folded(campus.slug))
    return _Here(campus.id, campus.slug, names, campus.latitude, campus.longitude)
