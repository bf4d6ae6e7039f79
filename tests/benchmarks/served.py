"""What the benchmarks serve: eventsvc, and beside it on the same server a bare Flask route to measure against."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from wsgi import app as eventsvc

bare = Flask("bare")


@bare.get("/")
def hello() -> str:
    """The least that Flask can do."""
    return "hello"


app = DispatcherMiddleware(eventsvc, {"/bare": bare})
