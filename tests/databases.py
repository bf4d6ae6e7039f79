"""A fresh database for each test, on both engines, built once from the real migrations."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import flask_migrate
import psycopg

import config
from eventsvc import create_app
from eventsvc.core.db import db
from tests.servers import start_postgresql

SECRET_KEY = "a key for tests"
ADMIN_TOKEN = "the administrator's token in tests"
PUBLIC_URL = "https://events.example"


def settings(database_url: str, **more: object) -> dict[str, object]:
    """Settings for an app under test."""
    return {
        **config.load({}),
        "SECRET_KEY": SECRET_KEY,
        "EVENTSVC_ADMIN_TOKEN": ADMIN_TOKEN,
        "DATABASE_URL": database_url,
        "PUBLIC_URL": PUBLIC_URL,
        "LOG_LEVEL": "ERROR",
        "TESTING": True,
        **more,
    }


def environment(database_url: str, **more: str) -> dict[str, str]:
    """The same settings for a server in a process of its own."""
    return {
        "SECRET_KEY": SECRET_KEY,
        "EVENTSVC_ADMIN_TOKEN": ADMIN_TOKEN,
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "ERROR",
        **more,
    }


def upgrade(database_url: str) -> None:
    """Bring a database to head by the migrations."""
    app = create_app(settings(database_url))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


class SqliteDatabases:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite3"
        self._made = 0
        upgrade(f"sqlite:///{self._template}")

    def fresh(self) -> str:
        """The address of a new database."""
        self._made += 1
        path = self._folder / f"{self._made}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database and what SQLite keeps beside it."""
        path = url.removeprefix("sqlite:///")
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)


class PostgresqlDatabases:
    """Databases made from one migrated template."""

    def __init__(self, worker: str) -> None:
        self._server = start_postgresql()
        self._template = f"template_{worker}_{os.getpid()}"
        self._made = 0
        self._run(f'CREATE DATABASE "{self._template}"')
        upgrade(self._url(self._template))

    def fresh(self) -> str:
        """The address of a new database."""
        self._made += 1
        name = f"{self._template}_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" STRATEGY FILE_COPY')
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove a database."""
        name = urlsplit(url).path.lstrip("/")
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        parts = urlsplit(self._server)
        return urlunsplit(parts._replace(scheme="postgresql", path=f"/{name}"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)
