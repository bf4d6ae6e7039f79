"""Fixtures of the pages: a still clock, the small world, and browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from eventsvc import create_app
from eventsvc.core.db import db
from tests import databases
from tests.interfaces import pages
from tests.interfaces.browser import Browser


@pytest.fixture
def world(bare_app: Flask, still: time_machine.Coordinates) -> pages.World:
    return pages.make(bare_app)


@pytest.fixture
def demo(database_url: str, still: time_machine.Coordinates) -> Iterator[Flask]:
    """An empty demo; the machine's clock stands still, the demo's own is moved by its pages."""
    app = create_app(databases.settings(database_url, DEMO=True))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def visitor(bare_app: Flask) -> Browser:
    """Somebody of the public at a browser."""
    return Browser(bare_app)


@pytest.fixture
def planner(bare_app: Flask) -> Browser:
    """Somebody who has typed the token."""
    browser = Browser(bare_app)
    browser.be_signed_in()
    return browser
