"""Zip files of sheets: written row by row, so that their size costs no memory, each file with its count and hash."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from eventsvc.interfaces import csv_text
from eventsvc.workflows.sheets import Sheet

Progress = Callable[[str, int], None]
# How often somebody who waits is told.
_EVERY = 1000


def in_silence(_name: str, _number: int) -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the zip: its rows, bytes and sha256."""

    name: str
    rows: int
    size: int
    sha256: str


class Archive:
    """A zip that is being written; `files` is what stands in it so far."""

    def __init__(self, target: IO[bytes], *, progress: Progress = in_silence) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._progress = progress
        self.files: list[Written] = []

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def add_sheet(self, sheet: Sheet[Any], rows: Iterable[Sequence[Any]]) -> None:
        """A CSV file of its rows, under its name."""
        counted = _Counted(rows, sheet.name, self._progress)
        header = [column.name for column in sheet.columns]
        self.add(f"{sheet.name}.csv", (line.encode() for line in csv_text.lines(header, counted)), counted)

    def add(self, name: str, parts: Iterable[bytes], counted: _Counted | None = None) -> None:
        """A file of those parts."""
        digest, size = hashlib.sha256(), 0
        # The same records give the same bytes whenever they are taken out.
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(entry, "w", force_zip64=True) as opened:
            for part in parts:
                digest.update(part)
                size += len(part)
                opened.write(part)
        self.files.append(Written(name, counted.number if counted else 0, size, digest.hexdigest()))

    @property
    def rows(self) -> int:
        """How many rows stand in it."""
        return sum(file.rows for file in self.files)


class _Counted:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterable[Sequence[Any]], name: str, progress: Progress) -> None:
        self._rows, self._name, self._progress = rows, name, progress
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.number += 1
            if self.number % _EVERY == 0:
                self._progress(self._name, self.number)
            yield row
