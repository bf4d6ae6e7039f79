"""Read an archive that may be damaged or made to harm: nothing is written to disk, and nothing is trusted."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventsvc.interfaces.backup import kinds, manifest
from eventsvc.interfaces.backup.manifest import NAME, BadArchive, Manifest, Table

_MOST_OF_MANIFEST = 8 * 1024**2
_LONGEST_LINE = 256 * 1024**2
# Rows of text shrink to a tenth or so, very even ones to a fiftieth; a bomb to a thousandth.
_MOST_SHRUNK, _SMALL = 300, 1024**2


class Archive:
    """An archive that is open; its manifest has been read and fits the names in it."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        names = [one.filename for one in opened.infolist()]
        if names.count(NAME) != 1:
            raise BadArchive(f"This is no backup of eventsvc: it holds no {NAME}.")
        for one in opened.infolist():
            if one.flag_bits & 1:
                raise BadArchive(f"{one.filename} is encrypted; decrypt the archive first.")
            if one.file_size > _SMALL and one.file_size > _MOST_SHRUNK * one.compress_size:
                raise BadArchive(f"{one.filename} would grow beyond measure; this is no backup of eventsvc.")
        with opened.open(NAME) as file:
            text = file.read(_MOST_OF_MANIFEST + 1)
        if len(text) > _MOST_OF_MANIFEST:
            raise BadArchive(f"The archive's {NAME} is too large.")
        self.manifest: Manifest = manifest.read(text)
        known = [NAME, *(one.file for one in self.manifest.tables)]
        if sorted(names) != sorted(known):
            odd = sorted(set(names) ^ set(known)) or names
            raise BadArchive(f"The archive's files are not those of its {NAME}: {', '.join(odd[:3])!r}.")

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table, as they are to be written; raises BadArchive where they are not what was taken.

        Counts and digest are known at the end: whoever writes rows takes them back when this raises.
        """
        digest, rows, size = hashlib.sha256(), 0, 0
        names = [name for name, _ in table.columns]
        with self._zip.open(table.file) as file:
            while line := file.readline(_LONGEST_LINE):
                digest.update(line)
                rows, size = rows + 1, size + len(line)
                if size > table.size or rows > table.rows:
                    raise BadArchive(f"{table.file} holds more than its {NAME} says.")
                yield _row(table, names, line, rows)
        if (rows, size, digest.hexdigest()) != (table.rows, table.size, table.sha256):
            raise BadArchive(f"{table.file} is not what was taken: rows, bytes or sha256 differ.")


def _row(table: Table, names: list[str], line: bytes, number: int) -> dict[str, Any]:
    try:
        facts = json.loads(line)
        if list(facts) != names:
            raise ValueError(names)
        return {name: kinds.from_json(kind, facts[name]) for name, kind in table.columns}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadArchive(f"{table.file}, line {number}, is no row of that table.") from None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive of that name; raises BadArchive, also for what is found while it is read, and OSError."""
    with path.open("rb") as file, _said(), zipfile.ZipFile(file) as found:
        yield Archive(found)


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise BadArchive(f"The archive is damaged, or no backup of eventsvc ({error}).") from None


def verify(path: Path) -> Manifest:
    """Read all of an archive and hold it against its manifest; raises BadArchive and OSError."""
    with opened(path) as archive:
        for table in archive.manifest.tables:
            for _ in archive.rows(table):
                pass
        return archive.manifest
