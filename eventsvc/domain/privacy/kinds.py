"""The kinds of records, and every column of the database that may hold something about a person: the one home.

A test walks all tables and fails for a column of words that stands neither in a kind nor among `NOT_PERSONAL`, and for
a table with rows of a person that is missing in `PERSON_ROWS` (both in `columns`). docs/privacy.md is made of this page
(`eventsvc privacy kinds`). There is no table of students: events know expected heads, which are numbers.
"""

from __future__ import annotations

from eventsvc.domain.privacy import booking_kinds, people_kinds, upkeep_kinds
from eventsvc.domain.privacy.record_kind import RecordKind, Sort

__all__ = ["KINDS", "PERSONAL", "RecordKind", "Sort"]

KINDS: tuple[RecordKind, ...] = (*people_kinds.KINDS, *booking_kinds.KINDS, *upkeep_kinds.KINDS)

PERSONAL: dict[str, Sort] = {column: sort for kind in KINDS for column, sort in kind.columns.items()}
