"""The calendar door's short way: a poll of a feed that stands ready is answered before Flask sees it.

Nearly every request of a state is a calendar that asks whether anything changed. What Flask has answered about a copy
of a feed once (`feeds`) is answered again in the same words, as long as that copy is the present one: the database is
asked for the number of its last change, and for nothing else. Whatever is new, odd or too often goes Flask's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from flask import Flask
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from eventsvc.core import clock
from eventsvc.domain.feeds.shelf import Copy
from eventsvc.interfaces import feeds, rate_limits, requests
from eventsvc.interfaces.services import services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_BEGIN, _END = "/feeds/", ".ics"
_REQUEST_ID = "X-Request-Id"
_READING = ("GET", "HEAD")
Headers = list[tuple[str, str]]


class _Way(NamedTuple):
    """How a poll is answered: with 304, or with the bytes; of those or about those, zipped or plain."""

    has_it: bool
    is_zipped: bool


class _Answer(NamedTuple):
    status: str
    headers: Headers
    route: str


class ReadyFeeds:
    """Stands before the app of Flask, and behind what finds out a client's address."""

    def __init__(self, app: Flask, further: WSGIApplication) -> None:
        self._app = app
        self._further = further
        # What was said about a copy goes when the copy does.
        self._answers: WeakKeyDictionary[Copy, dict[_Way, _Answer]] = WeakKeyDictionary()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from what is ready, or let Flask answer and remember what it said."""
        path: str = environ.get("PATH_INFO", "")
        is_poll = path.startswith(_BEGIN) and path.endswith(_END) and environ["REQUEST_METHOD"] in _READING
        if not is_poll or environ.get("QUERY_STRING"):
            return self._further(environ, start_response)
        key = path[len(_BEGIN) : -len(_END)].replace("/", ":", 1)
        begun = perf_counter()
        with self._app.app_context():
            ready = self._ready(Request(environ), key)
            if ready is not None:
                body, answer, closing = ready
                number = requests.new_id()
                start_response(answer.status, [*answer.headers, (_REQUEST_ID, number)])
                requests.log_answer(environ["REQUEST_METHOD"], answer.route, int(answer.status[:3]), number, begun)
                return ClosingIterator(body, closing) if closing else body
        return self._further(environ, self._listening(environ, start_response))

    def _ready(self, request: Request, key: str) -> tuple[list[bytes], _Answer, Callable[[], Any] | None] | None:
        now = clock.now()
        try:
            copy = services().shelf.ready(key, now)
        except DBAPIError:
            return None  # Flask's way ends in an answer that says so
        if copy is None or copy.is_private:  # that has an address of its own, which is looked up each time
            return None
        said = self._answers.get(copy, {})
        way = _Way(feeds.has_it(request, copy), feeds.is_zipped_for(request))
        answer = said.get(way)
        if answer is None or not (way.has_it or rate_limits.may_have_feed(request.remote_addr)):
            return None
        closing = feeds.count(request, key, copy, now, is_304=way.has_it)
        if way.has_it or request.method == "HEAD":
            return [], answer, closing
        return [copy.zipped if way.is_zipped else copy.body], answer, closing

    def _listening(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        def heard(status: str, headers: Headers, exc_info: Any = None) -> Any:
            served: feeds.Served | None = environ.get(feeds.SERVED)
            if served is not None and status[:3] in ("200", "304"):
                way = _Way(status.startswith("304"), served.is_zipped)
                lasting = [(name, value) for name, value in headers if name != _REQUEST_ID]
                self._answers.setdefault(served.copy, {})[way] = _Answer(status, lasting, served.route)
            return start_response(status, headers, exc_info)

        return heard
