"""Fixtures every test may use: an app on each engine, a client with and without the token, a moment to stand in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.interfaces.memory import settle
from tests import databases, dovecot, kept, servers
from tests.commands import Commands, shared
from tests.databases import ADMIN_TOKEN, ENGINES

pytest_plugins = ("tests.left_out", "tests.short_form", "tests.longest_first")
pytest_plugins += ("tests.loopback", "tests.compiled", "tests.standing")
NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)  # Monday, 9:00 in Los Angeles


def pytest_addoption(parser: pytest.Parser) -> None:
    """An option of the browser tests and the races; a conftest.py further down is read too late to add it."""
    words = "walk every combination of role, theme, language and width; run every race twenty times; fuzz for long"
    parser.addoption("--matrix", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, and a folder for what workers share, before workers are made."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        kept.begin()
        servers.start_postgresql()


def pytest_collection_finish() -> None:
    """Spare what is loaded by now from every search for garbage; half of an app's assembly went into those."""
    settle()


def pytest_unconfigure() -> None:
    """Stop what was started."""
    servers.stop_postgresql()
    kept.end()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> databases.SqliteDatabases:
    return databases.SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[databases.PostgresqlDatabases]:
    made = databases.PostgresqlDatabases(os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[dovecot.Dovecot]:
    """A real IMAP server; each test takes a user of its own."""
    if not dovecot.DOVECOT:
        pytest.skip(dovecot.ABSENT)
    with dovecot.dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def commands() -> Commands:
    """Commands of `eventsvc` in processes of their own, without the time that loading takes."""
    return shared()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database at head, on each engine in turn."""
    made = request.getfixturevalue(f"{request.param}_databases")
    url = made.fresh()
    yield url
    made.drop(url)


@pytest.fixture(params=ENGINES)
def filled_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that the file's FILLED, a name and what fills it, has filled: once in a run, then copied."""
    made = request.getfixturevalue(f"{request.param}_databases")
    url = made.filled(*request.module.FILLED)
    yield url
    made.drop(url)


@pytest.fixture
def bare_app(database_url: str) -> Iterator[Flask]:
    """An app on a fresh database, outside its context; for tests that walk through doors."""
    app = create_app(databases.settings(database_url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(bare_app: Flask) -> Iterator[Flask]:
    """The same app, inside its context; for tests that call the domain."""
    with bare_app.app_context():
        yield bare_app
        db.session.rollback()


@pytest.fixture
def story(app: Flask) -> Iterator[None]:
    """The whole test is one transaction, as a story is behind a door."""
    with transaction():
        yield


@pytest.fixture
def still() -> Iterator[time_machine.Coordinates]:
    """The clock stands at NOW until it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def public(bare_app: Flask) -> FlaskClient:
    """Somebody without a token."""
    return bare_app.test_client()


@pytest.fixture
def admin(bare_app: Flask) -> FlaskClient:
    """Somebody with the administrator's token."""
    client = bare_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {ADMIN_TOKEN}"
    return client
