"""Keep the minutes between places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.directory.models import Travel
from eventsvc.domain.directory.travel import MAX_TRAVEL_MINUTES
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.keep_places import get_campus
from eventsvc.workflows.keeping import Outcome, Tally, count


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRow:
    """Minutes from one place to another, in that direction; places are campuses by slug or by name."""

    origin: str
    destination: str
    minutes: int
    method: str | None = None


def save_travel(row: TravelRow, *, actor: Actor, now: datetime, tally: Tally | None = None) -> Travel:
    """Say how many minutes the way takes, in that direction; a later row replaces an earlier one.

    Refuses: SignInNeeded, InvalidInput: an unknown place, minutes that are negative or beyond two days, a way from a
             place to itself that takes any time.
    """
    ensure_may_run(actor)
    origin, destination = get_campus(row.origin, field="origin"), get_campus(row.destination, field="destination")
    if origin is destination and row.minutes:
        raise InvalidInput({"minutes": say("must be 0 between a place and itself")})
    if not 0 <= row.minutes <= MAX_TRAVEL_MINUTES:
        raise InvalidInput(
            {"minutes": say("must be between %(low)s and %(high)s", low=0, high=f"{MAX_TRAVEL_MINUTES:,}")}
        )
    found = db.session.get(Travel, (origin.id, destination.id))
    travel = found or Travel(from_campus_id=origin.id, to_campus_id=destination.id, method="")
    before = travel.minutes, travel.method
    method = travel.method if row.method is None else ensure_plain(row.method, field="method", limit=200)
    travel.minutes, travel.method = row.minutes, method
    if found and before == (row.minutes, method):
        count(tally, Outcome.UNCHANGED)
        return travel
    db.session.add(travel)
    db.session.flush()
    way = f"{origin.id}-{destination.id}"
    changes: dict[str, audit.Change] = {
        "from": (None, origin.slug),
        "to": (None, destination.slug),
        "minutes": (before[0], row.minutes),
    }
    audit.record("edit" if found else "add", "travel", way, actor=actor.name, now=now, changes=changes)
    count(tally, Outcome.UPDATED if found else Outcome.ADDED)
    return travel
