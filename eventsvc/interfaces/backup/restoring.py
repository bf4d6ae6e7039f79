"""Write an archive's rows into an empty database, all of them or none, and make again what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, column, delete, func, insert, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from eventsvc.core import clock
from eventsvc.core.db import db, is_postgresql, transaction
from eventsvc.core.links import Links
from eventsvc.domain.outbox import pause
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.interfaces import schema
from eventsvc.interfaces.backup import contents, kinds
from eventsvc.interfaces.backup.archive import Archive
from eventsvc.interfaces.backup.manifest import BadArchive, Manifest, Table
from eventsvc.interfaces.backup.taking import AT_ONCE, Progress
from eventsvc.workflows.keep_feeds import render_behind
from eventsvc.workflows.keep_search import fill_if_empty

# Whoever has done anything has left a row in one of these; what a scheduler notes by itself is no reason to refuse.
_OF_PEOPLE = ("audit_entries", "accounts", "organizations", "events", "messages")
ACTOR = "restore"


class NotEmpty(Exception):
    """The database holds something already."""


def revision_of(manifest: Manifest) -> str:
    """The archive's revision, where this version knows it; raises BadArchive for a newer one."""
    try:
        ScriptDirectory(str(schema.MIGRATIONS)).get_revision(manifest.revision)
    except CommandError:
        raise BadArchive(
            f"The archive has the schema {manifest.revision}; this version knows those up to {schema.head()}. "
            f"Restore it with eventsvc {manifest.eventsvc} or newer."
        ) from None
    return manifest.revision


def ensure_empty() -> None:
    """Raise NotEmpty unless this is a database in which nobody has done anything."""
    found = set(inspect(db.engine).get_table_names())
    with db.engine.connect() as connection:
        is_ours = MigrationContext.configure(connection).get_current_revision() is not None
        _ensure_no_rows(connection, found)
    if found and not is_ours:
        raise NotEmpty("The database holds tables that are not eventsvc's.")


def _ensure_no_rows(connection: Connection, found: set[str]) -> None:
    for name in _OF_PEOPLE:
        if name in found and connection.scalar(select(func.count()).select_from(table(name))):
            raise NotEmpty(f"The database is not empty: {name} has rows.")


def restore(archive: Archive, links: Links, now: datetime, progress: Progress) -> None:
    """Fill the empty database of the running app, whose delivery is paused from then on.

    The rows are written by one transaction at the schema they were taken from; the database is upgraded afterwards.
    Raises BadArchive and NotEmpty, and leaves the database empty.
    """
    revision = revision_of(archive.manifest)
    ensure_empty()
    _bring_to(revision)
    _ensure_same_columns(archive.manifest)
    is_head = revision == schema.head()
    with transaction():
        connection = db.session.connection()
        _ensure_no_rows(connection, set(inspect(connection).get_table_names()))
        _write_all(archive, connection, progress)
        pause.begin(PauseReason.RESTORED, by=ACTOR, now=now, taken_at=archive.manifest.taken_at)
        if is_head:
            fill_if_empty()
    db.session.remove()
    if not is_head:
        flask_migrate.upgrade()
    for _ in render_behind(links, clock.now):
        pass
    db.session.remove()


def _bring_to(revision: str) -> None:
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present not in (None, revision):
        flask_migrate.downgrade(revision="base")
    if present != revision:
        flask_migrate.upgrade(revision=revision)


def _ensure_same_columns(manifest: Manifest) -> None:
    """No name of the manifest reaches a statement before it was found in the database."""
    seen = inspect(db.engine)
    found = {
        name: {one["name"] for one in seen.get_columns(name)}
        for name in seen.get_table_names()
        if schema.is_a_models(None, name) and name != "alembic_version"
    }
    said = {one.name: {name for name, _ in one.columns} for one in manifest.tables}
    left = {name for name, _ in manifest.left_out} & set(contents.LEFT_OUT)
    if len(said) != len(manifest.tables) or {name: found[name] for name in found.keys() - left} != said:
        raise BadArchive(f"The archive's tables are not those of the schema {manifest.revision}.")


def _write_all(archive: Archive, connection: Connection, progress: Progress) -> None:
    names = [one.name for one in archive.manifest.tables]
    for name in reversed(names):  # what migrations and a scheduler have put there
        connection.execute(delete(table(name)))
    late = _check_references_late(connection)
    for one in archive.manifest.tables:
        try:
            _write_table(archive, one, connection)
        except SQLAlchemyError as error:
            raise BadArchive(f"{one.file}: the database refuses a row ({_first_line(error)}).") from None
        progress(one.name, one.rows)
    try:
        _check_references(connection, late)
    except SQLAlchemyError as error:
        raise BadArchive(f"The archive's rows do not fit one another ({_first_line(error)}).") from None
    if is_postgresql():
        _count_on(connection, archive.manifest)


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]


def _write_table(archive: Archive, of: Table, connection: Connection) -> None:
    on_postgresql = is_postgresql()
    columns = [column(name, kinds.write_as(kind, on_postgresql=on_postgresql)) for name, kind in of.columns]
    statement, rows = insert(table(of.name, *columns)), archive.rows(of)
    while some := _some(rows):
        connection.execute(statement, some)


_ENOUGH = 4 * 1024**2


def _some(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The next rows, few where they are large."""
    some, size = [], 0
    for row in islice(rows, AT_ONCE):
        some.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, bytes | str))
        if size > _ENOUGH:
            break
    return some


_TO_ITSELF = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'f' AND conrelid = confrelid AND connamespace = current_schema()::regnamespace
"""


def _check_references_late(connection: Connection) -> list[tuple[str, str]]:
    """Let rows point at later rows of their table until the end; returns what PostgreSQL was told to defer."""
    if not is_postgresql():
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        return []
    found = [(of, name) for of, name in connection.execute(text(_TO_ITSELF))]
    for of, name in found:
        connection.execute(text(f'ALTER TABLE {of} ALTER CONSTRAINT "{name}" DEFERRABLE INITIALLY DEFERRED'))
    return found


def _check_references(connection: Connection, late: list[tuple[str, str]]) -> None:
    if not is_postgresql():
        if wrong := connection.execute(text("PRAGMA foreign_key_check")).first():
            raise BadArchive(f"The archive's rows do not fit one another: one of {wrong[0]} points nowhere.")
        return
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for of, name in late:
        connection.execute(text(f'ALTER TABLE {of} ALTER CONSTRAINT "{name}" NOT DEFERRABLE'))


def _count_on(connection: Connection, manifest: Manifest) -> None:
    """Let PostgreSQL number new rows after those that were written."""
    for one in manifest.tables:
        if "id" not in {name for name, _ in one.columns}:
            continue
        counter = connection.scalar(select(func.pg_get_serial_sequence(one.name, "id")))
        last = connection.scalar(select(func.max(column("id"))).select_from(table(one.name)))
        if counter is not None and last is not None:
            connection.execute(select(func.setval(counter, last)))
