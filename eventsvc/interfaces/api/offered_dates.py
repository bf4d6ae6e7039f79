"""Offered dates over JSON: publish, list, claim, take back."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.requests import lookup
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.request_schemas import ClaimSchema, OffersQuery, PublicationSchema
from eventsvc.interfaces.request_shown_schemas import OfferedSchema, RequestSchema
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.shown_requests import offer_facts, request_facts
from eventsvc.workflows import offer_dates
from eventsvc.workflows.offer_dates import Claim, Publication

blueprint = Blueprint(
    "offered dates", __name__, url_prefix="/api/v1/offered-dates", description="Dates that partners offer"
)


@blueprint.get("")
@blueprint.arguments(OffersQuery, location="query")
@blueprint.response(200, listed(OfferedSchema))
def offered_dates(query: dict[str, Any]) -> Response:
    """Dates that can be claimed, by their start.

    For those who plan; with `all` those too that are over.
    """
    now, after = clock.now(), paging.event_key(query["cursor"])
    found, last = lookup.page_of_offers(
        requests.actor(), now=now, open_only=not query["all"], after=after, limit=query["limit"]
    )
    return paging.listing([offer_facts(one, now) for one in found], paging.event_cursor(last))


@blueprint.post("")
@blueprint.arguments(PublicationSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, OfferedSchema)
def publish(said: Publication, query: dict[str, Any]) -> Response:
    """Offer a date to every college that admits the partner.

    Nothing is reserved before somebody claims it.
    """
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        facts = offer_facts(offer_dates.publish_date(said, actor=requests.actor(), now=now), now)
    return tagged(created("offered-dates", facts, is_dry=query["dry_run"]), tag_of(facts["version"]))


@blueprint.get("/<offer_id>")
@blueprint.response(200, OfferedSchema)
def offered(offer_id: str) -> Response:
    """One offered date."""
    facts = offer_facts(lookup.get_offer(offer_id, requests.actor()), clock.now())
    return tagged(jsonify(facts), tag_of(facts["version"]))


@blueprint.post("/<offer_id>/claim")
@blueprint.arguments(ClaimSchema, required=False)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, RequestSchema)
def claim(wish: Claim, query: dict[str, Any], offer_id: str) -> Response:
    """Take an offered date for one's college: it becomes an event.

    Of all who claim it one gets it; the others are told why (`standing`) and what else can be claimed (`free`).
    """
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        made = offer_dates.claim_date(offer_id, wish, expected=expected(), actor=requests.actor(), now=now)
        facts = request_facts(made.request, now)
    return tagged(jsonify(facts), tag_of(facts["version"]))


@blueprint.post("/<offer_id>/take-back")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, OfferedSchema)
def take_back(query: dict[str, Any], offer_id: str) -> Response:
    """Offer a date no more."""
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        offer = offer_dates.take_back_date(offer_id, expected=expected(), actor=requests.actor(), now=now)
        facts = offer_facts(offer, now)
    return tagged(jsonify(facts), tag_of(facts["version"]))
