"""Plan a series: many events, each checked against the world and its siblings; all, or those that can be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from eventsvc.core.db import db
from eventsvc.core.errors import DatesTaken, InvalidInput, WrongState, say
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.directory import lookup
from eventsvc.domain.events import needs, words
from eventsvc.domain.events.models import Event, Series, SkippedDate
from eventsvc.domain.events.permits import whose
from eventsvc.domain.events.series import claim_series, ensure_known, get_skipped, tag_of_series
from eventsvc.workflows import series_dates
from eventsvc.workflows.keep_search import index_events
from eventsvc.workflows.kept_plan import as_kept, plan_of
from eventsvc.workflows.plan_event import (
    Plan,
    ensure_draft_overrides_nothing,
    ensure_is_ahead,
    make_event,
    note_planned,
    owner_of,
    request_reserved,
    reserve,
    tell_asked,
    unsaved_event,
)
from eventsvc.workflows.put_in_charge import note_planner
from eventsvc.workflows.series_dates import RefusedDate
from eventsvc.workflows.series_plans import Campaign, Repeats, first_day, plans_of, rule_as_said


class OnConflict(StrEnum):
    """What happens when some dates of a series cannot be had: nothing is booked, or the rest is."""

    REFUSE = "refuse"
    SKIP = "skip"


def plan_series(
    plan: Plan,
    repeats: Repeats,
    *,
    on_conflict: OnConflict = OnConflict.REFUSE,
    is_draft: bool = False,
    submission: str | None = None,
    actor: Actor,
    now: datetime,
) -> Series:
    """Plan every date of a series in one act; each is an event of its own, and everybody gets one letter for all.

    With SKIP the dates that cannot be had are kept beside the series with what stood against them.

    Locks:   the resources of the whole series in id order, before the first is taken.
    Refuses: SignInNeeded, InvalidInput naming the field, DatesTaken naming every clash of every date.
    """
    ensure_may_plan(actor)
    ensure_draft_overrides_nothing(plan, is_draft)
    actor = hold_still(actor)
    plans = plans_of(plan, repeats)
    series = _new_series(plan, plans, repeats, submission, now)
    done = _made(plans, series, repeats, is_draft=is_draft, actor=actor, now=now)
    made = [one for one in done if not isinstance(one, RefusedDate)]
    refused = {index: one for index, one in enumerate(done) if isinstance(one, RefusedDate)}
    if refused and (on_conflict is OnConflict.REFUSE or not made):
        raise DatesTaken(list(refused.values()))
    _keep_skipped(series, plans, refused, actor)
    for event in made:
        ensure_may_plan(actor, whose(event), event.kind)
        note_planned(event, actor, now)
        note_planner([event], actor, now)
    if is_draft:
        index_events(made)
    else:
        tell_asked([request_reserved(made, actor, now)], now)
    _note(series, made, actor, now)
    return series


def take_skipped(
    series_id: str, skipped_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Plan a date that could not be had before, by the plan that was kept for it.

    Locks:   the series, then the date's resources.
    Refuses: SignInNeeded, NotFound, Stale, WrongState when it was taken already, InvalidInput, SlotTaken.
    """
    ensure_may_plan(actor)
    actor = hold_still(actor)
    series = claim_series(series_id)
    ensure_known(series, actor)
    ensure_met(expected, tag_of_series(series))
    skipped = get_skipped(series, skipped_id)
    if skipped.taken_by_id is not None:
        raise WrongState(say("This date has been taken already."))
    event, asked = make_event(plan_of(skipped.plan), is_draft=False, series_id=series.id, actor=actor, now=now)
    skipped.taken_by_id = event.id
    series.version += 1
    tell_asked([asked], now)
    changes: dict[str, audit.Change] = {"event": (None, str(event.public_id))}
    audit.record("take-skipped", "series", series.public_id, actor=actor.name, now=now, changes=changes)
    return event


def _new_series(plan: Plan, plans: Sequence[Plan], repeats: Repeats, submission: str | None, now: datetime) -> Series:
    with _named(_field_of(repeats, 0)):
        owner = owner_of(plans[0])
    series = Series(
        submission=submission,
        title=words.ensure_title(plan.title),
        rule=rule_as_said(repeats),
        owner=owner,
        created_at=now,
        version=1,
    )
    db.session.add(series)
    db.session.flush()
    return series


def _made(
    plans: Sequence[Plan], series: Series, repeats: Repeats, *, is_draft: bool, actor: Actor, now: datetime
) -> list[Event | RefusedDate]:
    """Every date as an event with what it needs, or why not.

    All are made before any takes anything: then it is known which resources the whole series must lock.
    """
    with lookup.asking_once():
        done = [_drafted(one, series, _field_of(repeats, index), now) for index, one in enumerate(plans)]
    drafts = [draft for draft in done if isinstance(draft, Event)]
    db.session.add_all(drafts)
    db.session.flush()
    if is_draft:
        return done
    needs.claim_all(drafts)
    had: dict[int, Event] = {}
    for index, draft in enumerate(done):
        if isinstance(draft, Event):
            done[index] = _reserved(draft, plans[index], had, actor, now)
    return done


def _drafted(plan: Plan, series: Series, field: str, now: datetime) -> Event | RefusedDate:
    def story() -> Event:
        event = unsaved_event(plan, now, series_id=series.id)
        ensure_is_ahead(event, now)
        return event

    with _named(field):
        return series_dates.judged(story, plan.when, plan.campus)


def _reserved(event: Event, plan: Plan, had: dict[int, Event], actor: Actor, now: datetime) -> Event | RefusedDate:
    """The draft with everything taken; one that cannot have it goes without a trace."""
    done = series_dates.attempt(partial(reserve, event, actor, now, override=plan.override), plan.when, plan.campus)
    if done is None:
        had[event.id] = event
        return event
    db.session.delete(event)
    db.session.flush()
    return series_dates.among_siblings(done, had)


@contextmanager
def _named(field: str) -> Iterator[None]:
    """What is wrong with one stop is refused by the stop's own field."""
    try:
        yield
    except InvalidInput as refusal:
        raise InvalidInput([(field + error["field"], error["reason"]) for error in refusal.facts["errors"]]) from None


def _field_of(repeats: Repeats, index: int) -> str:
    return f"rule.stops[{index}]." if isinstance(repeats, Campaign) else ""


def _keep_skipped(series: Series, plans: Sequence[Plan], refused: dict[int, RefusedDate], actor: Actor) -> None:
    reasons = series_dates.reasons_of(refused.values(), actor)
    for (index, _), why in zip(refused.items(), reasons, strict=True):
        kept = {"clashes": why["clashes"], "errors": why["errors"]}
        db.session.add(
            SkippedDate(
                series_id=series.id,
                position=index,
                starts_on=first_day(plans[index].when),
                plan=as_kept(replace(plans[index], override=None)),
                reasons=kept,
            )
        )
    db.session.flush()


def _note(series: Series, events: Sequence[Event], actor: Actor, now: datetime) -> None:
    changes: dict[str, audit.Change] = {
        "title": (None, series.title),
        "rule": (None, series.rule),
        "events": (None, [str(event.public_id) for event in events]),
        "skipped": (None, [str(skipped.starts_on) for skipped in series.skipped]),
    }
    audit.record("plan", "series", series.public_id, actor=actor.name, now=now, changes=changes)
