"""How doors show an event: the same facts for JSON and pages, as far as the asker may know them."""

from __future__ import annotations

from typing import Any

from eventsvc.core.errors import NotFound
from eventsvc.domain.accounts import Actor, may_see, may_write
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.invitations import asking
from eventsvc.interfaces.schemas import EventSchema
from eventsvc.interfaces.services import services

_SCHEMA = EventSchema()
_FOR_PLANNERS = ("missing_yes", "version")


def get_visible_event(event_id: str, actor: Actor) -> Event:
    """The event; refuses NotFound also when the asker may not see it."""
    event = get_event(event_id)
    is_public = event.visibility == Visibility.PUBLIC
    if not may_see(actor, is_public=is_public, is_published=event.published_at is not None):
        raise NotFound("There is no such event.")
    return event


def event_facts(event: Event, actor: Actor) -> dict[str, Any]:
    """An event as JSON-ready facts; missing yeses and versions are for those who plan."""
    links = services().links
    facts: dict[str, Any] = _SCHEMA.dump(event)
    facts["url"] = links.event_page(facts["id"])
    facts["ics_url"] = links.event_ics(facts["id"])
    if may_write(actor):
        missing = asking.missing_yes(event, asking.of_event(event.id))
        facts["missing_yes"] = [
            {"who": yes.who, "expert": yes.expert, "name": yes.name, "state": yes.state} for yes in missing
        ]
    else:
        facts = {name: value for name, value in facts.items() if name not in _FOR_PLANNERS}
    return facts
