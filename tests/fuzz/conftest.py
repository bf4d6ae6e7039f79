"""Fixtures of the fuzz tests: the filled house of this worker, and an app on a copy of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from eventsvc import create_app
from eventsvc.core.db import db
from tests import databases
from tests.conftest import NOW
from tests.fuzz.filled import Names, SqliteCopies, fill
from tests.fuzz.trying import House


@pytest.fixture(scope="session")
def filled(sqlite_databases: databases.SqliteDatabases) -> tuple[str, Names]:
    """A filled database and what its things are called."""
    url = sqlite_databases.fresh()
    app = create_app(databases.settings(url))
    with time_machine.travel(NOW, tick=False):
        names = fill(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    return url, names


@pytest.fixture(scope="session")
def house(filled: tuple[str, Names], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An app on a copy of the filled database."""
    url, names = filled
    copies = SqliteCopies(url, tmp_path_factory.mktemp("fuzz") / "copy.sqlite3")
    copies.restore()
    made = House(create_app(databases.settings(copies.url, PROPAGATE_EXCEPTIONS=False)), copies, names)
    yield made
    made.close()
