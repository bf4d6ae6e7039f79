"""What stands in an archive's `manifest.json`: enough to read the rest without this code, and to see damage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso
from eventsvc.interfaces.backup.kinds import Kind

FORMAT = "eventsvc backup"
VERSION = 1
NAME = "manifest.json"
_WARNING = "It holds personal data and must be kept like the database itself."


class BadArchive(Exception):
    """An archive that is not restored; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's file: a JSON object a line, a row each, in the order of the primary key."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """Its name in the archive."""
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of one archive; tables in the order in which rows may be written."""

    eventsvc: str
    revision: str
    engine: str
    taken_at: datetime
    tables: tuple[Table, ...]
    left_out: tuple[tuple[str, str], ...]

    def as_json(self) -> str:
        """The file."""
        facts = {
            "format": FORMAT,
            "version": VERSION,
            "warning": _WARNING,
            "eventsvc": self.eventsvc,
            "schema_revision": self.revision,
            "taken_from": self.engine,
            "taken_at": iso(self.taken_at),
            "tables": [
                {
                    "name": one.name,
                    "file": one.file,
                    "rows": one.rows,
                    "bytes": one.size,
                    "sha256": one.sha256,
                    "columns": [{"name": name, "kind": str(kind)} for name, kind in one.columns],
                }
                for one in self.tables
            ],
            "left_out": [{"table": table, "why": why} for table, why in self.left_out],
        }
        return json.dumps(facts, indent=1) + "\n"


def read(text: bytes) -> Manifest:
    """The manifest of those bytes; raises BadArchive."""
    try:
        facts = json.loads(text)
        if facts["format"] != FORMAT:
            raise BadArchive("This is no backup of eventsvc.")
        if facts["version"] != VERSION:
            raise BadArchive(
                f"The archive has format {facts['version']}; this version reads format {VERSION}. "
                f"Restore it with eventsvc {facts['eventsvc']}."
            )
        return Manifest(
            eventsvc=str(facts["eventsvc"]),
            revision=str(facts["schema_revision"]),
            engine=str(facts["taken_from"]),
            taken_at=datetime.fromisoformat(facts["taken_at"]),
            tables=tuple(_table(one) for one in facts["tables"]),
            left_out=tuple((str(one["table"]), str(one["why"])) for one in facts["left_out"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadArchive(f"The archive's {NAME} cannot be read ({type(error).__name__}).") from None


def _table(facts: Any) -> Table:
    columns = tuple((str(one["name"]), Kind(one["kind"])) for one in facts["columns"])
    table = Table(str(facts["name"]), columns, int(facts["rows"]), int(facts["bytes"]), str(facts["sha256"]))
    if facts["file"] != table.file or min(table.rows, table.size) < 0:
        raise ValueError(facts["file"])
    return table
