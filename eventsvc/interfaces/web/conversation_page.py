"""What the offices concerned write to one another, on the page of their event or request."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.interfaces import requests
from eventsvc.interfaces.remark_schemas import RemarkWordsSchema
from eventsvc.interfaces.web import event_page, forms, kept, request_page
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, somebody_only
from eventsvc.workflows import converse, converse_about_request

VERB = "remark"


def add_routes(blueprint: Blueprint) -> None:
    """Add the form's target."""
    blueprint.add_url_rule("/events/<event_id>/remarks", view_func=remark, methods=["POST"])
    blueprint.add_url_rule("/requests/<request_id>/remarks", view_func=remark_on_wish, methods=["POST"])


@kept.shows_again
@somebody_only
def remark(event_id: str) -> ResponseReturnValue:
    """Write to the other offices."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=VERB)
    try:
        words = _words(form)
        with transaction():
            converse.write_about_event(event_id, words, actor=requests.actor(), now=clock.now())
    except InvalidInput as refusal:
        form.refuse(refusal)
        return event_page.show(event_id, form, refused=VERB), refusal.status
    flash(gettext("Written. The other offices get a letter."), "good")
    return redirect(url_for("pages.event", event_id=event_id, _anchor="conversation"), SEE_OTHER)


@kept.shows_again
@somebody_only
def remark_on_wish(request_id: str) -> ResponseReturnValue:
    """Write to the other office about a request."""
    form = Form(kept.sent())
    if kept.is_again():
        return request_page.show(request_id, form)
    try:
        words = _words(form)
        with transaction():
            converse_about_request.write_about_request(request_id, words, actor=requests.actor(), now=clock.now())
    except InvalidInput as refusal:
        form.refuse(refusal)
        return request_page.show(request_id, form), refusal.status
    flash(gettext("Written. The other office gets a letter."), "good")
    return redirect(url_for("pages.wish", request_id=request_id, _anchor="conversation"), SEE_OTHER)


def _words(form: Form) -> str:
    """Refuses InvalidInput for no words, and for too many."""
    said: str = forms.load(RemarkWordsSchema(), {"words": form.value("words")})["words"]
    return said
