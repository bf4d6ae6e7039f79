"""Events over JSON: plan, read, edit, and every move of their life."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ensure_may_plan, sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Expert, Organization, Room, Topic
from eventsvc.domain.events import lookup
from eventsvc.domain.events.found_under import ensure_languages
from eventsvc.domain.events.lifecycle import CALLED_OFF_EARLY, Move
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.search.folding import LONGEST_QUESTION
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged_event
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.fields import Instant, Slug
from eventsvc.interfaces.hold_schemas import HoldingPlanSchema
from eventsvc.interfaces.offers import AlternativesSchema, offering
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.rehearsed_schemas import PlannedEventSchema, would_remind_facts
from eventsvc.interfaces.schemas import (
    DryRunSchema,
    EventSchema,
    OverridableSchema,
)
from eventsvc.interfaces.series_schemas import Scope, ScopedMoveSchema, ScopedReasonSchema, ScopedWordsSchema
from eventsvc.interfaces.shown import event_facts, get_visible_event, list_facts
from eventsvc.interfaces.told_words import told_facts
from eventsvc.workflows import (
    call_off_event,
    change_series,
    confirm_event,
    edit_event,
    move_event,
    plan_event,
    preview_reminders,
    publish_event,
)
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.offer_alternatives import offers_for_move, offers_for_plan
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.who_is_told import trying, trying_plan

blueprint = Blueprint("events", __name__, url_prefix="/api/v1/events", description="What is planned")


class EventQuery(PageSchema):
    """Which events; `from` and `to` are instants such as 2027-02-10T00:00:00Z; by default from now on."""

    campus = Slug()
    organization = Slug()
    kind = fields.Enum(EventKind, by_value=True)
    topic = Slug()
    audience = Slug(metadata={"description": "A group's slug: its words in lower case, joined by hyphens"})
    language = fields.String(
        validate=validate.Length(max=10),
        metadata={"description": "In which it is held, a BCP 47 tag; es finds es-MX, and en what nobody said"},
    )
    expert = Slug()
    room = Slug(metadata={"description": "Events that take the room; what is off has given it back"})
    q = fields.String(
        validate=validate.Length(max=LONGEST_QUESTION), metadata={"description": "Words, as in the search"}
    )
    status = fields.Enum(Status, by_value=True)
    ends_after = Instant(data_key="from")
    starts_before = Instant(data_key="to")


@blueprint.get("")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(EventQuery, location="query")
@blueprint.response(200, listed(EventSchema))
def events(query: dict[str, Any]) -> Response:
    """Events by start, from now on unless `from` says otherwise.

    Asking by a person, or for what was declined or withdrawn, is for those who plan.
    """
    actor = requests.actor()
    if "expert" in query or query.get("status") in CALLED_OFF_EARLY:
        ensure_may_plan(actor)
    wanted = Filter(
        sight=sight_of(actor),
        ends_after=query.get("ends_after") or clock.now(),
        starts_before=query.get("starts_before"),
        campus_ids=(directory.get(Campus, query["campus"]).id,) if "campus" in query else (),
        organization_id=directory.get(Organization, query["organization"]).id if "organization" in query else None,
        kinds=(query["kind"],) if "kind" in query else (),
        topic_ids=(directory.get(Topic, query["topic"]).id,) if "topic" in query else (),
        audiences=(query["audience"],) if "audience" in query else (),
        languages=ensure_languages([query["language"]], field="language", numbered=False)
        if "language" in query
        else (),
        expert_id=directory.get(Expert, query["expert"]).id if "expert" in query else None,
        status=query.get("status"),
        room_id=directory.get(Room, query["room"]).id if "room" in query else None,
        words=query.get("q", ""),
    )
    found, last = lookup.page(wanted, after=paging.event_key(query["cursor"]), limit=query["limit"])
    after = [iso(last[0]), last[1]] if last else None
    return paging.listing(list_facts(found, actor), after)


@blueprint.post("")
@blueprint.arguments(HoldingPlanSchema)
@blueprint.arguments(AlternativesSchema, location="query")
@blueprint.response(201, PlannedEventSchema)
def plan(wish: tuple[Plan, bool, str | None], query: dict[str, Any]) -> Response:
    """Plan an event: reserve every room and expert and ask the people, or refuse with every clash.

    `hold` names a hold whose things are given back for it; a refusal leaves the hold standing. A refusal carries up to
    five `offers`; the `hold` of one is the body that sets it aside (POST /api/v1/holds). A dry run keeps nothing; its
    answer says who would be told what (`tells`), and who would be reminded, when and in whose zone (`would_remind`).
    """
    the_plan, is_draft, hold = wish
    actor, now = requests.actor(), clock.now()
    instead = offering(partial(offers_for_plan, the_plan, now=now), most=query["alternatives"])
    story = partial(plan_event.plan_event, the_plan, is_draft=is_draft, hold=hold, actor=actor, now=now)
    if query["dry_run"]:
        with instead, trying_plan() as told:
            told.plans(tried := story())
            facts = event_facts(tried, actor)
            facts["would_remind"] = would_remind_facts(preview_reminders.of_tried(tried, actor=actor, now=now))
        facts["tells"] = told_facts(told)
    else:
        with instead, transaction():
            facts = event_facts(story(), actor)
    return tagged_event(created("events", facts, is_dry=query["dry_run"]), facts)


@blueprint.get("/<event_id>")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.response(200, EventSchema)
def event(event_id: str) -> Response:
    """One event."""
    actor = requests.actor()
    return _answer(event_facts(get_visible_event(event_id, actor), actor))


@blueprint.patch("/<event_id>")
@blueprint.arguments(ScopedWordsSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def edit(words: dict[str, Any], query: dict[str, Any], event_id: str) -> Response:
    """Change words; the event's ETag in `If-Match` refuses to overwrite somebody else's change.

    `scope: "following"` changes those of its series too that come after it.
    """
    is_alone = words.pop("scope") is Scope.THIS
    change = edit_event.edit_event if is_alone else change_series.edit_following
    return _run(event_id, partial(change, event_id, words), query["dry_run"])


@blueprint.post("/<event_id>/move")
@blueprint.arguments(ScopedMoveSchema)
@blueprint.arguments(AlternativesSchema, location="query")
@blueprint.response(200, EventSchema)
def move(wish: tuple[Destination, Scope], query: dict[str, Any], event_id: str) -> Response:
    """Another time, campus, rooms or people; checked like a new booking. A refusal carries offers.

    `scope: "following"` moves those of its series too that come after it, each by as many days and hours.
    """
    destination, scope = wish
    if scope is Scope.FOLLOWING:
        return _run(event_id, partial(change_series.move_following, event_id, destination), query["dry_run"])
    with offering(partial(offers_for_move, event_id, destination, now=clock.now()), most=query["alternatives"]):
        return _run(event_id, partial(move_event.move_event, event_id, destination), query["dry_run"])


@blueprint.post("/<event_id>/publish")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def publish(query: dict[str, Any], event_id: str) -> Response:
    """Publish an event."""
    return _run(event_id, partial(publish_event.publish_event, event_id), query["dry_run"])


_ADVANCING: dict[str, tuple[Callable[..., Event], str]] = {
    "request": (plan_event.request_event, "Request a draft: reserve what it needs and ask the people, or refuse."),
    "confirm": (confirm_event.confirm_as_host, "Record the host's own yes."),
    "restore": (call_off_event.restore_event, "Restore a cancelled event: reserve again what it needs, or refuse."),
}
_CALLING_OFF: dict[str, tuple[Callable[..., Event], str]] = {
    "cancel": (call_off_event.cancel_event, "Cancel an event that was confirmed or published."),
    "decline": (call_off_event.decline_event, "Decline a requested event: the host says no."),
    "withdraw": (call_off_event.withdraw_event, "Withdraw a draft or a request: whoever asked takes it back."),
    "postpone": (call_off_event.postpone_event, "Postpone an event: it is off until it moves to another time."),
}


def _add_advance(verb: str, story: Callable[..., Event], says: str) -> None:
    @blueprint.post(f"/<event_id>/{verb}", endpoint=verb)
    @blueprint.doc(summary=says)
    @blueprint.arguments(OverridableSchema, required=False)
    @blueprint.arguments(DryRunSchema, location="query")
    @blueprint.response(200, EventSchema)
    def advance(body: dict[str, Any], query: dict[str, Any], event_id: str) -> Response:
        return _run(event_id, partial(story, event_id, **body), query["dry_run"])


def _add_call_off(verb: str, alone: Callable[..., Event], says: str) -> None:
    @blueprint.post(f"/<event_id>/{verb}", endpoint=verb)
    @blueprint.doc(summary=says, description="With a reason if there is one to give; alone, or with those after it.")
    @blueprint.arguments(ScopedReasonSchema, required=False)
    @blueprint.arguments(DryRunSchema, location="query")
    @blueprint.response(200, EventSchema)
    def call_off(body: dict[str, Any], query: dict[str, Any], event_id: str) -> Response:
        story = alone
        if body["scope"] is Scope.FOLLOWING:
            story = partial(change_series.call_off_following, move=Move(verb))
        return _run(event_id, partial(story, event_id, reason=body["reason"]), query["dry_run"])


for _verb, (_story, _says) in _ADVANCING.items():
    _add_advance(_verb, _story, _says)
for _verb, (_story, _says) in _CALLING_OFF.items():
    _add_call_off(_verb, _story, _says)


def _run(event_id: str, story: Callable[..., Event], is_dry: bool) -> Response:
    actor = requests.actor()
    if is_dry:
        with trying(event_id) as told:
            facts = event_facts(story(expected=expected(), actor=actor, now=clock.now()), actor)
        return _answer({**facts, "tells": told_facts(told)})
    with transaction():
        facts = event_facts(story(expected=expected(), actor=actor, now=clock.now()), actor)
    return _answer(facts)


def _answer(facts: dict[str, Any]) -> Response:
    return tagged_event(jsonify(facts), facts)
