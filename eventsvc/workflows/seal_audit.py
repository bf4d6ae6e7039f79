"""Seal what stands in the audit log: a tick's work, outside of every story, for hashing holds up nobody's booking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from eventsvc.core.db import db, look, transaction
from eventsvc.domain.audit import chain


def seal_audit(now: datetime) -> int:
    """Seal every entry that waits; opens its own transactions. Returns how many; 0 where somebody else is at it."""
    sealed = 0
    try:
        while _waits():
            with transaction():
                sealed += chain.seal_some(now)
    except IntegrityError:
        db.session.rollback()
    return sealed


def _waits() -> bool:
    with look():
        return chain.waits()
