"""Rows for tables that a demo leaves empty, so that nothing escapes a test that is about all tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    func,
    insert,
    select,
)

from eventsvc.core.db import UtcDateTime, Word
from eventsvc.interfaces.schema import METADATA

# What is easily lost on the way: quotes, line ends, letters beyond the first plane, what looks like a number.
TEXT = "007 “ñ” 'q' \"Q\" \\n\r\n\t\u2028 🦀 e\u0301 =1+1"
INSTANT = datetime(2026, 11, 1, 8, 59, 59, 123456, tzinfo=UTC)
JSONS: tuple[Any, ...] = ({"z": 1, "a": [1.5, 1e300, -0.0, None, True, TEXT]}, "text", 1, 1.0, 0.1, None, [], "12")

# Where a check asks for more than a value of the right kind.
_FITTING: dict[str, dict[str, Any]] = {
    "delivery_pause": {"id": 1},
    "mail_sender": {"id": 1},
    "partner_settings": {
        "works_from_minute": 480,
        "works_until_minute": 1020,
        "tell_after_working_days": 2,
        "pass_on_after_working_days": 4,
    },
    "legal_holds": {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)},
    "private_feeds": {"room_id": None, "office_id": None},
    "proposals": {"ends_at": INSTANT + timedelta(hours=1)},
}


def fill_empty_tables(connection: Connection) -> list[str]:
    """Write a row into every table without one; returns their names."""
    filled = []
    for table in METADATA.sorted_tables:
        if not connection.scalar(select(func.count()).select_from(table)):
            connection.execute(insert(table), _row(connection, table))
            filled.append(table.name)
    return filled


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    fitting = _FITTING.get(table.name, {})
    return {
        column.name: fitting[column.name] if column.name in fitting else _value(connection, column)
        for column in table.columns
    }


def _value(connection: Connection, column: Column[Any]) -> Any:
    for reference in column.foreign_keys:
        if reference.column.table is column.table:
            return None
        return connection.scalar(select(func.min(reference.column)))
    kind: Any = column.type
    if isinstance(kind, Word):
        return next(iter(kind.words))
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, Float):
        return 0.1
    if isinstance(kind, UtcDateTime):
        return INSTANT
    if isinstance(kind, DateTime):
        return INSTANT.replace(tzinfo=None)
    if isinstance(kind, Date):
        return INSTANT.date()
    if isinstance(kind, Uuid):
        return UUID(int=2**127 + 1)
    if isinstance(kind, JSON):
        return JSONS[0]
    if isinstance(kind, LargeBinary):
        return bytes(range(256))
    return TEXT[: getattr(kind, "length", None) or len(TEXT)]
