"""Minutes between two places, read by table."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Travel


class TravelTable:
    """The rows of the travel table that touch some places, read once.

    Between a place and itself it is 0 minutes. A pair the table does not know takes the other direction's figure,
    and None where neither is known: then nothing can be said and nothing is refused.
    """

    def __init__(self, campus_ids: Collection[int]) -> None:
        ids = sorted(set(campus_ids))
        rows = db.session.execute(
            select(Travel.from_campus_id, Travel.to_campus_id, Travel.minutes).where(
                or_(Travel.from_campus_id.in_(ids), Travel.to_campus_id.in_(ids))
            )
        )
        self._minutes = {(a, b): minutes for a, b, minutes in rows}

    def minutes(self, origin: int, destination: int) -> int | None:
        """Minutes from origin to destination, or None if nobody has said."""
        if origin == destination:
            return 0
        known = self._minutes.get((origin, destination))
        return known if known is not None else self._minutes.get((destination, origin))
