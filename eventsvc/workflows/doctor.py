"""The doctor: re-verifies all that lies ahead with the rule that booked it, and says what is not as it should be.

It changes nothing and locks nothing. What somebody has overridden is no finding; it is listed apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.times import Span, iso
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import examining
from eventsvc.domain.booking.blocks import Override
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.examining import Progress
from eventsvc.domain.events import audience
from eventsvc.domain.events.models import Event
from eventsvc.workflows.examine_events import examine_events, whole_days
from eventsvc.workflows.examine_offices import Gap, examine_offices
from eventsvc.workflows.examine_seats import examine_seats
from eventsvc.workflows.explain_clashes import explain

_END = datetime(2101, 1, 1, tzinfo=UTC)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an event that is not as it should be: a clash, or `words`."""

    event_id: int
    kind: str
    clash: Clash | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor found, what was overridden for events that lie ahead, and where somebody is missing."""

    findings: list[Finding] = field(default_factory=list)
    overridden: list[Override] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def examine(now: datetime, *, progress: Progress = lambda done, of: None) -> Examination:
    """Look at every reservation and every event that has not ended.

    Overlaps, travel, closed days and hours, leave, other calendars, limits and capacity by the desk's own rule,
    audiences, and what events want beside what they have; notice not, for it was due at the asking (see `examining`).
    Each clash of two events is named once. Costs time in proportion to what lies ahead, and memory to what is found.
    """
    overridden = _overridden(now)
    waived = {(one.event_id, one.kind) for one in overridden}
    found: dict[tuple[Any, ...], Finding] = {}
    for row, clash in examining.examine(now, whole_days=whole_days(now), progress=progress):
        _note(found, row.event_id or 0, clash, waived)
    for event_id, clash in audience.among_all(Span(now, _END)):
        _note(found, event_id, clash, waived)
    for event_id, clash in examine_seats(now):
        _note(found, event_id, clash, waived)
    irregular = [Finding(one.event_id, one.kind, words=one.words) for one in examine_events(now)]
    return Examination([*found.values(), *irregular], overridden, examine_offices(now))


def _note(found: dict[tuple[Any, ...], Finding], event_id: int, clash: Clash, waived: set[tuple[int, str]]) -> None:
    if (event_id, str(clash.kind)) in waived or event_id == 0:
        return
    both = frozenset({event_id, clash.event_id or clash.hold_id or clash.busy})
    about = type(clash.thing).__name__, clash.thing.id
    found.setdefault((clash.kind, about, both), Finding(event_id, str(clash.kind), clash))


def _overridden(now: datetime) -> list[Override]:
    query = (
        select(Override)
        .join(Event, and_(Event.id == Override.event_id, Event.starts_at == Override.starts_at))
        .where(Event.ends_at > now)
        .order_by(Event.starts_at, Override.id)
    )
    return list(db.session.scalars(query))


def explained(findings: Sequence[Finding], *, actor: Actor) -> list[dict[str, Any]]:
    """The findings as JSON-ready facts, with the event of each, by the start of the events."""
    clashes = [one.clash for one in findings if one.clash is not None]
    said = iter([facts for some in _in_parts(clashes) for facts in explain(some, actor=actor)])
    facts = [(one, next(said) if one.clash is not None else None) for one in findings]
    events = events_of([one.event_id for one in findings])
    facts.sort(key=lambda pair: (events[pair[0].event_id].starts_at, pair[0].event_id))
    return [_facts(one, clash, events[one.event_id]) for one, clash in facts]


def _facts(finding: Finding, clash: dict[str, Any] | None, event: Event) -> dict[str, Any]:
    detail = clash["detail"] if clash else finding.words
    return {"kind": finding.kind, "event": event_facts(event), "detail": detail, "clash": clash}


def event_facts(event: Event) -> dict[str, Any]:
    """An event as a finding names it."""
    return {
        "id": str(event.public_id),
        "title": event.title,
        "status": str(event.status),
        "starts_at": iso(event.starts_at),
        "zone": event.zone,
        "office": event.owner.slug,
    }


def events_of(ids: Sequence[int]) -> dict[int, Event]:
    """The events of those ids."""
    found: dict[int, Event] = {}
    for some in _in_parts(sorted(set(ids))):
        found |= {
            event.id: event
            for event in db.session.scalars(select(Event).where(Event.id.in_(some)).options(joinedload(Event.owner)))
        }
    return found


def _in_parts(things: Sequence[Any]) -> list[list[Any]]:
    rest = iter(things)
    parts = []
    while part := list(islice(rest, _AT_ONCE)):
        parts.append(part)
    return parts
