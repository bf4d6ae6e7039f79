"""After a late change of an event: who has been reached, with telephone numbers, and a sign for the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, Refusal, say
from eventsvc.domain.events import permits, urgency
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.events.urgency import Known
from eventsvc.interfaces import languages, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept, words
from eventsvc.interfaces.web.calendars_page import qr_code
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, somebody_only
from eventsvc.workflows.keep_reminders import ensure_sees_work
from eventsvc.workflows.show_reached import Standing, believed, note_reached, who_is_reached

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
    form, status, now = Form(kept.sent()), 200, clock.now()
    event = ensure_sees_work(event_id, requests.actor())
    if "who" in form.values and not kept.is_again():
        try:
            with transaction():
                note_reached(event_id, form.value("who"), actor=requests.actor(), now=now)
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash(gettext("Written down."), "good")
            return redirect(url_for("pages.reached", event_id=event_id), SEE_OTHER)
    page = render_template(
        "events/reached.html",
        event=event,
        form=form,
        found=who_is_reached(event, now),
        has_sign=bool(believed(event, now)),
        may_change=permits.may_change(requests.actor(), event),
        standings=STANDINGS,
        roles=ROLES,
    )
    return page, status


@somebody_only
def door_sign(event_id: str) -> str:
    """To be printed and hung where people would come to in vain: what was to be there, and what is so now."""
    event = ensure_sees_work(event_id, requests.actor())
    earlier = believed(event, clock.now())
    if not earlier:
        raise NotFound(say("No late change of this event needs a sign at a door."))
    signs = []
    for language, locale in languages.LOCALES.items():
        with force_locale(locale):
            signs.append(_sign(language, earlier, event))
    is_public = event.published_at is not None and event.visibility == Visibility.PUBLIC
    address = services().links.event_page(str(event.public_id)) if is_public else ""
    code = qr_code(address) if is_public else ""
    return render_template("events/sign.html", event=event, signs=signs, address=address, code=code)


@dataclass(frozen=True, slots=True)
class Sign:
    """The words of a sign in one language; `now` is empty where it does not take place."""

    language: str
    headline: str
    was: Sequence[str]
    now: str


def _sign(language: str, earlier: Sequence[Known], event: Event) -> Sign:
    """In the language that is in force."""
    known = urgency.known_of(event)
    now = "" if event.status in OFF else _said(known)
    was = [one for one in dict.fromkeys(map(_said, earlier)) if one != now]
    return Sign(language, _headline(earlier[0], known), was, now)


def _headline(was: Known, known: Known) -> str:
    aspects = urgency.changed({**was, "online_url": known["online_url"]}, known)
    if known["status"] in _NOT_ON:
        return str(_NOT_ON[known["status"]])
    if "place" in aspects:
        return str(gettext("Moved to another place"))
    return str(gettext("Moved to another time") if "time" in aspects else gettext("It takes place"))


_NOT_ON = {
    "cancelled": lazy_gettext("Cancelled"),
    "postponed": lazy_gettext("Postponed"),
    "declined": lazy_gettext("Does not take place"),
    "withdrawn": lazy_gettext("Does not take place"),
}


def _said(known: Known) -> str:
    when = words.span_in_words(urgency.span_of(known), known["zone"], all_day=known["all_day"])
    place = [", ".join(known["rooms"]), known["campus"]["name"] if known["campus"] else ""]
    return ", ".join([when, *filter(None, place)])
