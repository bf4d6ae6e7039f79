"""Import an event from somebody's file: what is over is history, what is ahead stands confirmed, nobody is written to.

The file wins over earlier imports, with three exceptions that protect what people did here since: a blank or "TBD"
room takes no room away, an event that was called off here stays off, and an event for which people have been asked is
not moved behind their backs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.booking import desk
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Room
from eventsvc.domain.directory.names import folded
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.lifecycle import ON, Move
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.events.promises import promise
from eventsvc.domain.events.schedule import When, schedule
from eventsvc.domain.invitations import asking
from eventsvc.workflows.changing import changing
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.keeping import Outcome, Tally, count
from eventsvc.workflows.people_and_things import put_equipment, put_people
from eventsvc.workflows.plan_event import Plan, new_event
from eventsvc.workflows.said_wish import SaidEquipment
from eventsvc.workflows.taking import take_as_imported

_TO_BE_ANNOUNCED = frozenset({"", "tbd", "tba", "to be determined", "to be announced", "n a"})
_MARKS = r"[\s*\-–—:;.,!()\[\]]"
_CANCELLED = re.compile(
    rf"^(?P<after>{_MARKS}*)(?P<word>cancell?ed)(?P<before>{_MARKS}+)(?P<rest>.+)$"
    rf"|^(?P<rest2>.+?)(?P<before2>{_MARKS}+)(?P<word2>cancell?ed)(?P<after2>{_MARKS}*)$",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = (
    "title",
    "description",
    "bring",
    "accommodations",
    "accommodations_due_on",
    "online_url",
    "visibility",
    "audience",
    "languages",
    "topics",
    "co_hosts",
    "expected_heads",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """What a file says about an event; None is not known. Names are slugs.

    `source_uid` is the file's own lasting name for the event. `rooms` None is "to be announced".
    """

    source_uid: str
    kind: EventKind
    title: str
    when: When
    campus: str | None = None
    owner: str | None = None
    rooms: tuple[str, ...] | None = None
    experts: tuple[str, ...] | None = None
    equipment: tuple[SaidEquipment, ...] | None = None
    topics: tuple[str, ...] | None = None
    co_hosts: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    description: str | None = None
    bring: str | None = None
    accommodations: str | None = None
    accommodations_due_on: date | None = None
    online_url: str | None = None
    expected_heads: int | None = None
    visibility: Visibility | None = None
    is_cancelled: bool = False


def import_event(
    row: EventRow, *, is_published: bool = False, actor: Actor, now: datetime, tally: Tally | None = None
) -> Event:
    """Add the event of a row, or bring the one of that `source_uid` up to date.

    A new event that has ended is completed, any other is confirmed, with its rooms and people confirmed too; one that
    is cancelled takes nothing. With `is_published` it is published unless it is cancelled. No letter and no reminder
    is planned; an expert's own yes is not in the file and stays listed as missing.

    Locks:   the event where it is known, then its resources.
    Refuses: SignInNeeded, InvalidInput naming the field, SlotTaken naming every clash, WrongState for a change that
             the event's life does not allow.
    """
    ensure_may_run(actor)
    known = db.session.scalar(select(Event.public_id).where(Event.source_uid == row.source_uid))
    if known is None:
        event = add_imported(row, is_published=is_published, actor=actor, now=now)
        count(tally, Outcome.ADDED)
        return event
    event = claim_event(known)
    version = event.version
    _update(event, row, actor, now)
    count(tally, Outcome.UNCHANGED if event.version == version else Outcome.UPDATED)
    return event


def is_to_be_announced(room: str) -> bool:
    """True for what people write where no room is known yet: nothing, "TBD", "TBD*", "to be announced"."""
    return folded(room) in _TO_BE_ANNOUNCED


def without_cancellation(title: str) -> tuple[str, bool]:
    """A title without a cancellation that was typed into it, and whether there was one.

    It is one at either end of the title, set off by marks ("Hulu - cancelled", "(Cancelled) Hulu") or in capitals
    ("Hulu CANCELLED"). "How the fair got cancelled" is a title.
    """
    found = _CANCELLED.match(title.strip())
    if found is None:
        return title, False
    part = {name.rstrip("2"): text for name, text in found.groupdict().items() if text is not None}
    rest = part["rest"].strip()
    is_shouted = part["word"].isupper() and not rest.isupper()
    is_set_off = bool((part["before"] + part["after"]).strip(" \t\n.,;!"))
    if not (is_shouted or is_set_off) or rest.split()[-1].casefold() in ("not", "never"):
        return title, False
    return rest, True


def add_imported(row: EventRow, *, is_published: bool, actor: Actor, now: datetime) -> Event:
    """Add the event of a row that nobody knows yet, as `import_event` says; who may is the caller's affair."""
    event = new_event(_plan_of(row), now)
    event.source_uid = row.source_uid
    with changing(event, now):
        lifecycle.make(event, Move.REQUEST, now)
        lifecycle.make(event, Move.CONFIRM, now)
        event.host_confirmed_at = now
        if row.is_cancelled:
            lifecycle.make(event, Move.CANCEL, now)
        else:
            _take(event, now)
            _complete_if_ended(event, now)
            event.published_at = now if is_published else None
    db.session.flush()
    changes: dict[str, audit.Change] = {
        "source_uid": (None, row.source_uid),
        "title": (None, event.title),
        "status": (None, str(event.status)),
        "published": (None, event.published_at is not None),
        **{name: (None, value) for name, value in _picture(event).items()},
    }
    audit.record("import", "event", event.public_id, actor=actor.name, now=now, changes=changes)
    return event


def _plan_of(row: EventRow) -> Plan:
    return Plan(
        kind=row.kind,
        title=row.title,
        when=row.when,
        campus=row.campus,
        owner=row.owner,
        rooms=row.rooms or (),
        experts=row.experts or (),
        equipment=row.equipment or (),
        topics=row.topics or (),
        co_hosts=row.co_hosts or (),
        audience=row.audience or (),
        languages=row.languages or (),
        description=row.description or "",
        bring=row.bring or "",
        accommodations=row.accommodations or "",
        accommodations_due_on=row.accommodations_due_on,
        online_url=row.online_url or "",
        expected_heads=row.expected_heads,
        visibility=row.visibility or Visibility.PUBLIC,
    )


def _update(event: Event, row: EventRow, actor: Actor, now: datetime) -> None:
    campus = event.campus.slug if event.campus else None
    if row.campus != campus:
        at = campus or say("no campus")
        raise InvalidInput(
            {"source_uid": say("%(uid)r is an event at %(campus)s, not another", uid=row.source_uid, campus=at)}
        )
    if event.status in ON:
        if row.is_cancelled:
            _cancel(event, actor, now)
        else:
            _move(event, row, actor, now)
    edits = {name: value for name, value in _words_of(row).items() if value != _word(event, name)}
    if edits:
        edit_event(str(event.public_id), edits, actor=actor, now=now)


def _words_of(row: EventRow) -> dict[str, Any]:
    """The words a row knows; slugs in their order, so that they compare with the stored ones."""
    known = {name: getattr(row, name) for name in _WORDS if getattr(row, name) is not None}
    lists = {name: list(value) for name, value in known.items() if isinstance(value, tuple)}
    return known | lists | {name: sorted(set(lists[name])) for name in ("topics", "co_hosts") if name in lists}


def _word(event: Event, name: str) -> Any:
    value = getattr(event, name)
    return [one.slug for one in value] if name in ("topics", "co_hosts") else value


def _cancel(event: Event, actor: Actor, now: datetime) -> None:
    _ensure_nobody_was_asked(event)
    with changing(event, now):
        lifecycle.make(event, Move.CANCEL, now)
        desk.release(event.id)
    audit.record("cancel", "event", event.public_id, actor=actor.name, now=now)


def _move(event: Event, row: EventRow, actor: Actor, now: datetime) -> None:
    """Put the event where the row has it, checked like a new booking; nothing where it stands there already."""
    before = _picture(event)
    with changing(event, now):
        _place(event, row)
        after = _picture(event)
        if after == before:
            return
        _ensure_nobody_was_asked(event)
        if event.status is Status.COMPLETED and not event.has_ended(now):
            raise WrongState(say("This event is over; the file has it ahead. Import it under another uid."))
        heads = event.expected_heads
        event.expected_heads = row.expected_heads or heads  # the new rooms are asked to seat the new number
        _take(event, now)
        event.sequence += 1
        lifecycle.revise(event, now)
        promise(event)
        _complete_if_ended(event, now)
    before["expected_heads"], after["expected_heads"] = heads, event.expected_heads
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    audit.record("move", "event", event.public_id, actor=actor.name, now=now, changes=changes)


def _place(event: Event, row: EventRow) -> None:
    if row.rooms is not None:
        event.rooms = lookup.get_all_in_use(Room, row.rooms, field="rooms")
    put_people(event, row.experts, None)
    if row.equipment is not None:
        put_equipment(event, row.equipment)
    needs.ensure_on_campus(event)
    schedule(event, row.when, event.campus.zone if event.campus else event.owner.zone)


def _take(event: Event, now: datetime) -> None:
    take_as_imported(event, needs.claim_asks(event, beside=desk.resources_of(event.id)), now=now)


def _complete_if_ended(event: Event, now: datetime) -> None:
    if event.status is Status.CONFIRMED and event.has_ended(now):
        lifecycle.make(event, Move.COMPLETE, now)


def _ensure_nobody_was_asked(event: Event) -> None:
    """Refuses WrongState: an import writes no letters, so people who were asked would not learn of it."""
    if asking.of_event(event.id):
        raise WrongState(say("People have been asked for this event: move or cancel it here, so that they are told."))


def _picture(event: Event) -> dict[str, Any]:
    return {
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "all_day": event.all_day,
        "rooms": sorted(room.slug for room in event.rooms),
        "experts": sorted(expert.slug for expert in event.experts),
        "equipment": {one.pool.slug: one.quantity for one in event.equipment},
    }
