"""Publish: from now on the event stands in pages and feeds."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.errors import WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.workflows.changing import changing


def publish_event(event_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> Event:
    """Publish an event that is requested, confirmed or completed; publishing it again changes nothing.

    Refuses: SignInNeeded, NotFound, Stale, WrongState for a draft and for what is off.
    """
    event = claim_to_change(event_id, actor, expected)
    publish_claimed(event, actor, now)
    return event


def publish_claimed(event: Event, actor: Actor, now: datetime) -> None:
    """The same for an event that is locked."""
    if event.published_at is not None:
        return
    if event.status not in lifecycle.PUBLISHABLE:
        raise WrongState(
            say("An event that is %(status)s cannot be published.", status=lifecycle.STATUS_WORDS[event.status]),
            status_of_event=str(event.status),
            possible=[str(move) for move in lifecycle.possible_moves(event.status)],
        )
    with changing(event, now):
        event.published_at = now
        lifecycle.revise(event, now)
    audit.record("publish", "event", event.public_id, actor=actor.name, now=now)
