"""What invited people said, on the page of their event: proposed times to take, answers to write down, who is there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.events.lookup import get_event
from eventsvc.interfaces import requests
from eventsvc.interfaces.reply_schemas import OnBehalfSchema
from eventsvc.interfaces.schemas import ReasonSchema
from eventsvc.interfaces.web import event_page, forms, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only, somebody_only
from eventsvc.workflows import answer_proposals
from eventsvc.workflows.answer_on_behalf import answer_on_behalf

_TAKEN = lazy_gettext("Moved to that time. Who proposed it has said yes to it; everybody else is asked again.")
_DECLINED = lazy_gettext("Declined. The person is told, and asked for the present time as before.")
# Where the page shows what was refused.
PROPOSAL, BEHALF = "proposal", "behalf"


def add_routes(blueprint: Blueprint) -> None:
    """Add the targets of the forms."""
    rule = "/events/<event_id>/proposals/<proposal_id>/<any(take,decline):verb>"
    blueprint.add_url_rule(rule, view_func=answer_proposal, methods=["POST"])
    behalf = "/events/<event_id>/experts/<slug>/answer"
    blueprint.add_url_rule(behalf, view_func=write_answer_down, methods=["POST"])


@kept.shows_again
@planner_only
def answer_proposal(event_id: str, proposal_id: str, verb: str) -> ResponseReturnValue:
    """Take a proposed time, or say no to it in words."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=PROPOSAL)
    who: dict[str, Any] = {"actor": requests.actor(), "now": clock.now()}
    try:
        reason = forms.load(ReasonSchema(), {"reason": form.value("reason")})["reason"]
        with transaction():
            if verb == "take":
                answer_proposals.take_proposal(event_id, proposal_id, **who)
            else:
                answer_proposals.decline_proposal(event_id, proposal_id, reason, **who)
    except Refusal as refusal:
        return _refused(event_id, form, refusal, PROPOSAL)
    flash(_said(verb), "good")
    return go_to_event(event_id)


def _said(verb: str) -> str:
    if verb == "take":
        return str(_TAKEN)
    return str(_DECLINED)


@kept.shows_again
@somebody_only
def write_answer_down(event_id: str, slug: str) -> ResponseReturnValue:
    """Write down what somebody has told the office."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=BEHALF)
    try:
        said = forms.load(OnBehalfSchema(), {"answer": form.value("answer"), "reason": form.value("reason")})
        with transaction():
            answer_on_behalf(
                event_id, slug, said["answer"], reason=said["reason"], actor=requests.actor(), now=clock.now()
            )
    except Refusal as refusal:
        return _refused(event_id, form, refusal, BEHALF)
    flash(gettext("Written down. The person gets a letter that says so."), "good")
    return go_to_event(event_id)


def _refused(event_id: str, form: Form, refusal: Refusal, where: str) -> ResponseReturnValue:
    form.refuse(refusal, get_event(event_id).zone)
    return event_page.show(event_id, form, refused=where), refusal.status
