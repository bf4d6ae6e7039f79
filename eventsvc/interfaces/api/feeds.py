"""Feeds over JSON: how they are asked for. The feeds themselves stand beside the API, at /feeds."""

from __future__ import annotations

from typing import Any

from flask import Response

from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.feed_statistics import StatisticSchema, facts_of
from eventsvc.interfaces.paging import PageSchema, listed
from eventsvc.interfaces.services import services
from eventsvc.workflows import count_polls

blueprint = Blueprint("feed_statistics", __name__, url_prefix="/api/v1", description="Calendars to subscribe to")


@blueprint.get("/feeds/statistics")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, listed(StatisticSchema))
def statistics(query: dict[str, Any]) -> Response:
    """How public calendars are asked for, by family of programs; for those who plan.

    `last_at` and `version_served` say when somebody of the family asked last, and for what. The usual lag is the median
    over changes, of the time until the quickest program of the family had fetched each. No addresses are kept.
    """
    count_polls.add_counted(services().tally)
    limit, after = query["limit"], paging.pair_key(query["cursor"])
    found = count_polls.show_statistics(requests.actor(), after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [facts_of(one, services().links) for one in found[:limit]]
    return paging.listing(items, [last.key, last.family] if last else None)
