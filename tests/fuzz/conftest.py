"""Fixtures of the fuzz tests: an app on a copy of a filled database, one for each worker and engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
import time_machine

from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.core.fetch import Fetcher
from eventsvc.interfaces.services import NAME
from tests import databases
from tests.conftest import ENGINES, NOW
from tests.fuzz.filled import Names, PostgresqlCopies, SqliteCopies, fill
from tests.fuzz.trying import Copies, House
from tests.kept import kept


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """SQLite in the plain run, where a copy costs a millisecond; PostgreSQL too when the long form is asked for."""
    if "house" in metafunc.fixturenames:
        engines = [ENGINES[0], *(pytest.param(other, marks=pytest.mark.matrix) for other in ENGINES[1:])]
        metafunc.parametrize("house", engines, indirect=True, scope="session")


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An app on a copy of the filled database, which is filled once in a run."""
    told = f"fuzz_names.{request.param}"

    def filled(url: str) -> None:
        names = _filled(url)
        kept(told, lambda path: path.write_text(json.dumps(asdict(names))))

    url = request.getfixturevalue(f"{request.param}_databases").filled("fuzz", filled)
    names = Names(**json.loads(kept(told, lambda path: None).read_text()))
    is_a_file = request.param == "sqlite"
    copies: Copies = SqliteCopies(url, tmp_path_factory.mktemp("fuzz") / "copy") if is_a_file else PostgresqlCopies(url)
    copies.restore()
    app = create_app(databases.settings(copies.url, PROPAGATE_EXCEPTIONS=False))
    # No name is looked up: addresses of webhooks are made up by the thousand.
    app.extensions[NAME] = replace(app.extensions[NAME], fetcher=Fetcher(resolver=lambda host, port: ["8.8.8.8"]))
    made = House(app, copies, names)
    yield made
    made.close()


def _filled(url: str) -> Names:
    app = create_app(databases.settings(url))
    with time_machine.travel(NOW, tick=False):
        names = fill(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    return names
