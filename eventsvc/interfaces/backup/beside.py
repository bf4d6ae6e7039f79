"""Restore beside a database that is not empty, and then let the two change places in one step.

Whatever ends it before that step leaves the old database as it was.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, make_url, text

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.interfaces import memory
from eventsvc.interfaces.backup import restoring
from eventsvc.interfaces.backup.archive import opened
from eventsvc.interfaces.backup.restoring import NotEmpty
from eventsvc.interfaces.backup.taking import Progress, sync_folder
from eventsvc.interfaces.services import services


class InUse(Exception):
    """Somebody is connected to the database that is to be put aside."""


def restore(app: Flask, file: Path, progress: Progress, *, move_aside: bool) -> str:
    """Restore into the app's database; returns where its former contents are, "" where it was empty.

    Raises BadArchive, NotEmpty, InUse.
    """
    try:
        with _in(app):
            now = clock.now()
            restoring.ensure_empty()
    except NotEmpty as error:
        if not move_aside:
            raise NotEmpty(
                f"{error} Nothing was changed. With --move-aside it is put aside whole and can be had again."
            ) from None
        return _exchange(app, file, now, progress)
    _fill(app, file, now, progress)
    return ""


@contextmanager
def _in(app: Flask) -> Iterator[None]:
    with app.app_context():
        memory.settle()
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def _fill(app: Flask, file: Path, now: datetime, progress: Progress) -> None:
    with _in(app), opened(file) as archive:
        restoring.restore(archive, services().links, now, progress)


def _exchange(app: Flask, file: Path, now: datetime, progress: Progress) -> str:
    url, mark = app.config["DATABASE_URL"], f"{now:%Y%m%dt%H%M%S}"
    if url.startswith("sqlite:///"):
        return _exchange_files(app, Path(url.removeprefix("sqlite:///")), mark, file, now, progress)
    return _exchange_schemas(app, mark, file, now, progress)


def _elsewhere(app: Flask, url: str) -> Flask:
    return create_app({**app.config, "DATABASE_URL": url})


def _exchange_files(app: Flask, path: Path, mark: str, file: Path, now: datetime, progress: Progress) -> str:
    fresh, aside = (path.with_name(f"{path.name}.{word}-{mark}") for word in ("restoring", "before-restore"))
    _make_one_file(path)
    try:
        _fill(_elsewhere(app, f"sqlite:///{fresh}"), file, now, progress)
        _make_one_file(fresh)
        _make_one_file(path)
        os.link(path, aside)
        fresh.replace(path)
        sync_folder(path)
    except BaseException:
        for suffix in ("", "-wal", "-shm"):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
        raise
    return str(aside)


def _make_one_file(path: Path) -> None:
    """Take in what SQLite keeps beside a database; it does so only where nobody else is connected."""
    with closing(sqlite3.connect(path, timeout=0.2)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "in use"
    if mode != "delete":
        raise InUse(f"{path} is in use. Stop the service (web and scheduler), then restore again.")


def _exchange_schemas(app: Flask, mark: str, file: Path, now: datetime, progress: Progress) -> str:
    fresh, aside = f"restoring_{mark}", f"before_restore_{mark}"
    with _in(app), db.engine.begin() as connection:
        _ensure_alone(connection)
        present = connection.scalar(text("SELECT current_schema()"))
        connection.execute(text(f'CREATE SCHEMA "{fresh}"'))
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).update_query_dict({"options": f"-csearch_path={fresh}"})
    try:
        _fill(_elsewhere(app, url.render_as_string(hide_password=False)), file, now, progress)
        with _in(app), db.engine.begin() as connection:
            _ensure_alone(connection)
            connection.execute(text(f'ALTER SCHEMA "{present}" RENAME TO "{aside}"'))
            connection.execute(text(f'ALTER SCHEMA "{fresh}" RENAME TO "{present}"'))
    except BaseException:
        with _in(app), db.engine.begin() as connection:
            connection.execute(text(f'DROP SCHEMA "{fresh}" CASCADE'))
        raise
    return f'the schema "{aside}" of the same database'


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def _ensure_alone(connection: Connection) -> None:
    """Raises InUse where somebody else is connected to the database."""
    others = connection.scalar(text(_OTHERS))
    if others:
        raise InUse(f"{others} others use the database. Stop the service (web and scheduler), then restore again.")
