"""The Monday letter of an office, as it would be written now: for who plans for it."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from eventsvc.core import clock
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.outbox import letters
from eventsvc.domain.reminders import mondays
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import letter_frame
from eventsvc.interfaces.web.frame import planner_only
from eventsvc.interfaces.web.outbox_page import linked
from eventsvc.workflows.monday_letter import seen_by


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/offices/<slug>/monday", view_func=monday)
    blueprint.add_url_rule("/offices/<slug>/monday/html", view_func=monday_html)


@planner_only
def monday(slug: str) -> str:
    """When it is written next, and what it would say now; refuses NotFound and NotAllowed."""
    now = clock.now()
    office, message = seen_by(requests.actor(), slug, now)
    subject, text = letters.render_text(message, services().links) if message else ("", "")
    return render_template(
        "offices/monday.html",
        office=office,
        subject=subject,
        text=linked(text),
        language=letters.written_in(office.language),
        next_at=mondays.next_after(now, office.zone),
    )


@planner_only
def monday_html(slug: str) -> Response:
    """Its HTML as a document of its own; refuses NotFound where nothing would be written."""
    _, message = seen_by(requests.actor(), slug, clock.now())
    if message is None:
        raise NotFound(say("There is no such letter."))
    return letter_frame.document(letters.render(message, services().links, services().sender))
