"""One round for a college: until when it takes requests, what one's offices asked in it, and what became of that."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from eventsvc.core import clock
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.lookup import Filter
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.web import wish_choices
from eventsvc.interfaces.web.ask_page import PAGE_OF_REQUESTS, line_of
from eventsvc.interfaces.web.frame import planner_only


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/rounds/<round_id>/ours", view_func=our_round)


@planner_only
def our_round(round_id: str) -> str:
    """A round and one's own requests in it, the oldest first; what others ask is theirs."""
    actor, now, cursor = requests.actor(), clock.now(), request.args.get("cursor")
    found = lookup.get_round(round_id)
    own = tuple(office.id for office in wish_choices.own_offices(actor))
    wanted = Filter(sight=sight_of(actor), asker_ids=own, round_id=found.id)
    wishes, last = lookup.page(wanted, after=paging.event_key(cursor), limit=PAGE_OF_REQUESTS)
    following = paging.encode(paging.event_cursor(last)) if last else None
    return render_template(
        "wishes/round.html",
        round=found,
        stands=str(found.standing(now)),
        lines=[line_of(one, now) for one in wishes],
        following=url_for("pages.our_round", round_id=round_id, cursor=following) if following else None,
    )
