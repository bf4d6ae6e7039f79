"""What ends with time of the two questions after an event: the lines; the numbers and who spoke stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.events.models import Event
from eventsvc.domain.privacy.holds import Concern
from eventsvc.workflows import concerns


def feedback(before: datetime) -> Select[Any]:
    """What was said of events that ended before, in words."""
    return select(Feedback).join(Feedback.event).where(Event.ends_at < before, Feedback.comment != "")


def of_feedback(rows: Sequence[Any]) -> list[Concern]:
    """Whom it concerns: the event's."""
    known = concerns.of_events({row.event_id for row in rows})
    return [known[row.event_id] for row in rows]
