"""After a late change of an event: who has been reached, with telephone numbers, and a sign for the door."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, Refusal, say
from eventsvc.domain.events import late_changes, permits, urgency
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.events.urgency import Aspect, Known
from eventsvc.interfaces import requests
from eventsvc.interfaces.languages import LOCALES
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept, words
from eventsvc.interfaces.web.calendars_page import qr_code
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, somebody_only
from eventsvc.workflows.show_reached import Standing, note_reached, who_is_reached

STANDINGS = {
    Standing.CALLED: lazy_gettext("told by word of mouth"),
    Standing.ANSWERED: lazy_gettext("has answered since"),
    Standing.SENT: lazy_gettext("the message was delivered to their mail server"),
    Standing.NO_ANSWER: lazy_gettext("the message was delivered; no answer yet"),
    Standing.WAITS: lazy_gettext("the message has not left yet"),
    Standing.FAILED: lazy_gettext("the message could not be delivered"),
    Standing.NO_LETTER: lazy_gettext("no message says it"),
    Standing.NO_ADDRESS: lazy_gettext("no mail address"),
}
ROLES = {
    "host": lazy_gettext("hosts it"),
    "co_host": lazy_gettext("hosts it too"),
    "campus": lazy_gettext("keeps the campus"),
    "room": lazy_gettext("keeps a room"),
    "partner": lazy_gettext("sends people"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add both pages."""
    blueprint.add_url_rule("/events/<event_id>/reached", view_func=reached, methods=["GET", "POST"])
    blueprint.add_url_rule("/events/<event_id>/sign", view_func=door_sign)


@kept.shows_again
@somebody_only
def reached(event_id: str) -> ResponseReturnValue:
    """Everybody whom the newest late change concerns; a button notes that one of them (`who`) was told."""
    form, status = Form(kept.sent()), 200
    if form.value("who") and not kept.is_again():
        try:
            with transaction():
                note_reached(event_id, form.value("who"), actor=requests.actor(), now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash(gettext("Written down."), "good")
            return redirect(url_for("pages.reached", event_id=event_id), SEE_OTHER)
    event = _event(event_id)
    page = render_template(
        "events/reached.html",
        event=event,
        form=form,
        found=who_is_reached(event, clock.now()),
        may_change=permits.may_change(requests.actor(), event),
        standings=STANDINGS,
        roles=ROLES,
    )
    return page, status


@somebody_only
def door_sign(event_id: str) -> str:
    """To be printed and hung where people would come to in vain: what was to be there, and what is so now."""
    event = _event(event_id)
    changes = late_changes.of_event(event.id)
    if not changes:
        raise NotFound(say("No late change of this event needs a sign at a door."))
    signs = []
    for language, locale in LOCALES.items():
        with force_locale(locale):
            signs.append(Sign.of(language, changes[0].was, event))
    address = services().links.event_page(str(event.public_id)) if event.published_at and event.visibility == Visibility.PUBLIC else ""
    return render_template("events/sign.html", event=event, signs=signs, address=address, code=qr_code(address))


@dataclass(frozen=True, slots=True)
class Sign:
    """The words of a sign in one language."""

    language: str
    headline: str
    was: str
    now: str

    @classmethod
    def of(cls, language: str, was: Known, event: Event) -> Sign:
        """In the language that is in force."""
        known = urgency.known_of(event)
        aspects = urgency.changed(was, known)
        is_on = "status" not in aspects or known["status"] in ("confirmed", "requested")
        return cls(language, str(_headline(aspects, known["status"])), _said(was), _said(known) if is_on else "")


def _headline(aspects: list[Aspect], status: str) -> str:
    if "status" in aspects and status in _OFF:
        return str(_OFF[status])
    if "place" in aspects:
        return gettext("Moved to another place")
    return gettext("Moved to another time") if "time" in aspects else gettext("It takes place")


_OFF = {
    "cancelled": lazy_gettext("Cancelled"),
    "postponed": lazy_gettext("Postponed"),
    "declined": lazy_gettext("Does not take place"),
    "withdrawn": lazy_gettext("Does not take place"),
}


def _said(known: Known) -> str:
    when = words.span_in_words(urgency.span_of(known), known["zone"], all_day=known["all_day"])
    place = [", ".join(known["rooms"]), known["campus"]["name"] if known["campus"] else ""]
    return ", ".join([when, *filter(None, place)])


def _event(event_id: str) -> Event:
    event = get_event(event_id)
    if not permits.may_see_work_of(requests.actor(), event):
        raise NotFound(say("There is no such event."))
    return event
