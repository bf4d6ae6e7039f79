"""Seal what stands in the audit log: a tick's work, outside of every story, for hashing holds up nobody's booking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from eventsvc.core.db import transaction
from eventsvc.domain.audit import chain


def seal_audit(now: datetime) -> int:
    """Seal every entry that waits; opens its own transactions. Returns how many; 0 where somebody else is at it."""
    sealed = 0
    try:
        while True:
            with transaction():
                count = chain.seal_some(now)
            sealed += count
            if count < chain.AT_ONCE:
                return sealed
    except IntegrityError:
        return sealed
