"""Reminders over JSON: by which rules, when it is quiet, who is reminded of an event, and what was missed."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, say
from eventsvc.core.versions import tag_of
from eventsvc.domain.reminders.models import Audience, QuietHours, ReminderState
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.rehearsed_schemas import KeptRulesSchema, rehearsed_facts
from eventsvc.interfaces.reminder_schemas import (
    AllRulesSchema,
    QuietHoursSchema,
    QuietToSaySchema,
    ReminderSchema,
    RemindersOfEventSchema,
    RemindersQuerySchema,
    RulesOfSchema,
    RulesToSaySchema,
    SaidQuietHoursSchema,
    SaidRulesSchema,
    StandingRulesSchema,
    WhoseQuietSchema,
    minute_of,
    preview_facts,
    quiet_facts,
    reminder_facts,
    said_rules,
    standing_facts,
    whose,
)
from eventsvc.workflows import keep_reminders, preview_reminders
from eventsvc.workflows.preview_reminders import WantedReminders

blueprint = Blueprint(
    "reminders", __name__, url_prefix="/api/v1", description="Who is reminded, when, and by which rules"
)


@blueprint.get("/reminders")
@blueprint.arguments(RemindersQuerySchema, location="query")
@blueprint.response(200, listed(ReminderSchema))
def all_reminders(query: dict[str, Any]) -> Response:
    """Reminders of events that concern you, the latest first: those missed, or of another state."""
    wanted = WantedReminders(state=ReminderState(query["state"]), event=query["event"])
    found, following = preview_reminders.list_reminders(
        wanted, after=paging.event_key(query["cursor"]), limit=query["limit"], actor=requests.actor()
    )
    return paging.listing(reminder_facts(found), paging.event_cursor(following))


@blueprint.get("/events/<event_id>/reminders")
@blueprint.response(200, RemindersOfEventSchema)
def preview(event_id: str) -> Response:
    """Who is reminded of an event, when, in whose zone, and why not."""
    return jsonify(preview_facts(preview_reminders.preview(event_id, actor=requests.actor(), now=clock.now())))


@blueprint.get("/reminders/rules")
@blueprint.arguments(RulesOfSchema, location="query")
@blueprint.response(200, AllRulesSchema)
def rules(query: dict[str, Any]) -> Response:
    """By which rules people are reminded, for every audience.

    Of an event, of an organization's readers, of a kind of events, or of everybody; for those who may change them.
    """
    found = keep_reminders.rules_of(whose(query), actor=requests.actor())
    return jsonify(items=[standing_facts(one) for one in found])


@blueprint.get("/reminders/rules/<audience>")
@blueprint.arguments(RulesOfSchema, location="query")
@blueprint.response(200, StandingRulesSchema)
def rules_for(query: dict[str, Any], audience: str) -> Response:
    """The rules for one audience: expert, host, partner or student, with their ETag."""
    found = keep_reminders.rules_of(whose(query), actor=requests.actor())
    wanted = _audience(audience)
    return _shown(next(one for one in found if one.audience is wanted))


@blueprint.put("/reminders/rules/<audience>")
@blueprint.arguments(RulesToSaySchema, location="query")
@blueprint.arguments(SaidRulesSchema)
@blueprint.response(200, KeptRulesSchema)
def keep_rules(query: dict[str, Any], body: dict[str, Any], audience: str) -> Response:
    """Say the rules of a scope for an audience in place of the more general ones.

    An empty list reminds nobody; null goes back to the more general ones. Reminders that are planned follow. A rule
    that is due as before stays the same, so nobody is reminded twice. `If-None-Match: *` where there were none. With
    `dry_run` nothing is saved, and `would_remind` says who would be reminded of which events, when and in whose zone.
    """
    actor, now, about = requests.actor(), clock.now(), whose(query)
    with transaction(keep=not query["dry_run"]):
        done = keep_reminders.keep_rules(
            about, _audience(audience), said_rules(body), expected=expected(), actor=actor, now=now
        )
        facts = standing_facts(done)
        if query["dry_run"]:
            found = preview_reminders.would_remind(about, done.audience, about=query["show"], actor=actor, now=now)
            facts["would_remind"] = rehearsed_facts(found)
        return tagged(jsonify(facts), tag_of(done.version))


@blueprint.get("/reminders/quiet-hours")
@blueprint.arguments(WhoseQuietSchema, location="query")
@blueprint.response(200, QuietHoursSchema)
def quiet_hours(query: dict[str, str]) -> Response:
    """When nobody is reminded, on the reader's clock: an office and its people, or everybody."""
    return _quiet(keep_reminders.quiet_of(query["office"], actor=requests.actor()), query["office"])


@blueprint.put("/reminders/quiet-hours")
@blueprint.arguments(QuietToSaySchema, location="query")
@blueprint.arguments(SaidQuietHoursSchema)
@blueprint.response(200, QuietHoursSchema)
def keep_quiet_hours(query: dict[str, Any], body: dict[str, str]) -> Response:
    """Change them; reminders that are planned follow. `If-None-Match: *` where an office had none of its own."""
    start, until = minute_of(body["start"]), minute_of(body["until"])
    with transaction(keep=not query["dry_run"]):
        own = keep_reminders.keep_quiet(
            query["office"], start, until, expected=expected(), actor=requests.actor(), now=clock.now()
        )
        return _quiet(own, query["office"])


def _audience(word: str) -> Audience:
    if word not in list(Audience):
        raise NotFound(say("There is no such audience."))
    return Audience(word)


def _shown(standing: keep_reminders.Standing) -> Response:
    return tagged(jsonify(standing_facts(standing)), tag_of(standing.version))


def _quiet(quiet: QuietHours, office: str) -> Response:
    return tagged(jsonify(quiet_facts(quiet, office)), tag_of(quiet.version))
