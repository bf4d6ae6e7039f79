"""The Monday letter of an office, as it would be written now: for who plans for it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain.outbox import letters
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import letter_frame, reminder_words
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.outbox_page import linked
from eventsvc.workflows.monday_letter import seen_by, switch_monday


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/offices/<slug>/monday", view_func=monday, methods=["GET", "POST"])
    blueprint.add_url_rule("/offices/<slug>/monday/html", view_func=monday_html)


@planner_only
def monday(slug: str) -> ResponseReturnValue:
    """When it is written next, and what it would say now; switch it off or on. Refuses NotFound and NotAllowed."""
    actor, now = requests.actor(), clock.now()
    if request.method == "POST":
        return _switched(slug, request.form.get("act", ""))
    found = seen_by(actor, slug, now)
    subject, text = letters.render_text(found.message, services().links) if found.message else ("", "")
    return render_template(
        "offices/monday.html",
        office=found.office,
        is_on=found.is_on,
        subject=subject,
        text=linked(text),
        language=letters.written_in(found.office.language),
        next_at=found.next_at,
        ways=reminder_words.ways_of(actor),
    )


def _switched(slug: str, act: str) -> ResponseReturnValue:
    if act not in ("on", "off"):
        raise InvalidInput({"act": say("is not one of what can be done here")})
    with transaction():
        switch_monday(slug, on=act == "on", actor=requests.actor(), now=clock.now())
    said = gettext("The office gets it again, on Mondays.") if act == "on" else gettext("The office gets it no more.")
    flash(said, "good")
    return redirect(url_for(".monday", slug=slug), SEE_OTHER)


@planner_only
def monday_html(slug: str) -> Response:
    """Its HTML as a document of its own; refuses NotFound where nothing would be written."""
    message = seen_by(requests.actor(), slug, clock.now()).message
    if message is None:
        raise NotFound(say("There is no such letter."))
    return letter_frame.document(letters.render(message, services().links, services().sender))
