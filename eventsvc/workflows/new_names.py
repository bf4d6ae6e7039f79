"""Whether what somebody is about to add is there already.

Saving a row of a known name updates the entry of that name. Whoever types a new one by hand means another thing, so it
is told first; a spelling that only looks alike is taken once somebody has said that it is another one.
"""

from __future__ import annotations

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Organization, Room
from eventsvc.domain.directory.names import folded
from eventsvc.domain.directory.spellings import nearly, room_keys


def ensure_new_organization(name: str, *, field: str, is_another: bool) -> None:
    """Refuses InvalidInput for a name that is taken, or that hardly differs from one that is."""
    if (known := lookup.find_organization(name)) is not None:
        raise InvalidInput({field: say("%(name)s is in the directory already", name=known.name)})
    names = db.session.scalars(select(Organization.name).where(Organization.retired_on.is_(None)))
    _ensure_unlike([] if is_another else nearly(name, names), field)


def ensure_new_room(campus: Campus, name: str, *, field: str, is_another: bool) -> None:
    """The same of a room on its campus; numbers differ by one digit, so only the same words in another order count."""
    if (known := lookup.find_room_on(campus, name)) is not None:
        raise InvalidInput({field: say("%(name)s is there already", name=known.name)})
    keys = room_keys(name)
    names = db.session.scalars(select(Room.name).where(Room.campus_id == campus.id))
    _ensure_unlike([] if is_another else [one for one in names if keys & room_keys(one)], field)


def ensure_new_expert(organization: Organization, name: str, *, field: str) -> None:
    """The same of a person: within an organization a name is known once."""
    names = db.session.scalars(select(Expert.name).where(Expert.organization_id == organization.id))
    if any((folded(one) == folded(name) and folded(name)) or one == name for one in names):
        raise InvalidInput({field: say("%(name)s is there already", name=name)})


def _ensure_unlike(names: list[str], field: str) -> None:
    if names:
        reason = say("this looks like %(names)s: say below if it is another one", names=", ".join(names[:3]))
        raise InvalidInput({field: reason})
