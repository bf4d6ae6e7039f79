"""The conversation about an event: write to the other offices, and read what they wrote.

A remark is told to the other offices by one letter; until that has left, further remarks join it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.errors import NotFound, say
from eventsvc.core.times import iso
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.conversations import remarks
from eventsvc.domain.conversations.models import Remark, Subject
from eventsvc.domain.conversations.remarks import About
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import claim_event, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import post
from eventsvc.workflows import tell

LETTER = "remarks"
MOST_WORDS = remarks.MAX_WORDS
# Further remarks wait in a letter of their own once one holds so many.
_MOST_IN_A_LETTER = 20


def write_about_event(
    event_id: str, words: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Remark:
    """Write to the other offices about an event; the same words twice in a row are one remark.

    Locks:   the event.
    Refuses: SignInNeeded, NotFound for whom it does not concern, NotAllowed, Stale, InvalidInput.
    """
    ensure_somebody(actor)
    event = claim_event(event_id)
    _ensure_sees(actor, event)
    ensure_met(expected, tag_of(event.version))
    about = about_event(event)
    remark, is_new = remarks.write(about, words, actor=actor, now=now)
    if is_new:
        changes: dict[str, audit.Change] = {"remark": (None, remark.public_id)}
        audit.record("remark", "event", event.public_id, actor=actor.name, now=now, changes=changes)
        _tell_others(event, remark, now)
    return remark


def note_words_of(invitation: Invitation, words: str, *, by: str, now: datetime) -> Remark:
    """Put what an invited person wrote by mail into the conversation of the event, which is locked; both sides hear."""
    event = invitation.event
    remark, is_new = remarks.write_for(invitation.expert, about_event(event), words, now)
    if is_new:
        changes: dict[str, audit.Change] = {"remark": (None, remark.public_id)}
        audit.record("remark", "event", event.public_id, actor=by, now=now, changes=changes)
        _tell_others(event, remark, now)
    return remark


def read_about_event(
    event_id: str, *, after: int | None, limit: int, actor: Actor
) -> tuple[Sequence[Remark], int | None]:
    """A page of the conversation about an event. Refuses: SignInNeeded, NotFound for whom it does not concern."""
    return remarks.page(_visible(event_id, actor).public_id, after=after, limit=limit)


def get_about_event(event_id: str, remark_id: str, *, actor: Actor) -> Remark:
    """One remark of it; refuses as `read_about_event`."""
    return remarks.get_of_subject(_visible(event_id, actor).public_id, remark_id)


def about_event(event: Event) -> About:
    """What the conversation of an event is about: its offices, both sides, are those whom `permits` names."""
    concerned = permits.concerned(event)
    organizations = {owner.organization_id for owner in concerned if owner.organization_id is not None}
    named = {office.id: office for office in _on_both_sides(event)}
    named |= {room.office.id: room.office for room in event.rooms if room.office is not None}
    beside = {office.id: office for office in map(_first_office, sorted(organizations)) if office is not None}
    return About(Subject.EVENT, event.public_id, concerned, list((named | beside).values()))


def _first_office(organization_id: int) -> Office | None:
    found, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == organization_id])
    return found[0] if found else None


def _on_both_sides(event: Event) -> list[Office]:
    """The office in charge, and those that lend the experts who are named."""
    lending = (partner_office(expert) for expert in event.experts)
    return [event.owner, *(office for office in lending if office is not None)]


def _ensure_sees(actor: Actor, event: Event) -> None:
    if not permits.may_see_work_of(actor, event):
        raise NotFound(say("There is no such event."))


def _visible(event_id: str, actor: Actor) -> Event:
    ensure_somebody(actor)
    event = get_event(event_id)
    _ensure_sees(actor, event)
    return event


def _tell_others(event: Event, remark: Remark, now: datetime) -> None:
    """Both sides, and whoever has written before; not the office in whose name it was written."""
    readers = {office.id: office for office in [*_on_both_sides(event), *remarks.offices_in(event.public_id)]}
    readers.pop(remark.office_id or 0, None)
    for office in readers.values():
        key = f"remarks:{event.public_id}:{office.slug}:"
        said = [*waiting(str(event.public_id), LETTER, key), remark_facts(remark)]
        tell.to_office(office, event, LETTER, f"{key}{remark.id}", now, remarks=said)


def waiting(about: str, letter: str, key: str) -> list[dict[str, Any]]:
    """What letters of that key say that nobody has begun to send; they are dropped, for one more is to say it all."""
    unsent = [one for one in post.untried_about(about) if one.letter == letter and one.key.startswith(key)]
    said = _each_once(one for message in unsent for one in message.facts["remarks"])
    if len(said) >= _MOST_IN_A_LETTER:
        return []
    post.drop(unsent)
    return said


def _each_once(said: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({one["id"]: one for one in said}.values())


def remark_facts(remark: Remark) -> dict[str, Any]:
    """A remark as a letter quotes it."""
    return {
        "id": str(remark.public_id),
        "person": remark.author.name if remark.author else "",
        "office": remark.office.name if remark.office else "",
        "at": iso(remark.at),
        "words": remark.words,
    }
