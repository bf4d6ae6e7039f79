"""What templates can say of a thing behind a bar: `{{ event|when }}`, `{{ campus|address }}`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from flask_babel import gettext
from markupsafe import Markup

from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.words import as_html
from eventsvc.domain.requests.rounds import Round
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import words


def address(campus: Campus) -> str:
    """Street, postal code and city on a line."""
    city = " ".join(part for part in (campus.city, campus.postal_code) if part)
    return ", ".join(part for part in (campus.address, city) if part)


def map_link(campus: Campus) -> str:
    """A map search that phones hand to their map; nothing is loaded from there until somebody follows it."""
    query = ", ".join(part for part in (campus.name, address(campus)) if part)
    return f"https://www.google.com/maps/search/?api=1&query={quote_plus(query)}"


def markdown(text: str) -> Markup:
    """A description as safe HTML."""
    return Markup(as_html(text))  # nh3 has cleaned it


def rooms_in_words(event: Event) -> str:
    """The rooms of an event as far as they are promised, and what is said in place of the others."""
    asked = [gettext("Room requested")] if event.requested_rooms else []
    return ", ".join([*(room.name for room in event.sure_rooms), *asked]) or str(gettext("Room to be announced"))


def slug_and_name(entry: Any) -> tuple[str, str]:
    """An entry of the directory as an option of a select."""
    return entry.slug, entry.name


def round_option(one: Round) -> tuple[str, str]:
    """A round as an option of a select: what it is called, whose it is, and its last day."""
    said = gettext(
        "%(title)s (%(partner)s, until %(day)s)",
        title=one.title,
        partner=one.office.organization.name,
        day=words.day(one.closes_on),
    )
    return str(one.public_id), str(said)


FILTERS: dict[str, Callable[..., Any]] = {
    "kind": words.kind,
    "page_of": words.page_of,
    "language_name": language_name,
    "when": words.when,
    "own_when": words.own_when,
    "time_range": words.time_range,
    "time_on": words.time_on,
    "day": words.day,
    "days": words.days,
    "short_day": words.short_day,
    "minutes": words.minutes,
    "rooms_in_words": rooms_in_words,
    "address": address,
    "map_link": map_link,
    "markdown": markdown,
    "is_off": words.is_off,
    "slug_and_name": slug_and_name,
    "round_option": round_option,
    "translated": words.translated,
}
