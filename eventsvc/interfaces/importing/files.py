"""Reading a file of rows: CSV (with or without a byte-order mark; commas, semicolons or tabs) and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventsvc.core import caps
from eventsvc.core.errors import InvalidInput, say
from eventsvc.interfaces import csv_text

_CSV, _JSON = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it begins in the file (from 1), its cells by column, or why it cannot be read."""

    number: int
    cells: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns in their order, and its rows without the blank ones."""

    columns: list[str]
    lines: list[Line]


def read(path: Path) -> Table:
    """The rows of a file.

    Refuses: TooLarge; InvalidInput for a file that is neither CSV nor JSON lines, is no UTF-8 text, has no row, or
             names a column twice. A single row that cannot be read is a Line with a problem.
    """
    suffix = path.suffix.lower()
    if suffix not in _CSV + _JSON:
        raise refusal(say("%(name)s is neither .csv nor .jsonl", name=path.name))
    caps.TABLE.ensure(path.stat().st_size)
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            text = opened.read()
    except UnicodeDecodeError as error:
        raise refusal(
            say(
                "%(name)s is not UTF-8 text (byte %(byte)s); save it as “CSV UTF-8” and import that",
                name=path.name,
                byte=error.start,
            )
        ) from None
    return _csv(path.name, text) if suffix in _CSV else _json(path.name, text)


def refusal(reason: str) -> InvalidInput:
    """A refusal of the whole file."""
    return InvalidInput({"file": reason})


def _csv(name: str, text: str) -> Table:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        rows = list(_numbered(reader))
    except csv.Error as error:
        raise refusal(say("%(name)s, line %(line)s: %(error)s", name=name, line=reader.line_num, error=error)) from None
    if not rows:
        raise refusal(say("%(name)s is empty", name=name))
    columns = [cell.strip() or f"column {index}" for index, cell in enumerate(rows[0][1], start=1)]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise refusal(say("%(name)s has two columns named %(column)r", name=name, column=twice[0]))
    if len(rows) == 1:
        raise refusal(say("%(name)s has a header and no row", name=name))
    return Table(columns, [_line(number, columns, cells) for number, cells in rows[1:]])


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank with the line they begin on; a quoted cell may span several."""
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _line(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) > len(columns):
        return Line(
            number,
            problem=say(
                "has %(cells)s cells, the header has %(columns)s columns", cells=len(cells), columns=len(columns)
            ),
        )
    return Line(number, {column: _as_meant(cell.strip()) for column, cell in zip(columns, cells, strict=False)})


def _as_meant(cell: str) -> str:
    """Without the apostrophe that a file of ours puts before what a spreadsheet would carry out."""
    return cell[1:].strip() if cell.startswith("'") and csv_text.harmless(cell[1:]) == cell else cell


def _json(name: str, text: str) -> Table:
    lines = [_object(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    columns = list(dict.fromkeys(column for line in lines for column in line.cells))
    if not columns:
        raise refusal(say("%(name)s holds no JSON object a line", name=name))
    return Table(columns, lines)


def _object(number: int, text: str) -> Line:
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Line(number, problem=say("is not JSON: %(error)s", error=error))
    if not isinstance(cells, dict):
        return Line(number, problem=say("is not a JSON object"))
    return Line(number, cells)
