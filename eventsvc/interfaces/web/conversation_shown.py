"""The conversation about an event, for its page."""

from __future__ import annotations

from typing import Any

from eventsvc.domain.conversations import remarks
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests


def shown_about(found: Event) -> dict[str, Any]:
    """What was written, and whether the asker may write."""
    return {
        "conversation": remarks.of_subject(found.public_id),
        "may_remark": remarks.may_write(requests.actor(), permits.concerned(found)),
    }
