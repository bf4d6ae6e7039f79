"""The calendar door: feeds with a conditional GET that really answers 304, and one event as a file.

No login, no cookie, no negotiation on Accept (Google's importer sends none). HEAD works.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, cast

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Request

from eventsvc.core import clock
from eventsvc.core.times import local_day
from eventsvc.domain.feeds import entries, public, stored
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.families import family_of
from eventsvc.domain.feeds.polls import Tally
from eventsvc.domain.feeds.sheets import Sheet
from eventsvc.domain.feeds.shelf import Copy
from eventsvc.ical import writer
from eventsvc.ical.entry import CalendarHead
from eventsvc.interfaces import afterwards, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown import get_visible_event
from eventsvc.workflows import keep_private_feeds
from eventsvc.workflows.count_polls import add_counted


class _Word(BaseConverter):
    """A slug or a kind; whatever else stands in an address is no feed of ours and reaches no database."""

    regex = "[a-z0-9_-]{1,80}"


blueprint = Blueprint("feeds", __name__)
# As they stand in addresses, for routes beside the calendars.
KINDS_OF_FEEDS = tuple(public.FIND)
CALENDAR = "text/calendar; charset=utf-8"
# Where a request's environment says which copy it was answered with (`ready_feeds`).
SERVED = "eventsvc.served"


class Served(NamedTuple):
    """What a poll was answered with, and by which route."""

    copy: Copy
    is_zipped: bool
    route: str


def register(app: Flask) -> None:
    """Add the routes."""
    app.url_map.converters["word"] = _Word
    app.register_blueprint(blueprint)


@blueprint.get("/feeds/all.ics")
def all_events() -> Response:
    """Every published public event."""
    return _served("all", entries.all_events)


@blueprint.get(f"/feeds/<any({','.join(public.FIND)}):of>/<word:word>.ics")
def narrowed(of: str, word: str) -> Response:
    """One of the feeds that show some of the events: by what they have in common, or by a saved filter."""
    return _served(f"{of}:{word}", lambda: find(of, word))


@blueprint.get("/calendar/<token>.ics")
def private(token: str) -> Response:
    """A private calendar, by an address that is all one needs; what is no such address answers 404, whatever it was."""
    feed = keep_private_feeds.at_address(token, services().links)
    return _served(feed.key, lambda: feed)


@blueprint.get("/events/<event_id>.ics")
def one_event(event_id: str) -> Response:
    """One event as a file, for "add to my calendar"."""
    links, event = services().links, get_visible_event(event_id, requests.actor())
    body = writer.write(CalendarHead(name=event.title, url=links.to("/")), [entries.entry_of(event, links)])
    response = Response(body, content_type=CALENDAR)
    # The day that the file itself says: what is off has nobody told of the one it is planned for anew.
    day = local_day(event.promised_starts_at, event.promised["zone"])
    response.headers["Content-Disposition"] = f'attachment; filename="{day}-{event.kind}.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def find(of: str, word: str) -> Feed:
    """The public feed of that address; refuses NotFound."""
    return public.FIND[of](word)


def _served(key: str, find: Callable[[], Feed]) -> Response:
    links = services().links
    shelf = services().shelf
    now = clock.now()
    copy = shelf.copy_of(key, find, links, now)
    if rendered := shelf.take_rendered():
        afterwards.note(lambda: stored.keep(rendered, links))
    response = answered(copy, CALENDAR, now)
    response.headers["Cache-Control"] = "private, no-cache" if copy.is_private else "public, max-age=300"
    if response.status_code != 304:
        response.headers["Content-Disposition"] = f'inline; filename="{key.replace(":", "-")}.ics"'
    # Of private ones their holder alone learns it, and so of a program not theirs.
    if closing := count(request, key, copy, now, is_304=response.status_code == 304):
        response.call_on_close(closing)
    if copy.last_modified <= now:  # what was said of a time to come is not to be said again
        route = request.url_rule.rule if request.url_rule else ""
        request.environ[SERVED] = Served(copy, is_zipped_for(request), route)
    return response


def answered(copy: Copy | Sheet, content_type: str, now: datetime) -> Response:
    """The finished bytes, plain or zipped, or a 304 to who has them."""
    response = Response(content_type=content_type)
    # A strong validator names exact bytes, so the zipped ones have their own; a 304 names those that a 200 would send.
    is_zipped = is_zipped_for(request)
    response.set_etag(f"{copy.etag}-gzip" if is_zipped else copy.etag)
    # Many changes at once are told apart by seconds yet to come, which no answer may name (RFC 9110 8.8.2.1).
    response.last_modified = min(copy.last_modified, now)
    response.vary.add("Accept-Encoding")
    if has_it(request, copy):
        response.status_code = 304
        del response.headers["Content-Type"]
        return response
    if is_zipped:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(copy.zipped)
    else:
        response.set_data(copy.body)
    return response


def count(asked: Request, key: str, copy: Copy, now: datetime, *, is_304: bool) -> Callable[[], None] | None:
    """Count the poll in this process's memory; gives, now and then, what writes it down once the answer has gone."""
    tally = services().tally
    family = family_of(asked.headers.get("User-Agent", ""))
    if not tally.count(key, family, now, copy=copy, is_304=is_304):
        return None
    app = cast("Any", current_app)._get_current_object()
    return lambda: _write(app, tally)


def _write(app: Flask, tally: Tally) -> None:
    with app.app_context():
        add_counted(tally)


def is_zipped_for(asked: Request) -> bool:
    """Whether the bytes go zipped."""
    return asked.accept_encodings["gzip"] > 0


def has_it(asked: Request, copy: Copy | Sheet) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides alone when it is there, If-Modified-Since otherwise."""
    if asked.if_none_match:
        return any(asked.if_none_match.contains_weak(tag) for tag in (copy.etag, f"{copy.etag}-gzip"))
    since = asked.if_modified_since
    return since is not None and copy.last_modified <= since
