"""What a request notes when its answer is made: small, in a transaction of its own, and not worth a failed answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from eventsvc.core.db import db, is_busy, transaction

T = TypeVar("T")


def note(write: Callable[[], T]) -> T | None:
    """Write it down; where somebody else's lock is in the way, the next request does."""
    try:
        with transaction():
            return write()
    except DBAPIError as error:
        if not is_busy(error):
            raise
        db.session.rollback()
        return None
