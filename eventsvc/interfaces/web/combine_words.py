"""What dimensions of feeds and their words are called on pages."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from eventsvc.domain.events.models import EventKind
from eventsvc.domain.feeds import saved
from eventsvc.domain.feeds.saved import Combination
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import words

DIMENSIONS = {
    "campus": lazy_gettext("Campuses"),
    "kind": lazy_gettext("Kinds of events"),
    "topic": lazy_gettext("Topics"),
    "audience": lazy_gettext("For whom"),
    "language": lazy_gettext("Languages"),
    "organization": lazy_gettext("Organizations"),
    "district": lazy_gettext("Districts"),
    "series": lazy_gettext("Series"),
}


def name_of(of: str, word: str, name: str) -> str:
    """A feed's name in the reader's language; places, topics and titles are called as they are."""
    if of == "all":
        return str(gettext("All events"))
    if of == "kind":
        return str(words.KINDS_PLURAL[EventKind(word)])
    return str(gettext("Events in %(language)s", language=language_name(word))) if of == "language" else name


def choice_of(of: str, word: str, name: str) -> str:
    """The same where the dimension is said beside it."""
    return language_name(word) if of == "language" else name_of(of, word, name)


def selects(asked: Combination) -> list[tuple[str, list[str]]]:
    """What a saved filter selects by: each dimension with what was chosen of it."""
    parts = saved.parts_of(asked)
    return [(str(DIMENSIONS[of]), [choice_of(of, *part) for part in some]) for of, some in parts.items()]
