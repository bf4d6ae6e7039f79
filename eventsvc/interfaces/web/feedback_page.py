"""Two questions after an event, by the link of a letter: a scale and a line. Only both offices read the answer."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import LinkExpired, Refusal
from eventsvc.domain.attendance import counting
from eventsvc.domain.attendance.models import Feedback
from eventsvc.interfaces import languages
from eventsvc.interfaces.attendance_schemas import FeedbackSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import forms, guests
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows import after_event


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/feedback/<token>", view_func=feedback)
    blueprint.add_url_rule("/feedback/<token>", view_func=give_feedback, methods=["POST"])


def feedback(token: str) -> Response:
    """The two questions, with what was answered before; or that their time is over."""
    try:
        asked = counting.get_feedback(services().links.read_feedback(token, clock.now()))
    except LinkExpired as refusal:
        return _page(counting.get_feedback(refusal.facts["subject"]), Form(), refusal.status, is_over=True)
    given = [("score", str(asked.score)), ("comment", asked.comment)] if asked.score else []
    return _page(asked, Form(MultiDict(given)))


def give_feedback(token: str) -> ResponseReturnValue:
    """Keep the answer and show the page again; a no is said there."""
    form, now = Form(request.form), clock.now()
    try:
        feedback_id = services().links.read_feedback(token, now)
    except LinkExpired as refusal:
        return _page(counting.get_feedback(refusal.facts["subject"]), form, refusal.status, is_over=True)
    try:
        typed = {"score": forms.whole(form.value("score")), "comment": form.value("comment")}
        said = forms.load(FeedbackSchema(), typed)
        with transaction():
            after_event.give_feedback(feedback_id, said["score"], said["comment"], now=now)
    except Refusal as refusal:
        asked = counting.get_feedback(feedback_id)
        languages.prefer(_language_of(asked))
        form.refuse(refusal)
        return _page(asked, form, refusal.status)
    return redirect(url_for(".feedback", token=token), SEE_OTHER)


def _language_of(asked: Feedback) -> str:
    return asked.expert.language if asked.expert else asked.event.owner.language


def _page(asked: Feedback, form: Form, status: int = 200, *, is_over: bool = False) -> Response:
    languages.prefer(_language_of(asked))
    return guests.page(
        "feedback.html", status, asked=asked, event=asked.event, form=form, ending="", is_over=is_over, is_on_page=False
    )
