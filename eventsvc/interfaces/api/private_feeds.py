"""Private calendars over JSON: the addresses of an expert, a room or an office; make one, turn one, end one."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.interfaces import downloads, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.api.sent_again import ShownOnce
from eventsvc.interfaces.paging import listed, listing
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_private_feeds import (
    PrivateCalendarSchema,
    PrivateCalendarWishSchema,
    fetched_facts,
    private_feed_facts,
)
from eventsvc.workflows import keep_private_feeds as keep

blueprint = Blueprint("private calendars", __name__, url_prefix="/api/v1", description="Addresses that show one's work")
_THING = "/<any(experts,rooms,offices):kind>/<slug>/private-calendars"


@blueprint.get(_THING)
@blueprint.response(200, listed(PrivateCalendarSchema))
def of_thing(kind: str, slug: str) -> Response:
    """The addresses of an expert, a room or an office that have not ended, the oldest first."""
    actor = requests.actor()
    found = keep.feeds_of(kind, slug, actor=actor)
    return downloads.not_stored(listing([private_feed_facts(feed, actor) for feed in found], None))


@blueprint.post(_THING)
@blueprint.arguments(PrivateCalendarWishSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, PrivateCalendarSchema)
def make(wish: dict[str, Any], query: dict[str, Any], kind: str, slug: str) -> Response:
    """Make an address: whoever has it sees the calendar, without signing in.

    The same call with the same `Idempotency-Key` makes no other, and is answered without the address.
    """
    actor, is_dry = requests.actor(), query["dry_run"]
    with transaction(keep=not is_dry):
        feed = keep.make(kind, slug, **wish, links=services().links, actor=actor, now=clock.now())
        facts = private_feed_facts(feed, actor)
    return _shown_once(facts, is_dry=is_dry, is_new=True)


@blueprint.get("/private-calendars/<calendar_id>")
@blueprint.response(200, PrivateCalendarSchema)
def one_calendar(calendar_id: str) -> Response:
    """One address of a private calendar."""
    actor = requests.actor()
    feed = keep.get_feed(calendar_id, actor=actor)
    facts = {**private_feed_facts(feed, actor), "fetched": fetched_facts(feed, actor)}
    return tagged(downloads.not_stored(jsonify(facts)), tag_of(facts["version"]))


@blueprint.post("/private-calendars/<calendar_id>/turn")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, PrivateCalendarSchema)
def turn(query: dict[str, Any], calendar_id: str) -> Response:
    """Give it a new address, which is yours; the one before leads nowhere at once."""
    actor, is_dry = requests.actor(), query["dry_run"]
    with transaction(keep=not is_dry):
        feed = keep.turn(calendar_id, links=services().links, expected=expected(), actor=actor, now=clock.now())
        facts = private_feed_facts(feed, actor)
    return _shown_once(facts, is_dry=is_dry, is_new=False)


@blueprint.delete("/private-calendars/<calendar_id>")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(204)
def end(query: dict[str, Any], calendar_id: str) -> None:
    """Let an address lead nowhere for ever, at once."""
    with transaction(keep=not query["dry_run"]):
        keep.end(calendar_id, expected=expected(), actor=requests.actor(), now=clock.now())


def _shown_once(facts: dict[str, Any], *, is_dry: bool, is_new: bool) -> Response:
    """An answer that was kept for the same call would be one more place where the address lies."""

    def answer(address: str | None) -> Response:
        said = {**facts, "address": address}
        made = created("private-calendars", said, is_dry=is_dry) if is_new else jsonify(said)
        return tagged(made, tag_of(facts["version"]))

    return ShownOnce.of(answer(None if is_dry else facts["address"]), answer(None))
