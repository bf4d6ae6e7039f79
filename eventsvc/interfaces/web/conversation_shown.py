"""The conversation about an event, for its page."""

from __future__ import annotations

from typing import Any

from eventsvc.domain.conversations import remarks
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.workflows.converse_about_request import before_the_event


def shown_about(found: Event) -> dict[str, Any]:
    """What was written, and whether the asker may write."""
    return {
        "conversation": [*before_the_event(found.id, requests.actor()), *remarks.of_subject(found.public_id)],
        "may_remark": remarks.may_write(requests.actor(), permits.concerned(found)),
    }
