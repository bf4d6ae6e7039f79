"""How doors show a hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import iso
from eventsvc.domain.booking import holds
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.events.models import Event


def hold_facts(hold: Hold, now: datetime) -> dict[str, Any]:
    """A hold as JSON-ready facts: what was said, until when it holds it, and what became of it by now."""
    said = dict(hold.wish)
    when, presence = said.pop("when", {}), holds.presence_of(hold)
    event = db.session.scalar(select(Event.public_id).where(Event.id == hold.event_id)) if hold.event_id else None
    return {
        "campus": None,
        "rooms": [],
        "experts": [],
        "online_experts": [],
        "equipment": [],
        **said,
        **when,
        "id": str(hold.public_id),
        "standing": str(holds.standing(hold, now)),
        "hold_until": iso(hold.hold_until),
        "starts_at": iso(presence.start),
        "ends_at": iso(presence.end),
        "note": hold.note,
        "event": str(event) if event else None,
    }
