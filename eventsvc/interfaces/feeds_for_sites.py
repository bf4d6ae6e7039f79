"""Feeds for web sites: the JSON beside each calendar, which every site may read, and a page to put into a frame.

Both have the versions of their calendar, answer a conditional GET, know no cookie, and are finished once in a process
(`domain/feeds/sheets.py`). `/feeds/….json` takes no parameters; `/embed/…` takes `lang`, `days` and `limit`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby, islice, takewhile
from typing import NamedTuple

from flask import Flask, Response, current_app, request
from flask_babel import force_locale, gettext
from werkzeug.exceptions import HTTPException

from eventsvc.core import clock
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Span, days_span
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.feeds import entries, items
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.items import Item
from eventsvc.interfaces import feeds
from eventsvc.interfaces.languages import LOCALES, SOURCE
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import words

JSON, HTML = "application/json", "text/html; charset=utf-8"
# How far ahead a page looks and how many events it lists, unless its address says otherwise; and the most of both.
DAYS, MOST_DAYS = 60, 366
LIMIT, MOST = 20, 100
_FOR_A_DAY = "86400"
_READ_BY_SCRIPTS = frozenset({"feeds.listed_all", "feeds.listed"})


class Day(NamedTuple):
    """A day of a page, in words, and what begins on it."""

    name: str
    on: date
    shown: list[Shown]


class Shown(NamedTuple):
    """An event as a page for frames shows it; `off` says in a word that it does not take place."""

    item: Item
    url: str
    hours: str
    place: str
    off: str


def register(app: Flask) -> None:
    """Add the JSON and the page of each public feed, to be counted and kept from sessions as calendars are."""
    of = f"<any({','.join(feeds.KINDS_OF_FEEDS)}):of>/<word:word>"
    for rule, view in (("/feeds/all.json", listed_all), (f"/feeds/{of}.json", listed)):
        endpoint = f"{feeds.blueprint.name}.{view.__name__}"
        app.add_url_rule(rule, endpoint, view, methods=["GET", "OPTIONS"], provide_automatic_options=False)
    app.add_url_rule("/embed/all", f"{feeds.blueprint.name}.embedded_all", embedded_all)
    app.add_url_rule(f"/embed/{of}", f"{feeds.blueprint.name}.embedded", embedded)
    app.after_request(_open_to_scripts)


def listed_all() -> Response:
    """Every published public event, as JSON."""
    return _listed("all", entries.all_events)


def listed(of: str, word: str) -> Response:
    """The events of one of the other feeds, as JSON."""
    return _listed(f"{of}:{word}", lambda: feeds.find(of, word))


def embedded_all() -> Response:
    """A page with what is ahead, for frames of other web sites."""
    return _embedded("all", entries.all_events)


def embedded(of: str, word: str) -> Response:
    """The same of one of the other feeds."""
    return _embedded(f"{of}:{word}", lambda: feeds.find(of, word))


def _listed(key: str, find: Callable[[], Feed]) -> Response:
    if request.method == "OPTIONS":
        return _preflight()
    return _sheet(f"json {key}", key, find, _json_of, JSON)


def _json_of(feed: Feed, day: date) -> bytes:
    links = services().links
    head = json.dumps({"name": feed.name, "calendar": links.feed(feed.path)}, ensure_ascii=False)
    texts = services().items.texts(feed, day, links)
    return b"".join((head.removesuffix("}").encode(), b', "items": [', b",\n".join(texts), b"]}\n"))


def _embedded(key: str, find: Callable[[], Feed]) -> Response:
    language = "es" if request.args.get("lang") == "es" else SOURCE
    days, limit = _number("days", DAYS, MOST_DAYS), _number("limit", LIMIT, MOST)

    def page(feed: Feed, day: date) -> bytes:
        with force_locale(LOCALES[language]):
            return _page(feed, day, language, days, limit)

    response = _sheet(f"page {key} {language} {days} {limit}", key, find, page, HTML)
    response.headers["Content-Language"] = language
    return response


def _number(name: str, usual: int, most: int) -> int:
    """A whole number of the address; refuses InvalidInput for what is none, or out of bounds."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= most):
        raise InvalidInput({name: say("must be between %(low)s and %(high)s", low=1, high=most)})
    return int(text)


def _page(feed: Feed, day: date, language: str, days: int, limit: int) -> bytes:
    """Rendered without the frame of the other pages and what it asks of sessions and cookies."""
    links = services().links
    ahead = items.items_of(feed, day, links, after=days_span(day, 1, "UTC").start)
    begun_by = day + timedelta(days=days)
    found = list(islice(takewhile(lambda item: item.starts_local.date() < begun_by, ahead), limit + 1))
    template = current_app.jinja_env.get_template("embed.html")
    text = template.render(
        lang=language,
        name=_name(feed),
        days=list(_by_day(found[:limit], language)),
        is_cut=len(found) > limit,
        subscribe=_in_language(links.to(_page_of(feed)), language),
        home=_in_language(links.to("/"), language),
    )
    return text.encode()


def _by_day(found: Iterable[Item], language: str) -> Iterable[Day]:
    for on, of_day in groupby(found, key=lambda item: item.starts_local.date()):
        yield Day(words.day(on), on, [_shown(item, language) for item in of_day])


def _shown(item: Item, language: str) -> Shown:
    off = str(words.STATUSES[item.status]) if item.status in OFF else ""
    return Shown(item, _in_language(item.url, language), _hours(item), words.place_said(item.location), off)


def _hours(item: Item) -> str:
    """The hours at the place, and which zone's; the days of what lasts all day."""
    if not item.all_day:
        span = Span(item.starts_at, item.ends_at)
        return f"{words.hours_of(span, item.zone)} ({words.zone_name(item.zone)})"
    last = (item.ends_local - timedelta(seconds=1)).date()
    if last == item.starts_local.date():
        return str(gettext("All day"))
    return str(gettext("All day, until %(day)s", day=words.day(last)))


def _name(feed: Feed) -> str:
    """As pages call it; what people have named stays as it is."""
    of, _, word = feed.path.partition("/")
    if of == "all":
        return str(gettext("All events"))
    return str(words.KINDS_PLURAL[EventKind(word)]) if of == "kind" else feed.name


def _page_of(feed: Feed) -> str:
    """Where people subscribe: the page of the feed, or its address where it has no page."""
    path = f"/calendars/{feed.path}"
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except HTTPException:
        return f"/feeds/{feed.path}.ics"
    return path if endpoint.startswith("pages.") else f"/feeds/{feed.path}.ics"


def _in_language(url: str, language: str) -> str:
    return url if language == SOURCE or url.endswith(".ics") else f"{url}?lang={language}"


def _sheet(
    name: str, key: str, find: Callable[[], Feed], make: Callable[[Feed, date], bytes], content_type: str
) -> Response:
    now: datetime = clock.now()
    sheet = services().sheets.sheet_of(name, key, find, make, now)
    response = feeds.answered(sheet, content_type, now)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _preflight() -> Response:
    """What a browser asks before a script of another site reads with conditions."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
    response.headers["Access-Control-Max-Age"] = _FOR_A_DAY
    response.headers["Allow"] = "GET, HEAD, OPTIONS"
    return response


def _open_to_scripts(response: Response) -> Response:
    """Every site may read the JSON, a no too, and tell versions apart."""
    if request.endpoint in _READ_BY_SCRIPTS:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified"
    return response
