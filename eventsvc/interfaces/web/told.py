"""Who would be told by a change, row by row, for the pages on which it is made."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from eventsvc.core import clock
from eventsvc.interfaces.told_words import subject_of
from eventsvc.workflows.who_is_told import Becomes, WhoIsTold


class ToldRow(NamedTuple):
    """One letter; `waits_until` is None for one that leaves at once."""

    to: str
    subject: str
    waits_until: datetime | None
    becomes: Becomes


def told_rows(found: WhoIsTold) -> list[ToldRow]:
    """A row for each letter; none where nobody is told."""
    now = clock.now()
    return [
        ToldRow(one.to_name, subject_of(one), one.leaves_at if one.leaves_at > now else None, one.becomes)
        for one in found.letters
    ]
