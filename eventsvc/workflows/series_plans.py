"""From one wish to the plans of a series: each date, or each stop of a campaign, is a whole plan of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.events.recurrence import MAX_OCCURRENCES, Rule, days_of
from eventsvc.domain.events.schedule import When
from eventsvc.domain.events.words import moved_due_on
from eventsvc.workflows.kept_plan import as_kept
from eventsvc.workflows.plan_event import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What one stop of a campaign has of its own: fields of `When`, and fields of `Plan`; the rest is the wish's."""

    time: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Several places on one day or a few, each with its own campus, rooms, people and maybe hour."""

    stops: tuple[Stop, ...]


Repeats = Rule | Campaign


def plans_of(plan: Plan, repeats: Repeats) -> list[Plan]:
    """The plans of a series in order, on the wall clock: the same hour on each day, whatever the zone's clock does.

    The last day to ask for accommodations moves along with the day.

    Refuses: InvalidInput naming the field, as `days_of` does, and for a campaign without a stop or of more than 200.
    """
    if isinstance(repeats, Campaign):
        if not 1 <= len(repeats.stops) <= MAX_OCCURRENCES:
            limits = {"low": 1, "high": MAX_OCCURRENCES}
            raise InvalidInput({"rule.stops": say("must hold between %(low)s and %(high)s stops", **limits)})
        return [_at_stop(plan, stop) for stop in repeats.stops]
    first = first_day(plan.when)
    return [_on_day(plan, first, day) for day in days_of(repeats, first)]


def first_day(when: When) -> date:
    """The day on which a time starts; refuses InvalidInput where it says none."""
    if when.all_day and when.starts_on is not None:
        return when.starts_on
    if when.starts_local is not None:
        return when.starts_local.date()
    name = "starts_on" if when.all_day else "starts_local"
    raise InvalidInput({name: say("is needed, for instance 2027-02-10T14:00")})


def rule_as_said(repeats: Repeats) -> dict[str, Any]:
    """The rule as JSON, as the doors take it."""
    said: dict[str, Any] = {"kind": type(repeats).__name__.lower()}
    if isinstance(repeats, Campaign):
        return said | {"stops": [as_kept({**stop.own, **stop.time}) for stop in repeats.stops]}
    kept: dict[str, Any] = as_kept(repeats)
    return {**said, **kept.pop("end", {}), **kept}


def _on_day(plan: Plan, first: date, day: date) -> Plan:
    when = plan.when
    if when.all_day:
        when = replace(when, starts_on=day)
    elif when.starts_local is not None:
        when = replace(when, starts_local=datetime.combine(day, when.starts_local.time()))
    due_on = plan.accommodations_due_on
    return replace(plan, when=when, accommodations_due_on=moved_due_on(due_on, day - first) if due_on else None)


def _at_stop(plan: Plan, stop: Stop) -> Plan:
    return replace(plan, when=plan.when.changed(stop.time), **stop.own)
