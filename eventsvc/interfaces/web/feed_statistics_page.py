"""How calendars are fetched: by which programs, how often, and how soon each sees a change. For those who plan."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.feed_statistics import FAMILIES, LAGS, path_of
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web.frame import planner_only
from eventsvc.workflows import count_polls

AT_ONCE = 100


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/calendars/statistics", view_func=feed_statistics)


@planner_only
def feed_statistics() -> str:
    """Counts by feed and family of programs, a page at a time."""
    count_polls.add_counted(services().tally)
    after = paging.pair_key(request.args.get("cursor"))
    found = count_polls.show_statistics(requests.actor(), after=after, limit=AT_ONCE + 1)
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    links = services().links
    return render_template(
        "calendars/statistics.html",
        found=[(one, links.feed(path_of(one.key))) for one in found[:AT_ONCE]],
        families=FAMILIES,
        lags=LAGS,
        cursor=paging.encode([last.key, last.family]) if last else None,
    )
