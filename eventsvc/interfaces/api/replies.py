"""What invited people said, for offices: answers written down on behalf, proposed times taken or declined."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ensure_may_plan
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import proposals
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.answered import ProposalSchema, proposal_facts
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged_event
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.reply_schemas import OnBehalfSchema
from eventsvc.interfaces.schemas import DryRunSchema, EventSchema, ReasonSchema
from eventsvc.interfaces.shown import event_facts, get_changeable_event
from eventsvc.workflows import answer_proposals
from eventsvc.workflows.answer_on_behalf import answer_on_behalf

blueprint = Blueprint("replies", __name__, url_prefix="/api/v1/events", description="What invited people said")


@blueprint.post("/<event_id>/experts/<slug>/answer")
@blueprint.arguments(OnBehalfSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def on_behalf(body: dict[str, Any], query: dict[str, Any], event_id: str, slug: str) -> Response:
    """Record what an expert has told you; it is shown as written down by your office, and the expert gets a letter."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        invitation = answer_on_behalf(
            event_id,
            slug,
            body["answer"],
            reason=body["reason"],
            expected=expected(),
            actor=actor,
            now=clock.now(),
        )
        facts = event_facts(invitation.event, actor)
    return tagged_event(jsonify(facts), facts)


@blueprint.get("/<event_id>/proposals")
@blueprint.response(200, listed(ProposalSchema))
def open_proposals(event_id: str) -> Response:
    """Times that people proposed and that you may take, for the office in charge."""
    actor = requests.actor()
    ensure_may_plan(actor)
    found = proposals.open_of_event(get_changeable_event(event_id, actor).id, clock.now())
    return paging.listing([proposal_facts(one) for one in found], None)


@blueprint.post("/<event_id>/proposals/<proposal_id>/take")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def take(query: dict[str, Any], event_id: str, proposal_id: str) -> Response:
    """Move the event to a proposed time; whoever proposed it has said yes to it, all others are asked again."""
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        event = answer_proposals.take_proposal(event_id, proposal_id, expected=expected(), actor=actor, now=clock.now())
        return _shown(event)


@blueprint.post("/<event_id>/proposals/<proposal_id>/decline")
@blueprint.arguments(ReasonSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def decline(body: dict[str, Any], query: dict[str, Any], event_id: str, proposal_id: str) -> Response:
    """Say no to all that the person proposed, in words; they are asked for the present time as before."""
    with transaction(keep=not query["dry_run"]):
        event = answer_proposals.decline_proposal(
            event_id, proposal_id, body["reason"], expected=expected(), actor=requests.actor(), now=clock.now()
        )
        return _shown(event)


def _shown(event: Event) -> Response:
    facts = event_facts(event, requests.actor())
    return tagged_event(jsonify(facts), facts)
