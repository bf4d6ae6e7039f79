"""What a planning form offers to choose from; one query each, however many there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, Room, Topic
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.forms import Form, sides


def of_words() -> dict[str, Any]:
    """For the words of an event."""
    return {
        "topics": _all(Topic),
        "organizations": _all(Organization),
        "visibilities": [(value, words.VISIBILITIES[value]) for value in Visibility],
    }


def of_bookings(form: Form) -> dict[str, Any]:
    """For time, place and people; rooms are those of the campus chosen so far."""
    campus = lookup.find(Campus, form.value("campus")) if form.value("campus") else None
    office = lookup.find(Office, form.value("owner")) if form.value("owner") else None
    place = campus or office
    experts = (
        select(Expert)
        .where(Expert.retired_on.is_(None))
        .order_by(Expert.name)
        .options(selectinload(Expert.topics), joinedload(Expert.organization))
    )
    return {
        "campus": campus,
        "campuses": _all(Campus),
        "rooms": _all(Room, Room.campus_id == campus.id) if campus else [],
        "experts": list(db.session.scalars(experts)),
        "sides": sides(form, place.zone if place else None),
    }


def of_plan(form: Form) -> dict[str, Any]:
    """For a whole plan."""
    kinds = [(kind, words.KINDS[kind]) for kind in EventKind]
    return {"kinds": kinds, "offices": _all(Office), **of_words(), **of_bookings(form)}


def _all(kind: Any, *where: Any) -> list[Any]:
    return list(db.session.scalars(select(kind).where(kind.retired_on.is_(None), *where).order_by(kind.name)))
