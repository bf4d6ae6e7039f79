"""Demos for tests: an app on a fresh database with the demo's events, at a start that the test chooses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask

from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.interfaces.demo.build import build
from eventsvc.interfaces.services import services
from tests import databases

# A Sunday between two years: days on which nobody works lie on both sides. Several files start a demo then, and it is
# built once for them.
ON_A_SUNDAY = datetime(2027, 1, 3, 8, 30, tzinfo=UTC)


@contextmanager
def running(database: Any, start: datetime, *, anew: bool = False, **settings: object) -> Iterator[Flask]:
    """A demo that starts at that instant, on a fresh database of that kind; outside its context.

    It is built once in a run and copied, unless it has to be built anew.
    """
    url = database.fresh() if anew else database.filled(f"demo_{start:%Y%m%d_%H%M}", partial(_build, start))
    if anew:
        _build(start, url)
    app = create_app(databases.settings(url, DEMO=True, **settings))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    database.drop(url)


def _build(start: datetime, url: str) -> None:
    app = create_app(databases.settings(url, DEMO=True))
    with app.app_context():
        build(start, links=services().links, sender=services().sender)
        db.session.remove()
        db.engine.dispose()
