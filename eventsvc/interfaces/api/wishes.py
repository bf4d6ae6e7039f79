"""Requests over JSON: ask, read, withdraw; the partner's board, who fits, and every answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.versions import tag_of
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.lookup import Filter
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.standing import Step
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.request_schemas import (
    AskedForSchema,
    BoardQuery,
    ChoiceSchema,
    MatchesQuery,
    OtherDateSchema,
    RequestQuery,
)
from eventsvc.interfaces.request_shown_schemas import BoardLineSchema, MatchesSchema, RequestSchema
from eventsvc.interfaces.schemas import DryRunSchema, ReasonSchema
from eventsvc.interfaces.shown_requests import line_facts, match_facts, request_facts, requests_facts
from eventsvc.workflows import answer_request, ask_partner, match_experts, request_board
from eventsvc.workflows.answer_request import Choice, OtherDate
from eventsvc.workflows.ask_partner import AskedFor

blueprint = Blueprint("requests", __name__, url_prefix="/api/v1/requests", description="Wishes before events")


@blueprint.get("")
@blueprint.arguments(RequestQuery, location="query")
@blueprint.response(200, listed(RequestSchema))
def requests_seen(query: dict[str, Any]) -> Response:
    """The requests of one's offices, as those who asked or who were asked, the oldest first."""
    wanted = Filter(
        sight=sight_of(requests.actor()),
        states=(query["state"],) if "state" in query else (),
        partner_ids=(directory.get(Office, query["partner_office"]).id,) if "partner_office" in query else None,
        asker_ids=(directory.get(Office, query["asker"]).id,) if "asker" in query else None,
        round_id=lookup.get_round(query["round"]).id if "round" in query else None,
    )
    found, last = lookup.page(wanted, after=paging.event_key(query["cursor"]), limit=query["limit"])
    return paging.listing(requests_facts(found, clock.now()), paging.event_cursor(last))


@blueprint.post("")
@blueprint.arguments(AskedForSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, RequestSchema)
def ask(asked: AskedFor, query: dict[str, Any]) -> Response:
    """Ask a partner for an event, with nobody named.

    Topics, audience, up to three windows, the one wished most first. Both offices are told.
    """
    now = clock.now()
    with transaction(keep=not query["dry_run"]):
        facts = request_facts(ask_partner.ask_partner(asked, actor=requests.actor(), now=now), now)
    return tagged(created("requests", facts, is_dry=query["dry_run"]), tag_of(facts["version"]))


@blueprint.get("/board")
@blueprint.arguments(BoardQuery, location="query")
@blueprint.response(200, listed(BoardLineSchema))
def board(query: dict[str, Any]) -> Response:
    """What waits for a partner's office, the oldest first: age, answer-by date, suggested people, travel."""
    now, after = clock.now(), paging.event_key(query["cursor"])
    lines, last = request_board.board_of(
        query["office"], actor=requests.actor(), after=after, limit=query["limit"], now=now
    )
    return paging.listing(line_facts(lines, now), paging.event_cursor(last))


@blueprint.get("/<request_id>")
@blueprint.response(200, RequestSchema)
def request(request_id: str) -> Response:
    """One request, for the two offices."""
    return _answer(request_facts(lookup.get_request(request_id, requests.actor()), clock.now()))


@blueprint.get("/<request_id>/matches")
@blueprint.arguments(MatchesQuery, location="query")
@blueprint.response(200, MatchesSchema)
def matches(query: dict[str, Any], request_id: str) -> Response:
    """Who of the partner's people fits, best first, with the reasons.

    For those who answer the request.
    """
    found, people = match_experts.matches_of(request_id, most=query["most"], actor=requests.actor(), now=clock.now())
    return jsonify(request=request_id, items=[match_facts(one, found.zone) for one in people])


@blueprint.post("/<request_id>/plan")
@blueprint.arguments(ChoiceSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, RequestSchema)
def plan(choice: Choice, query: dict[str, Any], request_id: str) -> Response:
    """Make an event of a request.

    At a time in one of its windows, with people of the partner: all is reserved or nothing.
    """
    return _run(lambda **who: answer_request.plan_request(request_id, choice, **who).request, query["dry_run"])


@blueprint.post("/<request_id>/offer")
@blueprint.arguments(OtherDateSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, RequestSchema)
def offer(other: OtherDate, query: dict[str, Any], request_id: str) -> Response:
    """Offer the college another date.

    It is taken by claiming it (POST /api/v1/offered-dates/{id}/claim).
    """
    return _run(partial(answer_request.offer_other, request_id, other), query["dry_run"])


_IN_WORDS: dict[str, tuple[Callable[..., Request], str]] = {
    "not-this-term": (
        lambda key, reason, **who: answer_request.answer_in_words(key, Step.NOT_THIS_TERM, reason, **who),
        "Answer “not this term”, with words if there are any.",
    ),
    "decline": (
        lambda key, reason, **who: answer_request.answer_in_words(key, Step.DECLINE, reason, **who),
        "Decline a request, and say why.",
    ),
    "refuse-offer": (
        lambda key, reason, **who: answer_request.refuse_offer(key, reason=reason, **who),
        "The other date does not suit the college: the request waits for the partner again.",
    ),
    "withdraw": (
        lambda key, reason, **who: ask_partner.withdraw_request(key, reason=reason, **who),
        "Withdraw a request: whoever asked takes it back.",
    ),
}


def _add_answer(verb: str, story: Callable[..., Request], says: str) -> None:
    @blueprint.post(f"/<request_id>/{verb}", endpoint=verb.replace("-", "_"))
    @blueprint.doc(summary=says)
    @blueprint.arguments(ReasonSchema, required=False)
    @blueprint.arguments(DryRunSchema, location="query")
    @blueprint.response(200, RequestSchema)
    def answer(body: dict[str, Any], query: dict[str, Any], request_id: str) -> Response:
        return _run(partial(story, request_id, body["reason"]), query["dry_run"])


for _verb, (_story, _says) in _IN_WORDS.items():
    _add_answer(_verb, _story, _says)


def _run(story: Callable[..., Request], is_dry: bool) -> Response:
    now = clock.now()
    with transaction(keep=not is_dry):
        facts = request_facts(story(expected=expected(), actor=requests.actor(), now=now), now)
    return _answer(facts)


def _answer(facts: dict[str, Any]) -> Response:
    return tagged(jsonify(facts), tag_of(facts["version"]))
