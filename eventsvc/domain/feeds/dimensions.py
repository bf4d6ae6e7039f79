"""By what public feeds select: a campus, a kind, a language … each with the words that lead to something there.

One feed has one word of one dimension; a saved filter several of several.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.domain.directory.models import DISTRICTS, Campus, Organization, Topic
from eventsvc.domain.directory.names import slugged
from eventsvc.domain.events import found_under
from eventsvc.domain.events.found_under import EventAudience
from eventsvc.domain.events.lookup import Filter, matching
from eventsvc.domain.events.models import Event, EventKind, Series
from eventsvc.domain.feeds.kind_names import OF_MANY


class Part(NamedTuple):
    """A word as its feed's address has it, and what it is called in English."""

    word: str
    name: str


# In the order in which people are shown them.
DIMENSIONS = ("campus", "kind", "topic", "audience", "language", "organization", "district", "series")
# No row has this id; an empty field of a filter would not narrow.
_NOTHING = (0,)
_ENTRIES: Mapping[str, Any] = {"campus": Campus, "topic": Topic, "organization": Organization, "district": Organization}


def found(of: str, words: Sequence[str]) -> dict[str, Part]:
    """What the words lead to, by the word as it was said; those that lead nowhere are left out."""
    return _FOUND[of]([word for word in words if word.replace("_", "").replace("-", "").isalnum()])


def wanted(asked: Mapping[str, Sequence[str]]) -> Filter:
    """The events that words of each dimension select; a dimension of which no word leads anywhere selects none."""
    said = {of: _values(of, words) for of, words in asked.items()}
    return Filter(
        campus_ids=said.get("campus", ()),
        kinds=said.get("kind", ()),
        topic_ids=said.get("topic", ()),
        audiences=said.get("audience", ()),
        languages=said.get("language", ()),
        host_ids=said.get("organization", ()),
        district_ids=said.get("district", ()),
        series_ids=said.get("series", ()),
    )


def _values(of: str, words: Sequence[str]) -> tuple[Any, ...]:
    if of in _ENTRIES:
        ids = db.session.scalars(select(_ENTRIES[of].id).where(_ENTRIES[of].slug.in_(words)))
        return tuple(ids) or _NOTHING
    if of == "series":
        keys = [key for word in words if (key := public_ids.read(word)) is not None]
        return tuple(db.session.scalars(select(Series.id).where(Series.public_id.in_(keys)))) or _NOTHING
    return tuple(EventKind(word) for word in words) if of == "kind" else tuple(words)


def listed(of: str, *, words: str = "", after: str = "", limit: int) -> list[Part]:
    """What there is to select by, by word, from the one after `after` on; `words` are looked for in names."""
    return _LISTED[of](words, after, limit)


def _entries(of: str) -> Callable[[Sequence[str]], dict[str, Part]]:
    kind = _ENTRIES[of]

    def find(words: Sequence[str]) -> dict[str, Part]:
        query = select(kind.slug, kind.name).where(kind.slug.in_(words), *_only(of))
        return {slug: Part(slug, name) for slug, name in db.session.execute(query)}

    return find


def _only(of: str) -> list[ColumnElement[bool]]:
    return [Organization.kind.in_(DISTRICTS)] if of == "district" else []


def _kinds(words: Sequence[str]) -> dict[str, Part]:
    known = {str(kind): Part(str(kind), OF_MANY[kind]) for kind in EventKind}
    return {word: known[word] for word in words if word in known}


def _audiences(words: Sequence[str]) -> dict[str, Part]:
    query = select(EventAudience.slug, func.max(EventAudience.word)).join(Event, Event.id == EventAudience.event_id)
    query = query.where(EventAudience.slug.in_(words), *matching(Filter())).group_by(EventAudience.slug)
    return {slug: Part(slug, word) for slug, word in db.session.execute(query)}


def _languages(words: Sequence[str]) -> dict[str, Part]:
    known = {word: word.strip().lower() for word in words}
    return {word: Part(tag, found_under.name_of(tag)) for word, tag in known.items() if found_under.is_tag(tag)}


def _series(words: Sequence[str]) -> dict[str, Part]:
    keys = {key: word for word in words if (key := public_ids.read(word)) is not None}
    query = select(Series.public_id, Series.title).where(Series.public_id.in_(keys), _is_seen())
    return {keys[one]: Part(str(one), title) for one, title in db.session.execute(query)}


def _is_seen() -> ColumnElement[bool]:
    return exists().where(Event.series_id == Series.id, *matching(Filter()))


_FOUND: Mapping[str, Callable[[Sequence[str]], dict[str, Part]]] = {
    **{of: _entries(of) for of in _ENTRIES},
    "kind": _kinds,
    "audience": _audiences,
    "language": _languages,
    "series": _series,
}


def _list_entries(of: str) -> Callable[[str, str, int], list[Part]]:
    kind = _ENTRIES[of]

    def some(words: str, after: str, limit: int) -> list[Part]:
        where = [kind.retired_on.is_(None), kind.slug > after, *_only(of), *_named(kind.name, kind.slug, words)]
        query = select(kind.slug, kind.name).where(*where).order_by(kind.slug).limit(limit)
        return [Part(slug, name) for slug, name in db.session.execute(query)]

    return some


def _named(name: Any, slug: Any, words: str) -> list[ColumnElement[bool]]:
    """Every word is part of the name or of the slug, in whatever case and with or without accents."""
    return [or_(name.icontains(one, autoescape=True), slug.contains(slugged(one))) for one in words.split()]


def _list_kinds(words: str, after: str, limit: int) -> list[Part]:
    return _some([Part(str(kind), OF_MANY[kind]) for kind in EventKind], words, after, limit)


def _list_languages(words: str, after: str, limit: int) -> list[Part]:
    tags = found_under.languages_of(matching(Filter()))
    return _some([Part(tag, found_under.name_of(tag)) for tag in tags], words, after, limit)


def _some(parts: Collection[Part], words: str, after: str, limit: int) -> list[Part]:
    asked = words.casefold().split()
    meant = [one for one in sorted(parts) if all(word in one.name.casefold() for word in asked)]
    return [one for one in meant if one.word > after][:limit]


def _list_audiences(words: str, after: str, limit: int) -> list[Part]:
    slug, word = EventAudience.slug, EventAudience.word
    query = select(slug, func.max(word)).join(Event, Event.id == EventAudience.event_id)
    query = query.where(slug > after, *_named(word, slug, words), *matching(Filter()))
    return [Part(*row) for row in db.session.execute(query.group_by(slug).order_by(slug).limit(limit))]


def _list_series(words: str, after: str, limit: int) -> list[Part]:
    last = public_ids.read(after)
    where = [Series.public_id > last] if last is not None else []
    where += [Series.title.icontains(one, autoescape=True) for one in words.split()]
    query = select(Series.public_id, Series.title).where(_is_seen(), *where).order_by(Series.public_id).limit(limit)
    return [Part(str(one), title) for one, title in db.session.execute(query)]


_LISTED: Mapping[str, Callable[[str, str, int], list[Part]]] = {
    **{of: _list_entries(of) for of in _ENTRIES},
    "kind": _list_kinds,
    "audience": _list_audiences,
    "language": _list_languages,
    "series": _list_series,
}
