"""Series over JSON: plan many events in one call, read them, take a skipped date, and act on all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ensure_may_plan, sight_of
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.models import Series
from eventsvc.domain.events.series import counts_of, events_of, get_seen, page_of_series, tag_of_series
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged, tagged_event
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.rehearsed_schemas import PlannedSeriesSchema, rehearsed_dates_facts
from eventsvc.interfaces.schemas import DryRunSchema, EventSchema, ReasonSchema
from eventsvc.interfaces.series_schemas import SeriesLineSchema, SeriesPlanSchema, SeriesQuerySchema, SeriesSchema
from eventsvc.interfaces.shown import event_facts
from eventsvc.interfaces.shown_series import line_facts, series_facts
from eventsvc.interfaces.told_words import told_facts
from eventsvc.workflows import preview_reminders
from eventsvc.workflows.change_series import advance_series, call_off_series
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.plan_series import plan_series, take_skipped
from eventsvc.workflows.series_plans import Repeats
from eventsvc.workflows.who_is_told import trying_plan, trying_series

blueprint = Blueprint("series", __name__, url_prefix="/api/v1/series", description="Events planned as one")


@blueprint.get("")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(SeriesLineSchema))
def all_series(query: dict[str, Any]) -> Response:
    """Series, the newest first; for those who plan."""
    ensure_may_plan(requests.actor())
    found, last = page_of_series(
        sight=sight_of(requests.actor()), after=paging.event_key(query["cursor"]), limit=query["limit"]
    )
    counts = counts_of(found)
    return paging.listing([line_facts(one, counts) for one in found], [iso(last[0]), last[1]] if last else None)


@blueprint.post("")
@blueprint.arguments(SeriesPlanSchema)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(201, PlannedSeriesSchema)
def plan(wish: tuple[Plan, Repeats, bool], query: dict[str, Any]) -> Response:
    """Plan a series: every date or nothing, or with `on_conflict=skip` those that can be had.

    A dry run keeps nothing; its answer says who would be told what (`tells`), and of each date who would be reminded,
    when and in whose zone (`would_remind`): the first reminders, and how many are not shown.
    """
    the_plan, repeats, is_draft = wish
    actor, now, on_conflict = requests.actor(), clock.now(), query["on_conflict"]
    story = partial(plan_series, the_plan, repeats, on_conflict=on_conflict, is_draft=is_draft, actor=actor, now=now)
    if query["dry_run"]:
        with trying_plan() as told:
            told.plans(tried := story())
            facts, tag = series_facts(tried, actor), tag_of_series(tried)
            found = preview_reminders.of_tried_dates(events_of(tried), actor=actor, now=now)
            facts["would_remind"] = rehearsed_dates_facts(found)
        facts["tells"] = told_facts(told)
    else:
        with transaction():
            made = story()
            facts, tag = series_facts(made, actor), tag_of_series(made)
    return tagged(created("series", facts, is_dry=query["dry_run"]), tag)


@blueprint.get("/<series_id>")
@blueprint.response(200, SeriesSchema)
def series(series_id: str) -> Response:
    """One series with its events and the dates that it lacks; for those who plan."""
    actor = requests.actor()
    found = get_seen(series_id, actor)
    return tagged(jsonify(series_facts(found, actor)), tag_of_series(found))


@blueprint.post("/<series_id>/skipped/<skipped_id>/take")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, EventSchema)
def take(query: dict[str, Any], series_id: str, skipped_id: str) -> Response:
    """Plan a date that could not be had before; `skipped_id` is its id, or its day such as 2027-02-10."""
    actor = requests.actor()
    story = partial(take_skipped, series_id, skipped_id, expected=expected(), actor=actor, now=clock.now())
    if query["dry_run"]:
        with trying_series(series_id) as told:
            told.plans(tried := story())
            facts = event_facts(tried, actor)
        facts["tells"] = told_facts(told)
    else:
        with transaction():
            facts = event_facts(story(), actor)
    return tagged_event(created("events", facts, is_dry=query["dry_run"]), facts)


_EACH = "Every event that lies ahead and whose state allows it; the others stay as they are."
_ADVANCING = {
    "request": "Request the drafts of a series.",
    "confirm": "Record the host's own yes for a series.",
    "publish": "Publish a series.",
}
_CALLING_OFF = {
    "cancel": "Cancel a series.",
    "decline": "Decline a requested series.",
    "withdraw": "Withdraw the drafts and requests of a series.",
    "postpone": "Postpone a series.",
}


def _add_advance(verb: str, says: str) -> None:
    @blueprint.post(f"/<series_id>/{verb}", endpoint=verb)
    @blueprint.doc(summary=says, description=_EACH)
    @blueprint.arguments(DryRunSchema, location="query")
    @blueprint.response(200, SeriesSchema)
    def advance(query: dict[str, Any], series_id: str) -> Response:
        return _run(series_id, partial(advance_series, series_id, verb), query["dry_run"])


def _add_call_off(verb: str, says: str) -> None:
    @blueprint.post(f"/<series_id>/{verb}", endpoint=verb)
    @blueprint.doc(summary=says, description=_EACH)
    @blueprint.arguments(ReasonSchema, required=False)
    @blueprint.arguments(DryRunSchema, location="query")
    @blueprint.response(200, SeriesSchema)
    def call_off(body: dict[str, Any], query: dict[str, Any], series_id: str) -> Response:
        return _run(series_id, partial(call_off_series, series_id, Move(verb), reason=body["reason"]), query["dry_run"])


for _verb, _says in _ADVANCING.items():
    _add_advance(_verb, _says)
for _verb, _says in _CALLING_OFF.items():
    _add_call_off(_verb, _says)


def _run(series_id: str, story: Callable[..., Series], is_dry: bool) -> Response:
    actor = requests.actor()

    def done() -> tuple[dict[str, Any], str]:
        series = story(expected=expected(), actor=actor, now=clock.now())
        return series_facts(series, actor), tag_of_series(series)

    if is_dry:
        with trying_series(series_id) as told:
            facts, tag = done()
        facts["tells"] = told_facts(told)
    else:
        with transaction():
            facts, tag = done()
    return tagged(jsonify(facts), tag)
