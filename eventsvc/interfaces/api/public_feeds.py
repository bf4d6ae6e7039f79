"""Public feeds over JSON: what there is to subscribe to, and an address for any combination. Anybody may."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.feeds import catalogue
from eventsvc.interfaces import paging
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.feed_schemas import CombinationSchema, FeedQuery, FeedSchema, feed_facts
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.services import services
from eventsvc.workflows.save_filter import save_filter

blueprint = Blueprint("public_feeds", __name__, url_prefix="/api/v1/feeds", description="What to subscribe to")


@blueprint.get("")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, listed(FeedSchema))
def feeds(query: dict[str, Any]) -> Response:
    """Public feeds: all events, then by campus, kind, topic and so on.

    Those of one event and those that were saved are not listed.
    """
    found, last = catalogue.page(
        of=query.get("of"),
        words=query["q"],
        after=paging.pair_key(query["cursor"]),
        limit=query["limit"],
    )
    return paging.listing([feed_facts(one) for one in found], last)


@blueprint.post("")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(CombinationSchema)
@blueprint.response(201, FeedSchema)
@blueprint.alt_response(200, schema=FeedSchema, description="It was known already")
def save(body: dict[str, Any]) -> Response:
    """A feed for a combination; the same combination always has the same address.

    It needs no token and lasts: nobody can change or end it. One word alone is a feed of its own, and answers 200.
    """
    with transaction():
        feed, is_new = save_filter(body, clock.now())
    response = jsonify(feed_facts(feed))
    if is_new:
        response.status_code = 201
        response.headers["Location"] = services().links.to(f"/api/v1/feeds/{feed.path}")
    return response


@blueprint.get("/<of>/<word>")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.response(200, FeedSchema)
def feed(of: str, word: str) -> Response:
    """One public feed: its name, what it selects by, and its address."""
    return jsonify(feed_facts(catalogue.one(of, word)))
