"""How a value of a column stands in an archive: exactly, and the same whichever database it comes from.

| kind | in JSON |
|---|---|
| text, integer, boolean | as it is |
| number | as it is; what is no finite number as "nan", "inf", "-inf" |
| instant | "2027-01-11T17:00:00.000000+00:00", always in UTC |
| local, date | "2027-01-11T09:00:00.000000" without a zone, "2027-01-11" |
| uuid | with hyphens |
| bytes | base64 |
| json | the text of the JSON, so that its order and its numbers stay; SQL's NULL is null, the JSON null is "null" |
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    cast,
)
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from eventsvc.core.db import UtcDateTime, Word


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    LOCAL = "local"
    DATE = "date"
    UUID = "uuid"
    BYTES = "bytes"
    JSON = "json"


class _JsonText(TypeDecorator[str]):
    """The text of a JSON column, written as it is."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindvalue: BindParameter[str]) -> ColumnElement[Any]:
        return cast(bindvalue, JSON)


class _Way(NamedTuple):
    """The type by which a kind is read and written, and its way into JSON and back."""

    type: TypeEngine[Any]
    out: Callable[[Any], Any]
    back: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _only(wanted: type) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        if type(value) is not wanted:
            raise TypeError(value)
        return value

    return checked


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="microseconds")


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _unbytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _json(value: str) -> str:
    # SQLite keeps a JSON text that is one number as a number: 1.0 is 1 there, so that is how a number is written.
    if value[:1] not in "-0123456789":
        return value
    number = json.loads(value)
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        number = int(number)
    return json.dumps(number)


_WAYS: dict[Kind, _Way] = {
    Kind.TEXT: _Way(Text(), _same, _only(str)),
    Kind.INTEGER: _Way(BigInteger(), _same, _only(int)),
    Kind.NUMBER: _Way(Double(), _number, float),
    Kind.BOOLEAN: _Way(Boolean(), _same, _only(bool)),
    Kind.INSTANT: _Way(UtcDateTime(), _instant, datetime.fromisoformat),
    Kind.LOCAL: _Way(DateTime(), _instant, datetime.fromisoformat),
    Kind.DATE: _Way(Date(), date.isoformat, date.fromisoformat),
    Kind.UUID: _Way(Uuid(), str, UUID),
    Kind.BYTES: _Way(LargeBinary(), _bytes, _unbytes),
    Kind.JSON: _Way(Text(), _json, _only(str)),
}
_BY_TYPE: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (UtcDateTime, Kind.INSTANT),
    (Word, Kind.TEXT),
    (Uuid, Kind.UUID),
    (JSON, Kind.JSON),
    (Boolean, Kind.BOOLEAN),
    (LargeBinary, Kind.BYTES),
    (DateTime, Kind.LOCAL),
    (Date, Kind.DATE),
    (Integer, Kind.INTEGER),
    (Float, Kind.NUMBER),
    (String, Kind.TEXT),
)


def kind_of(column_type: TypeEngine[Any]) -> Kind:
    """The kind of a model's column; raises LookupError for a type that no archive can hold yet."""
    for known, kind in _BY_TYPE:
        if isinstance(column_type, known):
            return kind
    raise LookupError(f"say in interfaces/backup/kinds.py how {column_type!r} stands in an archive")


def read_as(kind: Kind) -> TypeEngine[Any]:
    """The type by which a column of that kind is read."""
    return _WAYS[kind].type


def write_as(kind: Kind, *, on_postgresql: bool) -> TypeEngine[Any]:
    """The type by which a column of that kind is written."""
    # A cast on SQLite would make a number of a text; there a JSON column takes the text.
    return _JsonText() if kind is Kind.JSON and on_postgresql else _WAYS[kind].type


def to_json(kind: Kind, value: Any) -> Any:
    """A value that was read, as it stands in an archive."""
    return None if value is None else _WAYS[kind].out(value)


def from_json(kind: Kind, value: Any) -> Any:
    """A value of an archive, to be written; raises ValueError or TypeError for what is none of that kind."""
    return None if value is None else _WAYS[kind].back(value)
