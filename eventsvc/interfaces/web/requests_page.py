"""What waits for a yes: each event, whose yes is missing, and since when."""

from __future__ import annotations

from flask import Blueprint, render_template

from eventsvc.core import clock
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.invitations.waiting import open_requests
from eventsvc.interfaces import requests
from eventsvc.interfaces.web.away_now import away_now
from eventsvc.interfaces.web.frame import planner_only

MOST = 100


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/requests", view_func=waiting)


@planner_only
def waiting() -> str:
    """The events that wait, the oldest first."""
    found = open_requests(clock.now(), sight=sight_of(requests.actor()), limit=MOST + 1)
    is_more = len(found) > MOST
    return render_template("requests.html", waiting=found[:MOST], most=MOST, is_more=is_more, away=away_now())
