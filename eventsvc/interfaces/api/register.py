"""The engagement register over JSON, and what stands behind each number."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.registered import (
    BehindQuerySchema,
    BehindSchema,
    RegisterQuerySchema,
    RegisterSchema,
    behind_facts,
    line_facts,
    sums_facts,
    wish_of,
)
from eventsvc.workflows import engagement_register

blueprint = Blueprint(
    "register", __name__, url_prefix="/api/v1/register", description="What partners and colleges did together"
)


@blueprint.get("")
@blueprint.arguments(RegisterQuerySchema, location="query")
@blueprint.response(200, RegisterSchema)
def register(query: dict[str, Any]) -> Response:
    """Asked, answered, served, people reached and counts missing, for each partner and college.

    For those who read reports of that partner or college; to all others there is none.
    """
    found = engagement_register.read_register(wish_of(query, clock.now().date()), actor=requests.actor())
    return jsonify(items=[line_facts(line, found) for line in found.lines], next=None, total=sums_facts(found.total))


@blueprint.get("/behind")
@blueprint.arguments(BehindQuerySchema, location="query")
@blueprint.response(200, listed(BehindSchema))
def behind(query: dict[str, Any]) -> Response:
    """The askings or events behind one number of the register, by day."""
    wish = wish_of(query, clock.now().date())
    found = engagement_register.read_behind(wish, query["number"], actor=requests.actor())
    return paging.listing([behind_facts(row) for row in found], None)
