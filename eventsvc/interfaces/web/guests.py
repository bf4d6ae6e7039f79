"""What the pages of links in letters share. Whoever opens one has no session: the token in the address is the only key.

Mail scanners follow links, so only POST acts, and reading changes nothing, however often.
"""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template

from eventsvc.core import clock
from eventsvc.domain.events.answering import Closed, closed_to_answers
from eventsvc.domain.events.models import Event

EXPIRED = "expired"


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page that no cache keeps, since its address is a key; that no other site is told it every page sees to."""
    response = make_response(render_template(template, **shown), status)
    response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return response


def ending(event: Event, *, is_needed: bool) -> str:
    """Why there is nothing to answer any more, empty while there is: "not_needed", or a word of `Closed`."""
    closed = closed_to_answers(event, clock.now())
    if not is_needed and closed in (None, Closed.OVER):
        return "not_needed"
    return str(closed or "")
