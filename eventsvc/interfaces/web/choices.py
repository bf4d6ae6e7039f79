"""What a planning form offers to choose from; one query each, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.domain.booking.wishes import halls_of
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, PoolKind, Room, Topic
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import forms, glance, words
from eventsvc.interfaces.web.forms import Form, sides

# Up to this many are shown at once; of more, those that fit, and the rest on request.
FEW = 12
# Other languages are said over JSON and in files, and stay when somebody edits the event here.
_SPOKEN = ("en", "es", "zh", "ko", "vi", "tl", "hy", "fa", "ru")


@dataclass(frozen=True, slots=True)
class Offer:
    """Entries to choose from: the ticked ones and those that fit come first, the rest waits behind a word."""

    near: Sequence[Any]
    rest: Sequence[Any]

    def __len__(self) -> int:
        return len(self.near) + len(self.rest)


def of_words(form: Form) -> dict[str, Any]:
    """For the words of an event."""
    return {
        "topics": _all(Topic, chosen=form.all("topics")),
        "organizations": _all(Organization, chosen=form.all("co_hosts")),
        "languages": languages(form.all("languages")),
        "visibilities": [(value, words.VISIBILITIES[value]) for value in Visibility],
    }


def languages(chosen: Sequence[str] = ()) -> list[dict[str, str]]:
    """What is spoken at most colleges of the region and what was chosen, by tag and name, as options of a form."""
    tags = (*_SPOKEN, *(tag for tag in dict.fromkeys(chosen) if tag and tag not in _SPOKEN))
    return [{"slug": tag, "name": language_name(tag)} for tag in tags]


def of_bookings(form: Form, owner: Office | None = None, topics: Collection[str] = ()) -> dict[str, Any]:
    """For time, place and people; rooms are those of the campus chosen so far, experts for the topics come first.

    `owner` is the office in charge where the form does not ask for it.
    """
    campus, zone = place_of(form, owner)
    rooms = rooms_on(campus, form.all("rooms")) if campus else []
    return {
        "campus": campus,
        "campuses": _all(Campus, chosen=form.all("campus")),
        "rooms": _offered(form, "rooms", rooms, _seats(form)),
        "experts": _offered(form, "experts", _experts(form.all("experts")), _speaks(form, topics)),
        "equipment": _equipment(form, campus),
        "zone": words.zone_name(zone) if zone else "",
        "sides": sides(form, zone),
    }


def of_plan(form: Form) -> dict[str, Any]:
    """For a whole plan."""
    kinds = [(kind, words.KINDS[kind]) for kind in EventKind]
    bookings = of_bookings(form, topics=form.all("topics"))
    _, zone = place_of(form)
    seen = glance.of_form(form, bookings["campus"], zone)
    return {"kinds": kinds, "offices": _all(Office), **of_words(form), **bookings, "glance": seen}


def place_of(form: Form, owner: Office | None = None) -> tuple[Campus | None, str | None]:
    """The campus chosen so far, and the zone in which the times of the form are meant, where either is known."""
    campus = lookup.find(Campus, form.value("campus")) if form.value("campus") else None
    office = lookup.find(Office, form.value("owner")) if form.value("owner") else owner
    place = campus or office
    return campus, place.zone if place else None


def _offered(form: Form, name: str, entries: Sequence[Any], fits: Callable[[Any], bool]) -> Offer:
    ticked = set(form.all(name))
    chosen = [entry for entry in entries if entry.slug in ticked]
    others = [entry for entry in entries if entry.slug not in ticked]
    if len(entries) <= FEW:
        return Offer([*chosen, *others], [])
    near = [entry for entry in others if fits(entry)]
    return Offer([*chosen, *near], [entry for entry in others if entry not in near])


def _seats(form: Form) -> Callable[[Room], bool]:
    heads = forms.whole(form.value("expected_heads"))
    least = heads if isinstance(heads, int) else 0
    return lambda room: least > 0 and (room.capacity or 0) >= least


def _speaks(form: Form, topics: Collection[str]) -> Callable[[Expert], bool]:
    """Those whose name, organization or topics hold every word that is looked for; else those for the topics."""
    looked_for = form.value("find_expert").casefold().split()
    if not looked_for:
        return lambda expert: any(topic.slug in topics for topic in expert.topics)

    def is_meant(expert: Expert) -> bool:
        said = [expert.name, expert.organization.name, *(topic.name for topic in expert.topics)]
        return all(word in " ".join(said).casefold() for word in looked_for)

    return is_meant


def _experts(chosen: Collection[str]) -> list[Expert]:
    query = select(Expert).where(_is_offered(Expert, chosen)).order_by(Expert.name)
    return list(db.session.scalars(query.options(selectinload(Expert.topics), joinedload(Expert.organization))))


def rooms_on(campus: Campus, chosen: Collection[str]) -> list[Room]:
    """Rooms by name, the parts of a hall after it."""
    query = (
        select(Room)
        .where(Room.campus_id == campus.id, _is_offered(Room, chosen))
        .options(joinedload(Room.parent), joinedload(Room.office))
    )

    def place(room: Room) -> list[str]:
        return [one.name.casefold() for one in [*reversed(list(halls_of(room))), room]]

    return sorted(db.session.scalars(query), key=place)


def _equipment(form: Form, campus: Campus | None) -> list[tuple[str, list[Pool]]]:
    """Things to be used there or anywhere, by kind; those that were asked for stay although they are out of use."""
    there = or_(Pool.campus_id.is_(None), Pool.campus_id == (campus.id if campus else None))
    asked = [said["slug"] for said in forms.equipment_values(form)]
    pools = _all(Pool, there, chosen=asked)
    groups = ((words.POOLS[kind], [pool for pool in pools if pool.kind == kind]) for kind in PoolKind)
    return [(label, found) for label, found in groups if found]


def _all(kind: Any, *where: Any, chosen: Collection[str] = ()) -> list[Any]:
    return list(db.session.scalars(select(kind).where(_is_offered(kind, chosen), *where).order_by(kind.name)))


def _is_offered(kind: Any, chosen: Collection[str]) -> ColumnElement[bool]:
    """What is in use, and what was chosen before it went out of use: left out, it would be given up unseen."""
    return or_(kind.retired_on.is_(None), kind.slug.in_([slug for slug in chosen if is_slug(slug)]))
