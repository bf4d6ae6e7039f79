"""Breaking a soft rule for an event, by name and with a reason; what was given counts for that start alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.booking.blocks import Override
from eventsvc.domain.booking.conflicts import SOFT, ClashKind
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.words import ensure_plain

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Waiver:
    """Rules that somebody wants broken, and why."""

    kinds: tuple[ClashKind, ...]
    reason: str


def ensure_sound(waiver: Waiver) -> None:
    """Refuses InvalidInput naming each kind that is never overridden, and a reason that is empty or too long."""
    errors = [
        (f"override.kinds[{index}]", say("%(kind)s is never overridden, only %(soft)s", kind=str(kind), soft=_SOFT))
        for index, kind in enumerate(waiver.kinds)
        if kind not in SOFT
    ]
    if not waiver.kinds:
        errors.append(("override.kinds", say("names no rule")))
    if not waiver.reason.strip():
        errors.append(("override.reason", say("is needed: whoever overrides a rule says why")))
    if errors:
        raise InvalidInput(errors)
    ensure_plain(waiver.reason, field="override.reason", limit=MAX_REASON)


_SOFT = ", ".join(kind for kind in ClashKind if kind in SOFT)


def standing(event: Event) -> frozenset[ClashKind]:
    """The kinds that were overridden for the event at its present start."""
    return frozenset(ClashKind(one.kind) for one in of_events([event.id])[event.id])


def of_events(event_ids: Collection[int]) -> dict[int, list[Override]]:
    """What counts for each of those events as they stand now, the oldest first; no entry is missing."""
    query = (
        select(Override)
        .join(Event, and_(Event.id == Override.event_id, Event.starts_at == Override.starts_at))
        .where(Override.event_id.in_(event_ids))
        .order_by(Override.id)
    )
    found: dict[int, list[Override]] = {event_id: [] for event_id in event_ids}
    for one in db.session.scalars(query):
        found[one.event_id].append(one)
    return found


def give(event: Event, kinds: Iterable[ClashKind], reason: str, *, given_by: str, now: datetime) -> Sequence[Override]:
    """Note that those rules do not count for the event at its present start."""
    given = [
        Override(event_id=event.id, kind=str(kind), starts_at=event.starts_at, reason=reason, given_by=given_by, at=now)
        for kind in sorted(kinds)
    ]
    db.session.add_all(given)
    return given
