"""Edit the words of an event: what may change without a room or a person being booked anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Topic
from eventsvc.domain.events import lifecycle, needs, words
from eventsvc.domain.events.found_under import ensure_languages
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation
from eventsvc.workflows import tell
from eventsvc.workflows.changing import changing
from eventsvc.workflows.plan_event import co_hosts_of

_RULES: dict[str, Callable[[str], str]] = {
    "title": words.ensure_title,
    "description": words.ensure_description,
    "online_url": words.ensure_link,
    "bring": partial(words.ensure_advice, field="bring"),
    "accommodations": partial(words.ensure_advice, field="accommodations"),
}
_PLAIN = ("visibility", "expected_heads")


def edit_event(
    event_id: str,
    edits: Mapping[str, Any],
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Event:
    """Change words: title, description, what to bring, accommodations, link, visibility, audience, languages, topics,
    co-hosts, expected heads.

    SEQUENCE stays (RFC 5546 2.1.4 counts time, place and status); what calendars show is revised.

    Refuses: SignInNeeded, NotFound, Stale when the version is not as expected and the words are not what they are
             already (RFC 9110 13.1.1), InvalidInput, SlotTaken when more heads are expected than the
             rooms seat.
    """
    event = claim_to_change(event_id, actor)
    tell.tell_of_new_place(edit_claimed(event, edits, expected=expected, actor=actor, now=now), now)
    return event


def edit_claimed(
    event: Event, edits: Mapping[str, Any], *, expected: Expected | None = None, actor: Actor, now: datetime
) -> list[Invitation]:
    """The same for an event that is locked; returns who must be told of another place, which is the caller's to do."""
    before, tag = _picture(event), tag_of(event.version)
    with changing(event, now):
        _apply(event, edits)
        after = _picture(event)
        if after == before:
            return []
        ensure_met(expected, tag)
        lifecycle.revise(event, now)
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    audit.record("edit", "event", event.public_id, actor=actor.name, now=now, changes=changes)
    return asking.coming(event.id) if "online_url" in changes and event.holds_resources else []


def _apply(event: Event, edits: Mapping[str, Any]) -> None:
    for name, value in edits.items():
        if name in _RULES:
            setattr(event, name, _RULES[name](value))
        elif name in _PLAIN:
            setattr(event, name, value)
        elif name == "accommodations_due_on":
            event.accommodations_due_on = words.ensure_due_on(value, event.starts_on)
        elif name == "audience":
            event.audience = list(value)
        elif name == "languages":
            event.languages = ensure_languages(value)
        elif name == "topics":
            event.topics = lookup.get_all_in_use(Topic, value, field="topics")
        elif name == "co_hosts":
            event.co_hosts = co_hosts_of(value, event.owner)
        else:
            raise InvalidInput({name: say("cannot be edited here; use move for time, place and people")})
    if "expected_heads" in edits:
        needs.ensure_capacity(event)


def _picture(event: Event) -> dict[str, Any]:
    return {
        **{name: getattr(event, name) for name in (*_RULES, *_PLAIN, "audience", "languages")},
        "accommodations_due_on": event.accommodations_due_on and event.accommodations_due_on.isoformat(),
        "topics": sorted(topic.slug for topic in event.topics),
        "co_hosts": sorted(organization.slug for organization in event.co_hosts),
    }
