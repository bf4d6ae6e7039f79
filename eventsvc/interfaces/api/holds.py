"""Holds over JSON: set things aside for a few minutes, look, give them back."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.hold_schemas import HoldSchema, HoldWishSchema
from eventsvc.interfaces.offers import AlternativesSchema, offering
from eventsvc.interfaces.shown_holds import hold_facts
from eventsvc.workflows import hold_things
from eventsvc.workflows.hold_things import HoldWish
from eventsvc.workflows.offer_alternatives import offers_for

blueprint = Blueprint("holds", __name__, url_prefix="/api/v1/holds", description="What is set aside for some minutes")


@blueprint.post("")
@blueprint.arguments(HoldWishSchema)
@blueprint.arguments(AlternativesSchema, location="query")
@blueprint.response(201, HoldSchema)
def hold(wanted: HoldWish, query: dict[str, Any]) -> Response:
    """Hold rooms, people and things without an event, all or nothing; `hold` of a plan takes them over.

    A refusal carries offers, as that of a plan does.
    """
    actor, now, is_dry = requests.actor(), clock.now(), query["dry_run"]
    with offering(partial(offers_for, wanted.wish, now=now), most=query["alternatives"]), transaction(keep=not is_dry):
        facts = hold_facts(hold_things.hold_things(wanted, actor=actor, now=now), now)
    return tagged(created("holds", facts, is_dry=is_dry), facts["standing"])


@blueprint.get("/<hold_id>")
@blueprint.response(200, HoldSchema)
def one_hold(hold_id: str) -> Response:
    """What a hold holds, until when, and what became of it."""
    facts = hold_facts(hold_things.get_own_hold(hold_id, requests.actor()), clock.now())
    return tagged(jsonify(facts), facts["standing"])


@blueprint.delete("/<hold_id>")
@blueprint.response(200, HoldSchema)
def give_back(hold_id: str) -> Response:
    """Give back what a hold holds; doing it again, or after it has ended, changes nothing."""
    actor, now = requests.actor(), clock.now()
    with transaction():
        facts = hold_facts(hold_things.give_back(hold_id, expected=expected(), actor=actor, now=now), now)
    return tagged(jsonify(facts), facts["standing"])
