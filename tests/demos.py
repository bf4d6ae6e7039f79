"""Demos for tests: an app on a fresh database with the demo's events, at a start that the test chooses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask

from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.interfaces.demo.build import build
from eventsvc.interfaces.services import services
from tests import databases


@contextmanager
def running(database: Any, start: datetime, **settings: object) -> Iterator[Flask]:
    """A demo that starts at that instant, on a fresh database of that kind; outside its context."""
    url = database.fresh()
    app = create_app(databases.settings(url, DEMO=True, **settings))
    with app.app_context():
        build(start, links=services().links, sender=services().sender)
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    database.drop(url)
