"""The page of the link in a letter to an invited person: the briefing sheet, and what they can say to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import LinkExpired, Refusal
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.interfaces import languages, requests
from eventsvc.interfaces.reply_schemas import TurnSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import answer_forms, calendar_links, forms, guests
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows.briefing import briefing_of


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/answer/<token>", view_func=briefing)
    blueprint.add_url_rule("/answer/<token>", view_func=answer, methods=["POST"])


def briefing(token: str) -> Response:
    """What the person is asked, where they stand, and what they can say; or why there is nothing to answer."""
    try:
        invitation_id, _ = services().links.read_answer(token, clock.now())
    except LinkExpired as refusal:
        return _page(asking.get_invitation(refusal.facts["subject"]), Form(), guests.EXPIRED, refusal.status)
    return _page(asking.get_invitation(invitation_id), Form())


def answer(token: str) -> ResponseReturnValue:
    """Record the answer and show the page again; a no is said there."""
    now, form = clock.now(), Form(request.form)
    try:
        invitation_id, turn = services().links.read_answer(token, now)
    except LinkExpired as refusal:
        return _page(asking.get_invitation(refusal.facts["subject"]), form, guests.EXPIRED, refusal.status)
    try:
        # The form says which time the page showed; without it, the one that the letter asked about.
        shown = forms.load(TurnSchema(), {"turn": forms.whole(form.value("turn") or str(turn))})["turn"]
        with transaction():
            answer_forms.carry_out(invitation_id, form, turn=shown, actor=requests.actor(), now=now)
    except Refusal as refusal:
        invitation = asking.get_invitation(invitation_id)
        languages.prefer(invitation.expert.language)
        form.refuse(refusal, invitation.event.zone)
        return _page(invitation, form, status=refusal.status)
    return redirect(url_for(".briefing", token=token), SEE_OTHER)


def _page(invitation: Invitation, form: Form, ending: str = "", status: int = 200) -> Response:
    event = invitation.event
    languages.prefer(invitation.expert.language)
    is_needed = invitation.state is not InvitationState.WITHDRAWN
    return guests.page(
        "answer.html",
        status,
        invitation=invitation,
        event=event,
        form=form,
        ending=ending or guests.ending(event, is_needed=is_needed),
        others=_others(invitation),
        earlier=_earlier_answer(invitation),
        is_on_page=_is_public(event),
        add=calendar_links.for_event(event, services().links),
        sheet=(sheet := briefing_of(invitation, clock.now())),
        arrive_at=sheet.arrive_at,
        rows=answer_forms.ROWS,
        joins_online=event.joins_online(invitation.expert_id),
        reason_given=invitation.answers[-1].reason if invitation.answers else "",
    )


def _others(invitation: Invitation) -> dict[str, int]:
    """How the others stand, as numbers only."""
    counted: Counter[Any] = Counter(
        other.state for other in asking.of_event(invitation.event_id) if other.id != invitation.id
    )
    return {str(state): counted[state] for state in InvitationState if state in counted}


def _earlier_answer(invitation: Invitation) -> Any:
    """What was said about another time, or None."""
    if invitation.state is not InvitationState.NEEDS_ACTION or not invitation.answers:
        return None
    last = invitation.answers[-1]
    return last if last.given_for != invitation.event.starts_at else None


def _is_public(event: Event) -> bool:
    return permits.may_see_event(PUBLIC, event)
