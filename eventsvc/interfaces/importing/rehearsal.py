"""A dry run of an import is the import itself, on a copy of the database that nobody else sees.

So a row is a transaction of its own as in earnest, and sees what the rows before it did. One transaction around the
whole file would give the same report, and shut out every other writer of SQLite for as long as it runs; on PostgreSQL
it would hold the rooms it books in the order of the file, against bookings that lock them by id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Engine, Table, create_engine, event

from eventsvc.core.db import db, is_postgresql
from eventsvc.interfaces.schema import METADATA

if TYPE_CHECKING:  # an extra: nothing here may need it where SQLite is used
    from psycopg import Connection


@contextmanager
def rehearsal() -> Iterator[None]:
    """Within it the session reads and writes a copy of the database as it stands now; afterwards the copy is gone.

    Locks: the copy is read in one piece and keeps nobody from writing.
    """
    db.session.remove()
    original = db.engine
    engines = cast("dict[str | None, Engine]", db.engines)  # the app's own; the session looks there each time
    with _on_postgresql(original) if is_postgresql() else _on_sqlite(original) as copy:
        engines[None] = copy
        try:
            yield
        finally:
            db.session.remove()
            copy.dispose()
            engines[None] = original


@contextmanager
def _on_sqlite(original: Engine) -> Iterator[Engine]:
    """A copy in a file of its own, in a folder that only this user may open."""
    with TemporaryDirectory(prefix="eventsvc-dry-run-") as folder:
        path = Path(folder) / "copy.sqlite3"
        connection = original.raw_connection()
        try:
            source: Any = connection.driver_connection
            with closing(sqlite3.connect(path)) as target:
                source.backup(target)
        finally:
            connection.close()
        yield create_engine(f"sqlite:///{path}", **_as(original))


@contextmanager
def _on_postgresql(original: Engine) -> Iterator[Engine]:
    """Temporary tables of one connection, which stand before the real ones of the same names."""
    copy = create_engine(original.url, pool_size=1, max_overflow=0, **_as(original))
    event.listen(copy, "connect", _copy_tables)
    yield copy


def _as(original: Engine) -> dict[str, Any]:
    return {"hide_parameters": True, "execution_options": dict(original.get_execution_options())}


def _copy_tables(connection: Connection[Any], _record: object) -> None:
    """Fill the connection's own tables. From then on the server refuses it every write to a table that others see."""
    from psycopg import sql

    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    schema = connection.execute("SELECT current_schema()").fetchall()[0][0]
    for table in METADATA.sorted_tables:
        names = {"own": sql.Identifier("pg_temp", table.name), "real": sql.Identifier(schema, table.name)}
        connection.execute(sql.SQL("CREATE TEMPORARY TABLE {own} (LIKE {real} INCLUDING ALL)").format(**names))
        connection.execute(sql.SQL("INSERT INTO {own} SELECT * FROM {real}").format(**names))
        _count_on(connection, table)
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def _count_on(connection: Connection[Any], table: Table) -> None:
    """Number new rows by a sequence of the copy's own: LIKE takes over the real one."""
    from psycopg import sql

    column = table.autoincrement_column
    if column is None:
        return
    sequence = f"{table.name}_{column.name}_copied"
    names = {
        "own": sql.Identifier("pg_temp", table.name),
        "column": sql.Identifier(column.name),
        "sequence": sql.Identifier("pg_temp", sequence),
        "text": sql.Literal(f"pg_temp.{sequence}"),
    }
    for statement in (
        "CREATE TEMPORARY SEQUENCE {sequence}",
        "SELECT setval({text}, COALESCE(MAX({column}), 0) + 1, false) FROM {own}",
        "ALTER TABLE {own} ALTER COLUMN {column} SET DEFAULT nextval({text})",
    ):
        connection.execute(sql.SQL(statement).format(**names))
