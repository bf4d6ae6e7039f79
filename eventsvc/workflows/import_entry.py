"""One occurrence of a foreign calendar becomes an event of an office, or brings the one it became up to date.

What is added stands as by an import of rows: what is over is history, what is ahead is confirmed, nobody is written to.
What is known goes the way of the pages: it is moved, edited, called off and brought back, checked like any other, and
whoever was asked for it is told. What was changed here stays until the source changes again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.core.times import side_of, to_wall
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.directory.names import folded
from eventsvc.domain.events import imported
from eventsvc.domain.events.imported import ImportedEntry, Revision
from eventsvc.domain.events.lookup import claim_to_change, own_uids
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.events.schedule import When, when_of
from eventsvc.domain.requests.permits import owner_of
from eventsvc.ical.occurrences import Occurrence
from eventsvc.workflows.call_off_event import cancel_event, restore_event, withdraw_event
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.import_events import EventRow, add_imported, without_cancellation
from eventsvc.workflows.imported_places import Place, Places
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.publish_event import publish_event

USUAL_KIND = EventKind.MEETING
_UNTITLED = "Untitled"
_CATEGORIES: dict[EventKind, tuple[str, ...]] = {
    EventKind.RECRUITMENT_FAIR: ("fair", "job fair", "career fair", "recruitment fair", "recruiting"),
    EventKind.CONVENING: ("convening", "conference", "summit", "symposium", "forum"),
    EventKind.WORKSHOP: ("workshop", "training", "class", "seminar", "webinar"),
    EventKind.INFO_SESSION: ("info session", "information session", "presentation", "talk", "open house"),
    EventKind.SITE_VISIT: ("site visit", "tour", "visit", "field trip"),
    EventKind.RESEARCH_ACTIVITY: ("research", "study"),
    EventKind.SCHOOL_NIGHT: ("school night", "family night", "college night"),
    EventKind.MEETING: ("meeting", "committee", "board"),
}
_BY_CATEGORY = {word: kind for kind, words in _CATEGORIES.items() for word in words}


class Outcome(StrEnum):
    """What became of an entry."""

    CREATED = "created"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """What entries become: events of that office, at that campus and of that kind where they say nothing of it."""

    office_id: int
    campus: str | None = None
    kind: EventKind | None = None
    is_published: bool = False
    subscription_id: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one entry: of which event (public id), and why where there is something to say."""

    outcome: Outcome
    event_id: UUID | None = None
    reason: str = ""


def digest_of(entry: Occurrence, into: Into) -> str:
    """Of all that an entry says and of what it becomes; as long as it is the same, nothing has to be done."""
    bare = replace(entry, line=0, sequence=0, modified_at=None, warnings=())
    return hashlib.sha256(repr((bare, into.campus, into.kind, into.is_published)).encode()).hexdigest()[:40]


def add_entry(entry: Occurrence, into: Into, places: Places, *, actor: Actor, now: datetime) -> Done:
    """Make the event of an entry that nobody knows yet; call inside a transaction of its own.

    Refuses: SignInNeeded, NotAllowed for those who do not plan events of that kind for the office, InvalidInput,
             SlotTaken naming every clash.
    """
    if own_uids({entry.uid}):
        return Done(Outcome.SKIPPED, reason=say("It is an event of this service: a feed does not come back as events."))
    title, is_off = _title(entry)
    if is_off:
        return Done(Outcome.SKIPPED, reason=say("It is called off there, and was never here."))
    place = places.find(entry.location, entry.position)
    office, kind = db.session.get_one(Office, into.office_id), kind_of(entry, into)
    ensure_may_plan(actor, owner_of(office), kind)
    row = EventRow(
        source_uid=imported.source_uid_of(into.office_id, entry.uid, entry.recurrence),
        kind=kind,
        title=title,
        when=_when(entry, _zone(place, office)),
        campus=place.campus,
        owner=office.slug,
        rooms=place.rooms or None,
        description=_description(entry, place),
        online_url=entry.online_url,
        visibility=_visibility(entry),
    )
    event = add_imported(row, is_published=into.is_published and not entry.is_tentative, actor=actor, now=now)
    known = ImportedEntry(event_id=event.id, office_id=into.office_id, uid=entry.uid, recurrence=entry.recurrence)
    _note(known, entry, into)
    db.session.add(known)
    db.session.flush()
    reason = say("It is over: it stands as completed.") if event.status is Status.COMPLETED else ""
    return Done(Outcome.CREATED, event.public_id, reason)


def update_entry(event_id: UUID, entry: Occurrence, into: Into, places: Places, *, actor: Actor, now: datetime) -> Done:
    """Bring the event of an entry up to date; call inside a transaction of its own.

    Locks:   the request that the event was made of, the event, then its resources.
    Refuses: as the pages do: NotAllowed, WrongState, InvalidInput, SlotTaken naming every clash. Then nothing changed.
    """
    event = claim_to_change(event_id, actor)
    known = imported.claim(event.id)
    then = Revision(known.sequence, known.modified_at)
    if Revision(entry.sequence, entry.modified_at).is_older_than(then):
        return Done(Outcome.SKIPPED, event_id, say("It is an older state than the one that is known."))
    _rekey(event, known, entry)
    title, is_off = _title(entry)
    why_not = _why_not(event, known, is_off, now)
    if why_not:
        return Done(Outcome.SKIPPED, event_id, why_not)
    if is_off:
        return _call_off(event, known, entry, into, actor, now)
    was_tentative, version = known.is_tentative, event.version
    if event.status is Status.CANCELLED:
        event = restore_event(str(event_id), actor=actor, now=now)
    place = places.find(entry.location, entry.position)
    event = move_event(str(event_id), _destination(event, entry, place), actor=actor, now=now)
    event = edit_event(str(event_id), _words(entry, title, place), actor=actor, now=now)
    if into.is_published and was_tentative and not entry.is_tentative:
        event = publish_event(str(event_id), actor=actor, now=now)
    _note(known, entry, into)
    db.session.flush()
    return Done(Outcome.UNCHANGED if event.version == version else Outcome.UPDATED, event_id)


def call_off_gone(event_id: UUID, *, actor: Actor, now: datetime) -> Done:
    """Call off a date that its series does not have any more (EXDATE); call inside a transaction of its own."""
    event = claim_to_change(event_id, actor)
    known = imported.claim(event.id)
    if event.status not in (Status.CONFIRMED, Status.REQUESTED) or event.starts_at <= now:
        return Done(Outcome.SKIPPED, event_id, say("It is gone from its series there; here it stays as it was."))
    known.is_off, known.digest = True, ""
    _cancel(event, actor, now)
    return Done(Outcome.CANCELLED, event_id, say("The date is gone from its series."))


def kind_of(entry: Occurrence, into: Into) -> EventKind:
    """The kind that a category says, else what was chosen for such entries, else a meeting."""
    said = (
        _BY_CATEGORY.get(folded(word).removesuffix("s")) or _BY_CATEGORY.get(folded(word)) for word in entry.categories
    )
    return next(filter(None, said), None) or into.kind or USUAL_KIND


def _title(entry: Occurrence) -> tuple[str, bool]:
    title, is_cancelled = without_cancellation(entry.title)
    return title or _UNTITLED, entry.is_cancelled or is_cancelled


def _why_not(event: Event, known: ImportedEntry, is_off: bool, now: datetime) -> str:
    """Why the event stays as it is, whatever its source says."""
    if event.status is Status.CANCELLED and not is_off and not known.is_off:
        return say("It was called off here, and stays so.")
    if event.status in (Status.DECLINED, Status.WITHDRAWN) or (event.status is Status.CANCELLED and is_off):
        return say("It is called off here already.")
    if event.status is Status.POSTPONED and not is_off:
        return say("It was put off here: give it its new time here.")
    if event.status is Status.COMPLETED or event.has_ended(now):
        return say("It is over, and stays as it was.")
    return ""


def _call_off(event: Event, known: ImportedEntry, entry: Occurrence, into: Into, actor: Actor, now: datetime) -> Done:
    _cancel(event, actor, now)
    _note(known, entry, into)
    known.is_off = True
    return Done(Outcome.CANCELLED, event.public_id)


def _cancel(event: Event, actor: Actor, now: datetime) -> None:
    reason = "called off in the calendar that it came from"
    story = withdraw_event if event.status is Status.REQUESTED else cancel_event
    story(str(event.public_id), reason=reason, actor=actor, now=now)


def _rekey(event: Event, known: ImportedEntry, entry: Occurrence) -> None:
    """A series whose hour changed names all its dates anew; the event is the same."""
    if known.recurrence != entry.recurrence:
        known.recurrence = entry.recurrence
        event.source_uid = imported.source_uid_of(known.office_id, known.uid, entry.recurrence)


def _note(known: ImportedEntry, entry: Occurrence, into: Into) -> None:
    known.sequence, known.modified_at = entry.sequence, entry.modified_at
    known.digest = digest_of(entry, into)
    known.is_off, known.is_tentative, known.gone_at = False, entry.is_tentative, None
    known.subscription_id = into.subscription_id or known.subscription_id


def _destination(event: Event, entry: Occurrence, place: Place) -> Destination:
    """What the entry says about time and place; a place that is not known here moves nothing."""
    moves_campus = place.is_campus_named and (event.campus is None or event.campus.slug != place.campus)
    campus = db.session.scalar(select(Campus).where(Campus.slug == place.campus)) if moves_campus else event.campus
    when = _when(entry, campus.zone if campus else event.owner.zone)
    told = _told(when) if when != when_of(event) or moves_campus else {}
    return Destination(
        time=told,
        campus=place.campus if moves_campus else None,
        is_campus_told=moves_campus,
        rooms=place.rooms or None,
    )


def _told(when: When) -> dict[str, Any]:
    names = ("starts_on", "days") if when.all_day else ("starts_local", "starts_side", "duration_minutes")
    return {"all_day": when.all_day, **{name: getattr(when, name) for name in names}}


def _words(entry: Occurrence, title: str, place: Place) -> dict[str, Any]:
    return {
        "title": title,
        "description": _description(entry, place),
        "online_url": entry.online_url,
        "visibility": _visibility(entry),
    }


def _visibility(entry: Occurrence) -> Visibility:
    return Visibility.PRIVATE if entry.is_private else Visibility.PUBLIC


def _description(entry: Occurrence, place: Place) -> str:
    """What the entry says, with the place where no room or campus of ours says it, and the address it gives."""
    where = f"Where: {place.words}" if place.words else ""
    more = f"More: <{entry.url}>" if entry.url and entry.url not in entry.description else ""
    return "\n\n".join(part for part in (where, entry.description, more) if part)


def _zone(place: Place, office: Office) -> str:
    campus = db.session.scalar(select(Campus).where(Campus.slug == place.campus)) if place.campus else None
    return campus.zone if campus else office.zone


def _when(entry: Occurrence, zone: str) -> When:
    """The time as a clock in `zone` shows it."""
    if entry.starts_on is not None:
        return When(all_day=True, starts_on=entry.starts_on, days=entry.days)
    assert entry.starts_at is not None
    assert entry.ends_at is not None
    minutes = int((entry.ends_at - entry.starts_at).total_seconds()) // 60
    return When(
        starts_local=to_wall(entry.starts_at, zone),
        starts_side=side_of(entry.starts_at, zone),
        duration_minutes=minutes,
    )
