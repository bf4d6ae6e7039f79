"""CSV as it leaves the house: RFC 4180 in UTF-8, and nothing in it that a spreadsheet would carry out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# What spreadsheets take for a formula (OWASP, "CSV Injection"); an apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file, line by line, as the rows come; empty cells for None. Numbers stay numbers, negative ones too."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield _written(writer, buffer, header)
    for row in rows:
        yield _written(writer, buffer, [harmless(cell) for cell in row])


def _written(writer: Any, buffer: io.StringIO, row: Sequence[Any]) -> str:
    writer.writerow(row)
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
