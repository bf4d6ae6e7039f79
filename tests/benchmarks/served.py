"""What the benchmarks serve: eventsvc, and beside it on the same server a bare Flask route to measure against."""

from __future__ import annotations

from functools import cache

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from wsgi import app as eventsvc

bare = Flask("bare")


@bare.get("/")
def hello() -> str:
    """The least that Flask can do."""
    return "hello"


@bare.get("/ready/<int:size>")
def ready(size: int) -> Response:
    """So many bytes that stand ready: the least that a calendar could cost."""
    return Response(_bytes(size), content_type="text/calendar; charset=utf-8")


@cache
def _bytes(size: int) -> bytes:
    return bytes(size)


app = DispatcherMiddleware(eventsvc, {"/bare": bare})
