"""Calendars of other systems become events, over JSON: a file once, a subscription again and again. For planners."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import by_themselves, transaction
from eventsvc.domain.events.subscriptions import EventSubscription
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.importing.calendar_report import facts_of
from eventsvc.interfaces.paging import listed, listing
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.subscription_schemas import (
    ImportedFileSchema,
    ImportReportSchema,
    NewSubscriptionSchema,
    SubscriptionChangeSchema,
    SubscriptionSchema,
    subscription_facts,
    wish_of,
)
from eventsvc.workflows import keep_subscriptions as keep
from eventsvc.workflows.import_calendar import import_at_once, into_office, window

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1", description="Calendars of other systems")


@blueprint.post("/offices/<slug>/imports")
@blueprint.arguments(ImportedFileSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, ImportReportSchema)
def import_file(wish: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Make the entries of a calendar events of the office, or bring them up to date.

    Each entry is taken by itself, and the answer says what became of it; sent again, it changes nothing more. At most
    300 dates at once. With `dry_run` each is judged by itself, as things stand now, and nothing is kept.
    """
    actor, now = requests.actor(), clock.now()
    into = into_office(slug, campus=wish["campus"], kind=wish.get("kind"), is_published=wish["publish"], actor=actor)
    span = window(now, wish["first"], wish["last"])
    with by_themselves():
        report = import_at_once(
            wish["text"].encode(errors="replace"), into, span, actor=actor, now=now, keep=not query["dry_run"]
        )
    return jsonify(facts_of(report, is_dry=query["dry_run"]))


@blueprint.get("/offices/<slug>/subscriptions")
@blueprint.response(200, listed(SubscriptionSchema))
def subscriptions(slug: str) -> Response:
    """The calendars elsewhere whose entries are the office's events, those that fail first."""
    found = keep.subscriptions_seen(slug, actor=requests.actor())
    gone = keep.gone_of(found)
    return listing([subscription_facts(one, gone[one.id]) for one in found], None)


@blueprint.post("/offices/<slug>/subscriptions")
@blueprint.arguments(NewSubscriptionSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, SubscriptionSchema)
def subscribe(wish: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Keep the entries of a calendar elsewhere up as events of the office. It is looked at soon after, not now."""
    with transaction(keep=not query["dry_run"]):
        made = keep.subscribe(wish_of(slug, wish), fetcher=services().fetcher, actor=requests.actor(), now=clock.now())
        facts, tag = _facts(made), keep.tag_of_subscription(made)
    return tagged(created("subscriptions", facts, is_dry=query["dry_run"]), tag)


@blueprint.get("/subscriptions/<subscription_id>")
@blueprint.response(200, SubscriptionSchema)
def one_subscription(subscription_id: str) -> Response:
    """One subscription, what its last reading did, and what is gone from its calendar."""
    return _tagged(keep.subscription_seen(subscription_id, actor=requests.actor()))


@blueprint.patch("/subscriptions/<subscription_id>")
@blueprint.arguments(SubscriptionChangeSchema)
@blueprint.response(200, SubscriptionSchema)
def change(changes: dict[str, Any], subscription_id: str) -> Response:
    """Change what its entries become and how often it is looked at, pause it, or let it go on."""
    with transaction():
        found = keep.change_subscription(
            subscription_id, changes, expected=expected(), actor=requests.actor(), now=clock.now()
        )
        return _tagged(found)


@blueprint.delete("/subscriptions/<subscription_id>")
@blueprint.response(204)
def end(subscription_id: str) -> None:
    """Look at it no more; its events stay."""
    with transaction():
        keep.end_subscription(subscription_id, expected=expected(), actor=requests.actor(), now=clock.now())


@blueprint.post("/subscriptions/<subscription_id>/look")
@blueprint.response(200, SubscriptionSchema)
def look(subscription_id: str) -> Response:
    """Let the calendar be looked at within minutes, whenever its turn would be."""
    with transaction():
        return _tagged(keep.look_soon(subscription_id, actor=requests.actor(), now=clock.now()))


def _facts(found: EventSubscription) -> dict[str, Any]:
    return subscription_facts(found, keep.gone_of([found])[found.id])


def _tagged(found: EventSubscription) -> Response:
    return tagged(jsonify(_facts(found)), keep.tag_of_subscription(found))
