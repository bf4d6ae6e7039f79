"""For whom an event is and in which languages it is held: the words under which lists and calendars find it.

`Event.audience` and `Event.languages` say what people said. Beside them stand rows that can be searched, a group of
people by its slug and a language by its tag; they are written whenever those two are, and by nothing else.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from babel import Locale, UnknownLocaleError
from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    String,
    delete,
    event,
    exists,
    func,
    insert,
    inspect,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from eventsvc.core.db import Base, db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.directory.names import slugged
from eventsvc.domain.events.models import Event

# In which an event is held that says none: the agreements are between English-speaking offices.
UNSAID = "en"
MOST_LANGUAGES = 10
MOST_GROUPS = 20
_LONGEST_TAG = 10
# Language, script, region: what a spoken language needs of RFC 5646 2.1.
_TAG = re.compile(r"([a-z]{2,3})(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?")


class EventAudience(Base):
    """A group of people for whom an event is."""

    __tablename__ = "event_audiences"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), primary_key=True, index=True, comment="of the word, see found_under")
    word: Mapped[str] = mapped_column(String(60), comment="as it was written")


class EventLanguage(Base):
    """A language in which an event is held; es-MX has a row for es too."""

    __tablename__ = "event_languages"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(_LONGEST_TAG), primary_key=True, index=True, comment="BCP 47, lower case")


def slug_of(word: str) -> str:
    """The slug of a group, the same for every case and spacing: "First-year  students" is `first-year-students`.

    Letters that a slug cannot hold are told apart by a digest at its end.
    """
    plain = unicodedata.normalize("NFKD", " ".join(word.casefold().split()))
    has_latin = any(mark.isalnum() and mark.isascii() for mark in plain)
    if has_latin and not any(mark.isalnum() and not mark.isascii() for mark in plain):
        return slugged(word)
    mark = hashlib.sha256(plain.encode()).hexdigest()[:10]
    return f"{slugged(word)[:60].strip('-')}-{mark}" if has_latin else mark


def groups(words: Iterable[str]) -> dict[str, str]:
    """Slug → word of each group; of two that are written alike the first."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(slug_of(word), word)
    return found


def tag_of(text: str) -> str:
    """A tag as BCP 47 writes it (`es`, `zh-Hant`, `es-MX`); refuses ValueError for what names no language."""
    parts = _TAG.fullmatch(text.strip().lower())
    if parts is None or len(text.strip()) > _LONGEST_TAG:
        raise ValueError(text)
    language, script, region = parts.groups()
    if language not in _known():
        raise ValueError(text)
    return language + (script or "").title() + (region or "").upper()


def ensure_languages(tags: Sequence[str], *, field: str = "languages", numbered: bool = True) -> list[str]:
    """The tags as BCP 47 writes them, each once; refuses InvalidInput naming each that names no language."""
    said: list[str] = []
    errors: list[tuple[str, str]] = []
    for number, text in enumerate(tags):
        try:
            said.append(tag_of(text))
        except ValueError:
            at = f"{field}.{number}" if numbered else field
            errors.append((at, say("%(text)r is no language tag such as en, es or zh-Hant", text=text)))
    if errors:
        raise InvalidInput(errors)
    if len(said) > MOST_LANGUAGES:
        raise InvalidInput({field: say("at most %(most)s languages", most=MOST_LANGUAGES)})
    return list(dict.fromkeys(said))


def is_tag(text: str) -> bool:
    """True for the tag of a language that we know, in lower case."""
    try:
        return tag_of(text).lower() == text
    except ValueError:
        return False


def said_in(tag: str) -> tuple[str, ...]:
    """The languages of an event that is wished for in one; none where that is unsaid or no language we know."""
    return (tag_of(tag),) if is_tag(tag.lower()) and tag != UNSAID else ()


def tags_found(languages: Iterable[str]) -> set[str]:
    """The tags under which an event of those languages is found, in lower case: es-MX under es-mx and es (RFC 4647
    3.3.1), one that says none under en."""
    found: set[str] = set()
    for tag in languages:
        parts = tag.lower().split("-")
        found |= {"-".join(parts[: count + 1]) for count in range(len(parts))}
    return found or {UNSAID}


def for_one_of(slugs: Collection[str]) -> ColumnElement[bool]:
    """True for events for one of those groups."""
    return exists().where(EventAudience.event_id == Event.id, EventAudience.slug.in_(slugs))


def held_in_one_of(tags: Collection[str]) -> ColumnElement[bool]:
    """True for events held in one of those languages."""
    wanted = {tag.lower() for tag in tags}
    is_held = exists().where(EventLanguage.event_id == Event.id, EventLanguage.tag.in_(wanted))
    return or_(is_held, ~exists().where(EventLanguage.event_id == Event.id)) if UNSAID in wanted else is_held


def word_of(slug: str, where: Sequence[ColumnElement[bool]]) -> str | None:
    """How the newest of those events writes a group, or None where none of them is for it."""
    query = select(EventAudience.word).join(Event, Event.id == EventAudience.event_id)
    return db.session.scalar(query.where(EventAudience.slug == slug, *where).order_by(Event.id.desc()).limit(1))


def groups_of(where: Sequence[ColumnElement[bool]], *, most: int) -> list[tuple[str, str]]:
    """Slug and word of the groups for which most of those events are, by word."""
    query = select(EventAudience.slug, func.max(EventAudience.word)).join(Event, Event.id == EventAudience.event_id)
    query = query.where(*where).group_by(EventAudience.slug).order_by(func.count().desc(), EventAudience.slug)
    found = [(slug, word) for slug, word in db.session.execute(query.limit(most))]
    return sorted(found, key=lambda one: one[1].lower())


def languages_of(where: Sequence[ColumnElement[bool]]) -> list[str]:
    """The tags under which those events are found, that of what nobody said first; most events say none."""
    query = select(EventLanguage.tag).join(Event, Event.id == EventLanguage.event_id).where(*where).distinct()
    return [UNSAID, *sorted(set(db.session.scalars(query)) - {UNSAID})]


def name_of(tag: str) -> str:
    """What a language is called in English; the tag itself where nobody knows it."""
    try:
        return Locale.parse(tag_of(tag), sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _known() -> Collection[str]:
    return Locale("en").languages


@event.listens_for(Event, "after_insert")
def _write(mapper: Mapper[Event], connection: Connection, one: Event) -> None:
    _insert(connection, one)


@event.listens_for(Event, "after_update")
def _write_anew(mapper: Mapper[Event], connection: Connection, one: Event) -> None:
    changed = inspect(one).attrs
    if changed.audience.history.has_changes() or changed.languages.history.has_changes():
        _clear(mapper, connection, one)
        _insert(connection, one)


@event.listens_for(Event, "before_delete")
def _clear(mapper: Mapper[Event], connection: Connection, one: Event) -> None:
    """A date of a series that cannot be had goes without a trace."""
    for table in (EventAudience, EventLanguage):
        connection.execute(delete(table).where(table.event_id == one.id))


def _insert(connection: Connection, one: Event) -> None:
    said: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (EventAudience, [{"slug": slug, "word": word[:60]} for slug, word in groups(one.audience or ()).items()]),
        (EventLanguage, [{"tag": tag} for tag in sorted(tags_found(one.languages))] if one.languages else []),
    )
    for table, rows in said:
        if rows:
            connection.execute(insert(table), [{"event_id": one.id, **row} for row in rows])
