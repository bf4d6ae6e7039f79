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
from eventsvc.interfaces.schema import METADATA
from tests.servers import start_postgresql

ENGINES = ("sqlite", "postgresql")
SECRET_KEY = "a key for tests"
ADMIN_TOKEN = "the administrator's token in tests"
PUBLIC_URL = "https://events.example"
# Requests are counted and refused in every test, but only tests of that send so many; those set numbers of their own.
ROOMY = {
    f"RATE_LIMIT_{name}": "1000000 per minute"
    for name in ("READS", "WRITES", "PUBLIC_READS", "PUBLIC_WRITES", "FEEDS", "ATTEMPTS")
}


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
        **ROOMY,
        **more,
    }


def environment(database_url: str, **more: str) -> dict[str, str]:
    """The same settings for a server in a process of its own."""
    return {
        "SECRET_KEY": SECRET_KEY,
        "EVENTSVC_ADMIN_TOKEN": ADMIN_TOKEN,
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "ERROR",
        **ROOMY,
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
    """Databases made from one migrated template; one that a test leaves whole is emptied and used again.

    Emptying takes a tenth of the time of making.
    """

    def __init__(self, worker: str) -> None:
        self._server = start_postgresql()
        self._template = f"template_{worker}_{os.getpid()}"
        self._made = 0
        self._spare: list[str] = []
        self._run(f'CREATE DATABASE "{self._template}"')
        upgrade(self._url(self._template))
        self._whole = self._state(self._url(self._template))

    def fresh(self) -> str:
        """The address of a database as the migrations leave it."""
        if self._spare:
            return self._spare.pop()
        self._made += 1
        name = f"{self._template}_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" STRATEGY FILE_COPY')
        return self._url(name)

    def drop(self, url: str) -> None:
        """Take a database back: empty it, or remove it when its schema or its rules are not what they were."""
        if self._state(url) == self._whole:
            self._empty(url)
            self._spare.append(url)
            return
        name = urlsplit(url).path.lstrip("/")
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _state(self, url: str) -> list[tuple[str, ...]]:
        """Tables, constraints, revision and planted rules, after everybody else has been sent away."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = connection.execute(
                "SELECT table_name, '', '' FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            ).fetchall()
            if ("alembic_version", "", "") not in tables or ("reminder_rules", "", "") not in tables:
                return tables
            guards = connection.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
            ).fetchall()
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            rules = connection.execute("SELECT * FROM reminder_rules ORDER BY id").fetchall()
            return [*tables, *guards, *revision, *rules]

    def _empty(self, url: str) -> None:
        kept = ("reminder_rules",)
        tables = [table.name for table in reversed(METADATA.sorted_tables) if table.name not in kept]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))

    def _url(self, name: str) -> str:
        parts = urlsplit(self._server)
        return urlunsplit(parts._replace(scheme="postgresql", path=f"/{name}"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)
