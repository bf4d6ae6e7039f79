"""Finding directory entries by slug, and lists of them for the doors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, say
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
from eventsvc.domain.directory.pools import Pool

Entry = TypeVar("Entry", Organization, Office, Campus, Room, Expert, Topic, Pool)

# Whole sentences each, because in other languages the words around a noun change with it.
_NOT_FOUND: dict[Any, str] = {
    Organization: say("There is no organization %(slug)r."),
    Office: say("There is no office %(slug)r."),
    Campus: say("There is no campus %(slug)r."),
    Room: say("There is no room %(slug)r."),
    Expert: say("There is no expert %(slug)r."),
    Topic: say("There is no topic %(slug)r."),
    Pool: say("There is no equipment %(slug)r."),
}
_UNKNOWN: dict[Any, str] = {
    Organization: say("there is no organization %(slug)r"),
    Office: say("there is no office %(slug)r"),
    Campus: say("there is no campus %(slug)r"),
    Room: say("there is no room %(slug)r"),
    Expert: say("there is no expert %(slug)r"),
    Topic: say("there is no topic %(slug)r"),
    Pool: say("there is no equipment %(slug)r"),
}
_RETIRED: dict[Any, str] = {
    Organization: say("organization %(slug)r is out of use since %(day)s"),
    Office: say("office %(slug)r is out of use since %(day)s"),
    Campus: say("campus %(slug)r is out of use since %(day)s"),
    Room: say("room %(slug)r is out of use since %(day)s"),
    Expert: say("expert %(slug)r is out of use since %(day)s"),
    Topic: say("topic %(slug)r is out of use since %(day)s"),
    Pool: say("equipment %(slug)r is out of use since %(day)s"),
}
# What a list shows of each entry's neighbours, so that a page costs a fixed number of queries.
_SHOWN: dict[Any, Sequence[ORMOption]] = {
    Organization: (joinedload(Organization.parent),),
    Office: (joinedload(Office.organization),),
    Campus: (joinedload(Campus.organization),),
    Room: (joinedload(Room.campus), joinedload(Room.parent)),
    Expert: (joinedload(Expert.organization), joinedload(Expert.home_campus), selectinload(Expert.topics)),
    Topic: (),
    Pool: (joinedload(Pool.campus), joinedload(Pool.organization)),
}


def find(kind: type[Entry], slug: str) -> Entry | None:
    """The entry of that slug, retired or not, or None."""
    return db.session.scalar(select(kind).where(kind.slug == slug)) if is_slug(slug) else None


def get(kind: type[Entry], slug: str) -> Entry:
    """The entry of that slug; refuses NotFound."""
    entry = find(kind, slug)
    if entry is None:
        raise NotFound(say(_NOT_FOUND[kind], slug=slug))
    return entry


def unknown(kind: type[Entry], words: str) -> str:
    """The reason against a name that nothing of that kind answers to."""
    return say(_UNKNOWN[kind], slug=words)


def get_in_use(kind: type[Entry], slug: str, *, field: str) -> Entry:
    """The entry of that slug for use in something new; refuses InvalidInput naming the field."""
    return get_all_in_use(kind, [slug], field=field, numbered=False)[0]


# What was asked for, within `asking_once`: by kind, slugs, field and numbering.
_answers: ContextVar[dict[Any, list[Any]] | None] = ContextVar("answers", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """Within it the same entries are read once, for many plans that name the same; call inside one transaction."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def get_all_in_use(kind: type[Entry], slugs: Sequence[str], *, field: str, numbered: bool = True) -> list[Entry]:
    """The entries of those slugs in the order given; refuses InvalidInput naming each field that fails.

    Refuses: unknown slugs, retired entries, and the same slug twice.
    """
    answers, question = _answers.get(), (kind, tuple(slugs), field, numbered)
    if not slugs:
        return []
    if answers is not None and question in answers:
        return list(answers[question])
    found = {entry.slug: entry for entry in db.session.scalars(select(kind).where(kind.slug.in_(slugs)))}
    errors: list[tuple[str, str]] = []
    for index, slug in enumerate(slugs):
        name = f"{field}[{index}]" if numbered else field
        entry = found.get(slug)
        if entry is None:
            errors.append((name, unknown(kind, slug)))
        elif entry.retired_on is not None:
            errors.append((name, say(_RETIRED[kind], slug=slug, day=entry.retired_on)))
        elif slug in slugs[:index]:
            errors.append((name, say("%(slug)r is named twice", slug=slug)))
    if errors:
        raise InvalidInput(errors)
    asked = [found[slug] for slug in slugs]
    if answers is not None:
        answers[question] = list(asked)
    return asked


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


def by_ids(kind: type[Entry], ids: Collection[int]) -> dict[int, Entry]:
    """Those entries that are in use, by their ids, with what a list shows of each."""
    query = select(kind).where(kind.id.in_(ids), kind.retired_on.is_(None)).options(*_SHOWN[kind])
    return {entry.id: entry for entry in db.session.scalars(query)} if ids else {}


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
