"""An event as a file has it: which fields it has, and the row they become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, post_load

from eventsvc.core.errors import say
from eventsvc.domain.events.found_under import MOST_GROUPS, MOST_LANGUAGES
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.interfaces.importing.cells import Count, Day, Moment, OneOf, Several, Text, Things, YesNo
from eventsvc.workflows.said_wish import SaidEquipment


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEvent:
    """An event as a file has it: places, rooms and topics by whatever people call them, times as they stand."""

    title: str
    kind: EventKind
    starts: datetime
    ends: datetime | None = None
    duration_minutes: int | None = None
    all_day: bool = False
    days: int | None = None
    source_uid: str | None = None
    zone: str | None = None
    campus: str | None = None
    owner: str | None = None
    rooms: tuple[str, ...] = ()
    experts: tuple[str, ...] | None = None
    equipment: tuple[SaidEquipment, ...] | None = None
    topics: tuple[str, ...] | None = None
    co_hosts: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    programs: str | None = None
    description: str | None = None
    bring: str | None = None
    accommodations: str | None = None
    accommodations_due_on: date | None = None
    online_url: str | None = None
    expected_heads: int | None = None
    visibility: Visibility | None = None
    status: str = ""


class EventSchema(Schema):
    """An event."""

    title = Text(limit=200, required=True)
    kind = OneOf(EventKind, required=True)
    starts = Moment(required=True)
    ends = Moment()
    duration_minutes = Count()
    all_day = YesNo()
    days = Count()
    source_uid = Text(limit=255)
    zone = Text(limit=64)
    campus = Text(limit=200)
    owner = Text(limit=80)
    rooms = Several()
    experts = Several()
    equipment = Things()
    topics = Several()
    co_hosts = Several()
    audience = Several(most=MOST_GROUPS, limit=60)
    languages = Several(most=MOST_LANGUAGES, limit=10)
    programs = Text(limit=5_000)
    description = Text(limit=20_000, lines=True)
    bring = Text(limit=1000, lines=True)
    accommodations = Text(limit=1000, lines=True)
    accommodations_due_on = Day()
    online_url = Text(limit=500)
    expected_heads = Count()
    visibility = OneOf(Visibility)
    status = Text(limit=40)

    @post_load
    def row(self, cells: dict[str, Any], **_: Any) -> FileEvent:
        if not 0 <= cells.get("expected_heads", 0) <= 100_000:
            raise ValidationError(
                say("must be between %(low)s and %(high)s", low="0", high="100,000"), "expected_heads"
            )
        return FileEvent(**cells)
