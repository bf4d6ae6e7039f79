"""Take a backup while the service runs: one snapshot, row by row into an archive that appears when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Select, Text, cast, collate, column, select, table
from sqlalchemy import Table as SchemaTable

from eventsvc.core.db import db, is_postgresql
from eventsvc.interfaces.backup import contents, kinds
from eventsvc.interfaces.backup.kinds import Kind
from eventsvc.interfaces.backup.manifest import NAME, Manifest, Table

AT_ONCE = 500
Progress = Callable[[str, int], None]


def take(path: Path, now: datetime, progress: Progress) -> Manifest:
    """Write the database's rows into an archive of that name, readable by its owner alone.

    It is written beside under another name and takes its own when it is whole; where anything fails nothing is left.
    Raises OSError, such as for a full disk or a name that is taken.
    """
    with _appearing(path) as opened, _snapshot() as connection:
        return _write(opened, connection, now, progress)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    if path.exists():
        raise FileExistsError(17, "there is such a file", str(path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        partial.rename(path)
        sync_folder(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def sync_folder(of: Path) -> None:
    """Let the name of a file outlast a power cut."""
    folder = os.open(of.resolve().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection that sees the database as it is at its first read, whatever is written meanwhile."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if is_postgresql() else {}
    with db.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _write(opened: IO[bytes], connection: Connection, now: datetime, progress: Progress) -> Manifest:
    revision = MigrationContext.configure(connection).get_current_revision()
    written = []
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in contents.tables():
            written.append(_write_table(archive, one, connection))
            progress(one.name, written[-1].rows)
        manifest = Manifest(
            eventsvc=_version(),
            revision=str(revision),
            engine=connection.dialect.name,
            taken_at=now,
            tables=tuple(written),
            left_out=tuple(contents.LEFT_OUT.items()),
        )
        with archive.open(_entry(NAME), "w") as file:
            file.write(manifest.as_json().encode())
    return manifest


def _write_table(archive: zipfile.ZipFile, of: SchemaTable, connection: Connection) -> Table:
    columns = tuple((one.name, kinds.kind_of(one.type)) for one in of.columns)
    digest, rows, size = hashlib.sha256(), 0, 0
    entry, query = _entry(f"tables/{of.name}.jsonl"), _rows_of(of, columns)
    in_batches = connection.execution_options(yield_per=AT_ONCE)
    with archive.open(entry, "w", force_zip64=True) as file, in_batches.execute(query) as found:
        for row in found:
            line = _line(columns, row)
            file.write(line)
            digest.update(line)
            rows, size = rows + 1, size + len(line)
    return Table(of.name, columns, rows, size, digest.hexdigest())


def _line(columns: tuple[tuple[str, Kind], ...], row: Any) -> bytes:
    facts = {name: kinds.to_json(kind, value) for (name, kind), value in zip(columns, row, strict=True)}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _rows_of(of: SchemaTable, columns: tuple[tuple[str, Kind], ...]) -> Select[Any]:
    """All rows, in the same order on both databases."""
    plain = table(of.name, *(column(name, kinds.read_as(kind)) for name, kind in columns))
    wanted = [cast(plain.c[name], Text) if kind is Kind.JSON else plain.c[name] for name, kind in columns]
    texts = {name for name, kind in columns if kind is Kind.TEXT} if is_postgresql() else set()
    key = [one.name for one in of.primary_key.columns]
    # PostgreSQL sorts texts as its place does; SQLite by their bytes.
    return select(*wanted).order_by(*(collate(plain.c[one], "C") if one in texts else plain.c[one] for one in key))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _version() -> str:
    try:
        return version("eventsvc")
    except PackageNotFoundError:
        return "of a checkout"
