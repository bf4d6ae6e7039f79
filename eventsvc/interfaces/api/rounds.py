"""Rounds over JSON: open one, rehearse and grant it; and which employers a college admits."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.accounts import ensure_may_plan
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.request_schemas import EmployerSchema, NewRoundSchema
from eventsvc.interfaces.request_shown_schemas import EmployerApprovalSchema, GrantedRoundSchema, RoundSchema
from eventsvc.interfaces.schemas import DryRunSchema, ReasonSchema
from eventsvc.interfaces.shown_requests import approval_facts, outcome_facts, round_facts
from eventsvc.workflows import admit_employers, grant_rounds

blueprint = Blueprint("rounds", __name__, url_prefix="/api/v1/rounds", description="Requests granted together")
employers = Blueprint(
    "employers", __name__, url_prefix="/api/v1/organizations", description="Which employers a college admits"
)


@blueprint.get("")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(RoundSchema))
def rounds(query: dict[str, Any]) -> Response:
    """Every round, the newest first; for those who plan."""
    ensure_may_plan(requests.actor())
    found, last = lookup.rounds(after=paging.number_key(query["cursor"]), limit=query["limit"])
    return paging.listing([round_facts(one, clock.now()) for one in found], last)


@blueprint.post("")
@blueprint.arguments(NewRoundSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, RoundSchema)
def open_one(wish: dict[str, Any], query: dict[str, Any]) -> Response:
    """Take requests until the end of a day, and grant them together then."""
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        facts = round_facts(grant_rounds.open_round(**wish, actor=requests.actor(), now=now), now)
    return tagged(created("rounds", facts, is_dry=query["dry_run"]), tag_of(facts["version"]))


@blueprint.get("/<round_id>")
@blueprint.response(200, RoundSchema)
def one_round(round_id: str) -> Response:
    """One round; for those who plan."""
    ensure_may_plan(requests.actor())
    facts = round_facts(lookup.get_round(round_id), clock.now())
    return tagged(jsonify(facts), tag_of(facts["version"]))


@blueprint.get("/<round_id>/rehearsal")
@blueprint.response(200, GrantedRoundSchema)
def rehearsal(round_id: str) -> Response:
    """What granting the round would give now, in the order of turns.

    Nothing is written and nobody told.
    """
    actor, now = requests.actor(), clock.now()
    outcome = grant_rounds.rehearse(round_id, actor=actor, now=now)
    return jsonify(round=round_facts(lookup.get_round(round_id), now), outcome=outcome_facts(outcome))


@blueprint.post("/<round_id>/grant")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, GrantedRoundSchema)
def grant(query: dict[str, Any], round_id: str) -> Response:
    """Grant a round whose day is over.

    Fewest sessions per 1,000 students first, then the oldest request, then travel. Events are made of what can be had;
    the rest stays open.
    """
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        found, outcome = grant_rounds.grant_round(round_id, expected=expected(), actor=requests.actor(), now=now)
        answer = jsonify(round=round_facts(found, now), outcome=outcome_facts(outcome))
    return tagged(answer, tag_of(found.version))


@employers.get("/<slug>/approvals")
@employers.response(200, listed(EmployerApprovalSchema))
def approvals(slug: str) -> Response:
    """What a college has said of employers, those that wait first."""
    found = admit_employers.employers_of(slug, actor=requests.actor())
    return paging.listing([approval_facts(one) for one in found], None)


@employers.post("/<slug>/approvals")
@employers.arguments(EmployerSchema)
@employers.arguments(DryRunSchema, location="query")
@employers.response(200, EmployerApprovalSchema)
def ask(body: dict[str, Any], query: dict[str, Any], slug: str) -> Response:
    """Ask a college to admit an employer.

    Public employers need not ask. Doing it again changes nothing.
    """
    with transaction(keep=not query["dry_run"]):
        found = admit_employers.ask_to_be_admitted(slug, body["employer"], actor=requests.actor(), now=clock.now())
        facts = approval_facts(found)
    return tagged(jsonify(facts), tag_of(facts["version"]))


def _add_decision(verb: str, state: EmployerState, says: str) -> None:
    @employers.post(f"/<slug>/approvals/<employer>/{verb}", endpoint=verb)
    @employers.doc(summary=says)
    @employers.arguments(ReasonSchema, required=False)
    @employers.arguments(DryRunSchema, location="query")
    @employers.response(200, EmployerApprovalSchema)
    def decide(body: dict[str, Any], query: dict[str, Any], slug: str, employer: str) -> Response:
        decide_on = partial(admit_employers.decide_on_employer, slug, employer, state, reason=body["reason"])
        with transaction(keep=not query["dry_run"]):
            found = decide_on(expected=expected(), actor=requests.actor(), now=clock.now())
            facts = approval_facts(found)
        return tagged(jsonify(facts), tag_of(facts["version"]))


_add_decision("approve", EmployerState.APPROVED, "A college admits an employer.")
_add_decision("decline", EmployerState.DECLINED, "A college does not admit an employer, with a reason.")
