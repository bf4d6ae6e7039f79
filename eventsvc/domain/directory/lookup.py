"""Finding directory entries by slug, and lists of them for the doors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    Office,
    Organization,
    OrganizationAlias,
    Room,
    RoomAlias,
    Topic,
)
from eventsvc.domain.directory.names import folded, is_slug

Entry = TypeVar("Entry", Organization, Office, Campus, Room, Expert, Topic)

_WORDS = {
    Organization: "organization",
    Office: "office",
    Campus: "campus",
    Room: "room",
    Expert: "expert",
    Topic: "topic",
}
# What a list shows of each entry's neighbours, so that a page costs a fixed number of queries.
_SHOWN: dict[Any, Sequence[ORMOption]] = {
    Organization: (joinedload(Organization.parent),),
    Office: (joinedload(Office.organization),),
    Campus: (joinedload(Campus.organization),),
    Room: (joinedload(Room.campus),),
    Expert: (joinedload(Expert.organization), joinedload(Expert.home_campus), selectinload(Expert.topics)),
    Topic: (),
}


def find(kind: type[Entry], slug: str) -> Entry | None:
    """The entry of that slug, retired or not, or None."""
    return db.session.scalar(select(kind).where(kind.slug == slug)) if is_slug(slug) else None


def get(kind: type[Entry], slug: str) -> Entry:
    """The entry of that slug; refuses NotFound."""
    entry = find(kind, slug)
    if entry is None:
        raise NotFound(f"There is no {_WORDS[kind]} {slug!r}.")
    return entry


def get_in_use(kind: type[Entry], slug: str, *, field: str) -> Entry:
    """The entry of that slug for use in something new; refuses InvalidInput naming the field."""
    return get_all_in_use(kind, [slug], field=field, numbered=False)[0]


def get_all_in_use(kind: type[Entry], slugs: Sequence[str], *, field: str, numbered: bool = True) -> list[Entry]:
    """The entries of those slugs in the order given; refuses InvalidInput naming each field that fails.

    Refuses: unknown slugs, retired entries, and the same slug twice.
    """
    if not slugs:
        return []
    found = {entry.slug: entry for entry in db.session.scalars(select(kind).where(kind.slug.in_(slugs)))}
    errors: list[tuple[str, str]] = []
    for index, slug in enumerate(slugs):
        name = f"{field}[{index}]" if numbered else field
        entry = found.get(slug)
        if entry is None:
            errors.append((name, f"there is no {_WORDS[kind]} {slug!r}"))
        elif entry.retired_on is not None:
            errors.append((name, f"{_WORDS[kind]} {slug!r} is out of use since {entry.retired_on}"))
        elif slug in slugs[:index]:
            errors.append((name, f"{slug!r} is named twice"))
    if errors:
        raise InvalidInput(errors)
    return [found[slug] for slug in slugs]


def page(
    kind: type[Entry], *, after_slug: str | None, limit: int, where: Sequence[ColumnElement[bool]] = ()
) -> tuple[list[Entry], str | None]:
    """One page of entries in use, by slug, and the slug to continue after or None at the end; a few queries."""
    query = select(kind).where(kind.retired_on.is_(None), *where).options(*_SHOWN[kind])
    query = query.order_by(kind.slug).limit(limit + 1)
    if after_slug is not None:
        query = query.where(kind.slug > after_slug)
    entries = list(db.session.scalars(query))
    more = len(entries) > limit
    return entries[:limit], entries[limit - 1].slug if more else None


def find_organization(words: str) -> Organization | None:
    """The organization of that slug, name or alias, or None."""
    return find(Organization, words) or db.session.scalar(
        select(Organization)
        .join(OrganizationAlias, OrganizationAlias.organization_id == Organization.id)
        .where(OrganizationAlias.folded == folded(words))
    )


def find_room_on(campus: Campus, words: str) -> Room | None:
    """The room of that slug, name or remembered alias on a campus, or None."""
    return db.session.scalar(select(Room).where(Room.campus_id == campus.id, Room.slug == words)) or db.session.scalar(
        select(Room)
        .join(RoomAlias, RoomAlias.room_id == Room.id)
        .where(RoomAlias.campus_id == campus.id, RoomAlias.folded == folded(words))
    )
