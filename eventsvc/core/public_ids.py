"""Public ids: what addresses and letters name things by. Text that is none finds nothing, as an unknown one does."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, Said

T = TypeVar("T")


def read(public_id: str | UUID) -> UUID | None:
    """The id that a text spells, or None."""
    try:
        return public_id if isinstance(public_id, UUID) else UUID(public_id)
    except ValueError:
        return None


def find(query: Select[T], column: InstrumentedAttribute[UUID], public_id: str | UUID) -> T | None:
    """What the query selects where the column has that id, or None."""
    found: Any = read(public_id)
    return None if found is None else db.session.scalar(query.where(column == found))


def get(query: Select[T], column: InstrumentedAttribute[UUID], public_id: str | UUID, missing: Said) -> T:
    """The same; refuses NotFound with the words `missing`."""
    found = find(query, column, public_id)
    if found is None:
        raise NotFound(missing)
    return found
