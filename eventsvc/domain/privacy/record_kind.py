"""What is said of a kind of records: what, why, who sees it, how long it is kept, and what is personal in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# On what grounds a kind is kept.
DUTY = "performance of a public duty: to plan and announce events under the agreements"
SECURITY = "security of the service"
RECORDS = "Public Records Act (Gov. Code 7920 ff.): bookings, letters and logs are public records"


class Sort(StrEnum):
    """What a column may say of a person. Of one who is erased, own rows are emptied, other rows' words blacked out."""

    NAME = "name"
    ADDRESS = "address"
    TELEPHONE = "telephone"
    NOTE = "note"  # why somebody cannot come, why a room was declined …
    LINK = "link"  # an address that is a key: where to join online, a private calendar
    TEXT = "text"  # words of a booking, of which the record is public
    FACTS = "facts"  # JSON: what a letter says, what a field was before


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """Records of one kind. `kept_days` counts from `kept_from`; None keeps them as long as the service runs."""

    name: str
    what: str
    purpose: str
    basis: str
    seen_by: str
    kept_from: str
    kept_days: int | None = None
    at_the_end: str = ""
    erased: str
    columns: Mapping[str, Sort]
