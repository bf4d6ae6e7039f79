"""The audit log over JSON and as a file, for those who run the service."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.domain.accounts import ensure_may_run
from eventsvc.domain.audit import chain, reading
from eventsvc.domain.audit.reading import Wanted
from eventsvc.interfaces import audited, paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.audited import ActSchema, NotedSchema, VerifiedSchema, WantedSchema
from eventsvc.interfaces.paging import PageSchema, listed

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1/audit", description="Who did what")


class PageOfActsSchema(PageSchema, WantedSchema):
    """Which acts, and how many of them at once."""


@blueprint.get("")
@blueprint.arguments(PageOfActsSchema, location="query")
@blueprint.response(200, listed(ActSchema))
def acts(query: dict[str, Any]) -> Response:
    """Acts, newest first; personal values are left out, their digests are in `changes`."""
    ensure_may_run(requests.actor())
    limit, before = query.pop("limit"), paging.number_key(query.pop("cursor"))
    found, before = reading.newest(Wanted(**query), limit, before=before)
    return paging.listing([audited.facts_of(one) for one in found], before)


@blueprint.get("/csv")
@blueprint.arguments(WantedSchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type="text/csv")
def acts_as_csv(query: dict[str, Any]) -> Response:
    """The same as CSV, oldest first, as long as there are any."""
    ensure_may_run(requests.actor())
    return audited.as_csv(Wanted(**query))


@blueprint.get("/verification")
@blueprint.arguments(NotedSchema, location="query")
@blueprint.response(200, VerifiedSchema)
def verification(query: dict[str, Any]) -> Response:
    """Hold every act against its seal; takes time in proportion to the log."""
    ensure_may_run(requests.actor())
    return jsonify(VerifiedSchema().dump(chain.verify(query["noted"])))
