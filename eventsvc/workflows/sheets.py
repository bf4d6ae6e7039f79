"""Sheets: tables that leave the service, column by column in words, with rows read some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Select

from eventsvc.core.db import db
from eventsvc.domain.privacy.record_kind import Sort

AT_ONCE = 500
Asked = TypeVar("Asked")


class Column(NamedTuple):
    """A column; `sort` says what it may tell of a person, None that it tells nothing."""

    name: str
    meaning: str
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Asked]):
    """A file of rows; `rows` reads them in batches, so that memory does not grow with their number."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[[Asked], Iterator[Sequence[Any]]]


def in_batches(query: Select[Any], key: Any) -> Iterator[Sequence[Any]]:
    """What a query finds, some rows at a time in the order of that id; nothing stays in memory or open between them."""
    last = 0
    while True:
        found = db.session.scalars(query.where(key > last).order_by(key).limit(AT_ONCE)).all()
        if not found:
            return
        last = found[-1].id
        yield found
        db.session.expunge_all()
        db.session.rollback()


def as_markdown(sheets: Sequence[Sheet[Any]]) -> str:
    """The sheets column by column, for a document."""
    parts = []
    for sheet in sheets:
        lines = [f"### {sheet.name}.csv", "", sheet.about, "", "| Column | Meaning |", "|---|---|"]
        parts.append("\n".join([*lines, *(f"| `{column.name}` | {column.meaning} |" for column in sheet.columns)]))
    return "\n\n".join(parts) + "\n"
