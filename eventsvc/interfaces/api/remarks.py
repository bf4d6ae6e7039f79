"""Conversations about events and requests over JSON: what the offices concerned write to one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.conversations.models import Remark
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.remark_schemas import RemarkSchema, RemarkWordsSchema, remark_facts
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows import converse, converse_about_request

blueprint = Blueprint("remarks", __name__, url_prefix="/api/v1", description="What offices write to one another")


@blueprint.get("/events/<event_id>/remarks")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(RemarkSchema))
def conversation(query: dict[str, Any], event_id: str) -> Response:
    """The conversation about an event, the oldest remark first; for the offices concerned, on both sides."""
    return _page(partial(converse.read_about_event, event_id), query)


@blueprint.post("/events/<event_id>/remarks")
@blueprint.arguments(RemarkWordsSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, RemarkSchema)
def write(body: dict[str, str], query: dict[str, Any], event_id: str) -> Response:
    """Write to the other offices; they get a letter. The same words twice in a row are one remark."""
    return _written(partial(converse.write_about_event, event_id, body["words"]), f"events/{event_id}/remarks", query)


@blueprint.get("/events/<event_id>/remarks/<remark_id>")
@blueprint.response(200, RemarkSchema)
def one_remark(event_id: str, remark_id: str) -> Response:
    """One remark."""
    return jsonify(remark_facts(converse.get_about_event(event_id, remark_id, actor=requests.actor())))


@blueprint.get("/requests/<request_id>/remarks")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(RemarkSchema))
def conversation_about_request(query: dict[str, Any], request_id: str) -> Response:
    """The conversation about a request, the oldest remark first; for its two offices."""
    return _page(partial(converse_about_request.read_about_request, request_id), query)


@blueprint.post("/requests/<request_id>/remarks")
@blueprint.arguments(RemarkWordsSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, RemarkSchema)
def write_about_request(body: dict[str, str], query: dict[str, Any], request_id: str) -> Response:
    """Write to the other office; it gets a letter. The same words twice in a row are one remark."""
    story = partial(converse_about_request.write_about_request, request_id, body["words"])
    return _written(story, f"requests/{request_id}/remarks", query)


@blueprint.get("/requests/<request_id>/remarks/<remark_id>")
@blueprint.response(200, RemarkSchema)
def one_remark_about_request(request_id: str, remark_id: str) -> Response:
    """One remark."""
    found = converse_about_request.get_about_request(request_id, remark_id, actor=requests.actor())
    return jsonify(remark_facts(found))


def _page(read: Callable[..., tuple[Sequence[Remark], int | None]], query: dict[str, Any]) -> Response:
    after = paging.number_key(query["cursor"])
    found, following = read(after=after, limit=query["limit"], actor=requests.actor())
    return paging.listing([remark_facts(one) for one in found], following)


def _written(story: Callable[..., Remark], path: str, query: dict[str, Any]) -> Response:
    is_dry = query["dry_run"]
    with transaction(keep=not is_dry):
        facts = remark_facts(story(expected=expected(), actor=requests.actor(), now=clock.now()))
    return created(path, facts, is_dry=is_dry)
