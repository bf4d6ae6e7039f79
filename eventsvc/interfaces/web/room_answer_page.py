"""The page of the link in a letter to a room's office: what is asked of the room, and two buttons."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import LinkExpired, Refusal
from eventsvc.domain.approvals import asking
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.interfaces import languages, requests
from eventsvc.interfaces.approval_schemas import RoomAnswerSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import forms, guests
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows.answer_room import answer_room


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/room-answer/<token>", view_func=room_request)
    blueprint.add_url_rule("/room-answer/<token>", view_func=room_answer, methods=["POST"])


def room_request(token: str) -> Response:
    """What is asked of the room, where it stands, and two buttons; or why there is nothing to answer."""
    try:
        approval_id, _ = services().links.read_room_answer(token, clock.now())
    except LinkExpired as refusal:
        return _page(asking.get_approval(refusal.facts["subject"]), Form(), guests.EXPIRED, refusal.status)
    return _page(asking.get_approval(approval_id), Form())


def room_answer(token: str) -> ResponseReturnValue:
    """Record the answer and show the page again; a no is said there."""
    now, form = clock.now(), Form(request.form)
    try:
        approval_id, turn = services().links.read_room_answer(token, now)
    except LinkExpired as refusal:
        return _page(asking.get_approval(refusal.facts["subject"]), form, guests.EXPIRED, refusal.status)
    try:
        said = said_in(form, turn)
        with transaction():
            answer_room(approval_id, said, actor=requests.actor(), now=now)
    except Refusal as refusal:
        approval = asking.get_approval(approval_id)
        _prefer_language_of(approval)
        form.refuse(refusal)
        return _page(approval, form, status=refusal.status)
    return redirect(url_for(".room_request", token=token), SEE_OTHER)


def said_in(form: Form, turn: int | None = None) -> RoomAnswer:
    """The answer of a form; the form says which asking its page showed, without it `turn`. Refuses InvalidInput."""
    typed = {name: form.value(name) for name in ("answer", "reference", "reason")}
    shown = forms.whole(form.value("turn")) if form.value("turn") else turn
    return answer_of(forms.load(RoomAnswerSchema(), typed | ({} if shown is None else {"turn": shown})))


def answer_of(body: dict[str, object]) -> RoomAnswer:
    """What the schema has read, as the workflows take it."""
    return RoomAnswer(word=body.pop("answer"), **body)  # type: ignore[arg-type]  # the schema has checked every one


def _prefer_language_of(approval: RoomApproval) -> None:
    office = approval.office
    languages.prefer(office.language if office else languages.SOURCE)


def _page(approval: RoomApproval, form: Form, ending: str = "", status: int = 200) -> Response:
    event, room = approval.event, approval.room
    _prefer_language_of(approval)
    is_needed = approval.state is not ApprovalState.WITHDRAWN
    return guests.page(
        "room_answer.html",
        status,
        approval=approval,
        event=event,
        room=room,
        form=form,
        ending=ending or guests.ending(event, is_needed=is_needed),
        busy=event.span.widened(before_minutes=room.setup_minutes, after_minutes=room.takedown_minutes),
    )
