"""A fresh database for each test, on both engines, built once in a run from the real migrations.

What takes long to make, a migrated database or a filled one, the first worker that needs it makes for all of them.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import flask_migrate
import psycopg
import time_machine

import config
from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.interfaces.schema import METADATA
from tests.kept import kept, name_of_the_run
from tests.servers import start_postgresql

ENGINES = ("sqlite", "postgresql")
SECRET_KEY = "a key for tests"
ADMIN_TOKEN = "the administrator's token in tests"
PUBLIC_URL = "https://events.example"
# What a migration plants, and tests may read.
PLANTED = ("reminder_rule_sets", "reminder_rules", "quiet_hours")
# How connections call themselves that outlive a test: who ends everybody else's in a test spares these.
KEEPER = "keeper of test databases"
# A row while another connection waits for a lock of this one. The locks of a cluster are listed for all its databases,
# and other workers' tests wait for theirs.
SOMEBODY_WAITS_FOR_ME = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
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


Fill = Callable[[str], None]


def told_at(now: datetime, story: Callable[[], None]) -> Fill:
    """What fills a database by a story: in one transaction, by a clock that stands at that instant."""

    def fill(url: str) -> None:
        app = create_app(settings(url))
        with time_machine.travel(now, tick=False), app.app_context():
            with transaction():
                story()
            db.session.remove()
            db.engine.dispose()

    return fill


class SqliteDatabases:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = kept("template.sqlite3", lambda path: upgrade(f"sqlite:///{path}"))
        self._made = 0

    def fresh(self) -> str:
        """The address of a new database."""
        return self._copy(self._template)

    def filled(self, name: str, fill: Fill) -> str:
        """The address of a new database with what `fill` writes; filled once in a run under that name, then copied."""

        def make(path: Path) -> None:
            shutil.copyfile(self._template, path)
            fill(f"sqlite:///{path}")

        return self._copy(kept(f"{name}.sqlite3", make))

    def empty(self, url: str) -> None:
        """Put a database back as the migrations leave it, whoever is connected."""
        with closing(sqlite3.connect(self._template)) as whole, closing(sqlite3.connect(_path(url))) as used:
            whole.backup(used)

    def drop(self, url: str) -> None:
        """Remove a database and what SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            Path(_path(url) + suffix).unlink(missing_ok=True)

    def _copy(self, of: Path) -> str:
        self._made += 1
        path = self._folder / f"{self._made}.sqlite3"
        shutil.copyfile(of, path)
        return f"sqlite:///{path}"


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


class PostgresqlDatabases:
    """Databases made from one migrated template; one that a test leaves whole is emptied and used again.

    Emptying takes a tenth of the time of making.
    """

    def __init__(self, worker: str) -> None:
        self._server = start_postgresql()
        self._template = f"{name_of_the_run()}_template"
        self._prefix = f"{name_of_the_run()}_{worker}"
        self._made = 0
        self._spare: list[str] = []
        # One connection to each database that is used again: a new one plans all these statements anew.
        self._keepers: dict[str, psycopg.Connection] = {}
        self._whole = kept("template.postgresql", self._make_template).read_text()

    def _make_template(self, told: Path) -> None:
        self._run(f'CREATE DATABASE "{self._template}"')
        url = self._url(self._template)
        upgrade(url)
        told.write_text(self._state(url))
        self._keepers.pop(url).close()  # nobody may be connected to what is copied

    def fresh(self) -> str:
        """The address of a database as the migrations leave it."""
        return self._spare.pop() if self._spare else self._copy(self._template)

    def filled(self, name: str, fill: Fill) -> str:
        """The address of a new database with what `fill` writes; filled once in a run under that name, then copied."""
        filled = f"{name_of_the_run()}_{name}"

        def make(told: Path) -> None:
            self._run(f'CREATE DATABASE "{filled}" TEMPLATE "{self._template}" STRATEGY FILE_COPY')
            fill(self._url(filled))
            told.touch()

        kept(f"{name}.postgresql", make)
        return self._copy(filled)

    def drop(self, url: str) -> None:
        """Take a database back: empty it, or remove it when its schema or its rules are not what they were."""
        if self._state(url) == self._whole:
            self.empty(url)
            self._spare.append(url)
            return
        self._keepers.pop(url).close()
        name = urlsplit(url).path.lstrip("/")
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Let go of the databases; they go with the server."""
        while self._keepers:
            self._keepers.popitem()[1].close()

    def _copy(self, of: str) -> str:
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY FILE_COPY')
        return self._url(name)

    def _state(self, url: str) -> str:
        """Tables, constraints, revision and planted rules, after everybody else has been sent away."""
        connection = self._keeper(url)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = connection.execute(
            "SELECT relname, '', '' FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
        ).fetchall()
        if ("alembic_version", "", "") not in tables or ("reminder_rules", "", "") not in tables:
            return repr(tables)
        guards = connection.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        ).fetchall()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        planted = [connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in PLANTED]
        return repr([*tables, *guards, *revision, *planted])

    def _keeper(self, url: str) -> psycopg.Connection:
        if url not in self._keepers or self._keepers[url].closed:
            self._keepers[url] = psycopg.connect(url, autocommit=True, application_name=KEEPER)
        return self._keepers[url]

    def empty(self, url: str) -> None:
        """Remove what tests wrote, whoever is connected."""
        own = "(SELECT id FROM reminder_rule_sets WHERE organization_id IS NOT NULL OR event_id IS NOT NULL)"
        first = [
            "DELETE FROM reminders",
            f"DELETE FROM reminder_rules WHERE set_id IN {own}",
            f"DELETE FROM reminder_rule_sets WHERE id IN {own}",
            "DELETE FROM quiet_hours WHERE office_id IS NOT NULL",
        ]
        tables = [table.name for table in reversed(METADATA.sorted_tables) if table.name not in PLANTED]
        self._keeper(url).execute("; ".join([*first, *(f"DELETE FROM {table}" for table in tables)]))

    def _url(self, name: str) -> str:
        parts = urlsplit(self._server)
        return urlunsplit(parts._replace(scheme="postgresql", path=f"/{name}"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)
