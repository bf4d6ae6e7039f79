"""What is done to the dates of a series from one on is also done to the plans of those that could not be had.

A date that is taken later is then planned where, when and as the others are by that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.models import Series
from eventsvc.domain.events.schedule import YEARS, When, out_of_years
from eventsvc.domain.events.words import moved_due_on
from eventsvc.workflows.kept_plan import as_kept, plan_of
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.series_plans import first_day


@dataclass(frozen=True, slots=True)
class Pivot:
    """The date from which on a series is changed, as it stood before, and the slug of the office in charge of it."""

    when: When
    owner: str


def move_skipped(series: Series, pivot: Pivot, to: Destination) -> None:
    """Move the plans kept from the pivot on as the dates are moved; refuses InvalidInput as `shifted` does."""
    campus_id = db.session.scalar(select(Campus.id).where(Campus.slug == to.campus)) if to.campus else None
    _change_kept(series, pivot, lambda plan: _moved(plan, pivot, to, campus_id))


def edit_skipped(series: Series, pivot: Pivot, edits: Mapping[str, Any]) -> None:
    """Change the words of the plans kept from the pivot on; a last day for accommodations keeps its distance."""
    _change_kept(series, pivot, lambda plan: _edited(plan, edits, first_day(pivot.when)))


def shifted(time: Mapping[str, Any], this: When, other: When) -> dict[str, Any]:
    """The time told for this date, as it is for another: the day moves by as many days, the hour by as much.

    Refuses: InvalidInput for a year out of ours, before a date is reckoned that no calendar has.
    """
    told, first, day = dict(time), first_day(this), first_day(other)
    for name in ("starts_on", "starts_local"):
        if told.get(name) is not None and told[name].year not in YEARS:
            raise InvalidInput({name: out_of_years()})
    if (starts_on := told.get("starts_on")) is not None:
        told["starts_on"] = day + (starts_on - first)
    if (starts_local := told.get("starts_local")) is not None:
        told["starts_local"] = datetime.combine(day + (starts_local.date() - first), starts_local.time())
        if other.starts_local is not None and this.starts_local is not None:
            told["starts_local"] = other.starts_local + (starts_local - this.starts_local)
    return told


def _change_kept(series: Series, pivot: Pivot, change: Callable[[Plan], Plan]) -> None:
    for skipped in series.skipped:
        plan = plan_of(skipped.plan)
        if skipped.taken_by_id is None and _wall_start(plan.when) >= _wall_start(pivot.when):
            plan = change(plan)
            skipped.plan, skipped.starts_on = as_kept(plan), first_day(plan.when)


def _wall_start(when: When) -> datetime:
    """On the wall, for the hour may be one that the clock skips there: that is why some dates could not be had."""
    return when.starts_local or datetime.combine(first_day(when), datetime.min.time())


def _moved(plan: Plan, pivot: Pivot, to: Destination, campus_id: int | None) -> Plan:
    places = ("rooms", "experts", "online_experts", "equipment")
    told: dict[str, Any] = {name: value for name in places if (value := getattr(to, name)) is not None}
    if to.is_campus_told:
        # Who is in charge stays so, and what is on another campus is left behind, as with an event that moves.
        told = {"owner": plan.owner or pivot.owner, **_usable_on(campus_id, plan), **told, "campus": to.campus}
    if to.experts is not None and to.online_experts is None:  # who joins online and still comes goes on doing so
        told["online_experts"] = tuple(slug for slug in plan.online_experts if slug in to.experts)
    when = plan.when.changed(shifted(to.time, pivot.when, plan.when))
    if plan.accommodations_due_on:  # as many days before as it was
        told["accommodations_due_on"] = moved_due_on(plan.accommodations_due_on, first_day(when) - first_day(plan.when))
    return replace(plan, when=when, **told)


def _usable_on(campus_id: int | None, plan: Plan) -> dict[str, Any]:
    """The plan's own rooms and equipment that can be used on that campus; None is online only."""
    equipment = [one.slug for one in plan.equipment]
    rooms_there = select(Room.slug).where(Room.slug.in_(plan.rooms), Room.campus_id == campus_id)
    is_there = or_(Pool.campus_id.is_(None), Pool.campus_id == campus_id)
    rooms = db.session.scalars(rooms_there).all()
    pools = db.session.scalars(select(Pool.slug).where(Pool.slug.in_(equipment), is_there)).all()
    return {
        "rooms": tuple(slug for slug in plan.rooms if slug in rooms),
        "equipment": tuple(one for one in plan.equipment if one.slug in pools),
    }


def _edited(plan: Plan, edits: Mapping[str, Any], since: date) -> Plan:
    known = {field.name for field in fields(Plan)}
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in edits.items() if name in known
    }
    if told.get("accommodations_due_on") is not None:
        told["accommodations_due_on"] = moved_due_on(told["accommodations_due_on"], first_day(plan.when) - since)
    return replace(plan, **told)
