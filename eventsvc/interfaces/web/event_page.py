"""One event: what, when, where, who comes, into which calendar; for planners also what is missing and possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal, WrongState
from eventsvc.core.times import local_day
from eventsvc.domain.accounts import absences, sight_of
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.attendance import counting, doors
from eventsvc.domain.directory.models import Expert, PoolKind
from eventsvc.domain.events import coordinators, lifecycle, overrides, permits
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.promises import guests_told
from eventsvc.domain.events.series import other_dates
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.missing import missing_yes
from eventsvc.domain.invitations.models import GIVEN_UP, Invitation, InvitationState
from eventsvc.interfaces import requests
from eventsvc.interfaces.schemas import OverridableSchema, ReasonSchema
from eventsvc.interfaces.series_schemas import Scope
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown import get_visible_event
from eventsvc.interfaces.shown_doors import door_address
from eventsvc.interfaces.web import (
    away_now,
    calendar_links,
    conversation_shown,
    done_words,
    forms,
    kept,
    override_fields,
    replies_shown,
    seats_shown,
)
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only
from eventsvc.interfaces.web.told import ToldRow, told_rows
from eventsvc.workflows import after_event, call_off_event, change_series, confirm_event, plan_event, publish_event
from eventsvc.workflows.show_reached import who_is_reached
from eventsvc.workflows.who_is_told import trying

PLAIN: dict[str, Callable[..., Event]] = {
    "request": plan_event.request_event,
    "confirm": confirm_event.confirm_as_host,
    "publish": publish_event.publish_event,
    "restore": call_off_event.restore_event,
}
WITH_REASON: dict[str, Callable[..., Event]] = {
    "decline": call_off_event.decline_event,
    "withdraw": call_off_event.withdraw_event,
    "postpone": call_off_event.postpone_event,
    "cancel": call_off_event.cancel_event,
}
SAID = {
    "confirm": lazy_gettext("The host’s yes is recorded."),
    "publish": lazy_gettext("Published. The event stands in the pages and calendars from now on."),
    "restore": lazy_gettext("The event is back; everybody is asked again."),
    "decline": lazy_gettext("Declined. Everybody who was asked is told."),
    "withdraw": lazy_gettext("Withdrawn. Everybody who was asked is told."),
    "postpone": lazy_gettext("Postponed. Move it when there is a new time."),
    "cancel": lazy_gettext("Cancelled. Everybody is told, and calendars show it."),
}

# What a planner should know before pressing the button.
CONSEQUENCES = {
    "decline": lazy_gettext("For the host: this event will not be had. Rooms and people are free again."),
    "withdraw": lazy_gettext("For whoever asked: the wish is taken back. Rooms and people are free again."),
    "postpone": lazy_gettext(
        "Rooms and people are free again. When there is a new time, move it there; all are asked anew."
    ),
    "cancel": lazy_gettext("It will not take place. Rooms and people are free again; it can be brought back later."),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the page and the moves of an event's life."""
    verbs = ",".join([*PLAIN, *WITH_REASON])
    blueprint.add_url_rule("/events/<event_id>", view_func=event)
    blueprint.add_url_rule(f"/events/<event_id>/<any({verbs}):verb>", view_func=advance, methods=["POST"])


def event(event_id: str) -> str:
    """The page of an event; refuses NotFound also to those who may not see it."""
    return show(event_id, Form())


@kept.shows_again
@planner_only
def advance(event_id: str, verb: str) -> ResponseReturnValue:
    """One move of an event's life; a no is said on the same page, and what is done already is no no."""
    form = Form(kept.sent())
    if kept.is_again():
        return show(event_id, form, refused=verb)
    try:
        facts = _facts_for(verb, form)
        story = PLAIN.get(verb) or WITH_REASON[verb]
        if verb in WITH_REASON and form.value("scope") == Scope.FOLLOWING:
            story = partial(change_series.call_off_following, move=Move(verb))
        if form.value("act") == "check":
            with trying(event_id) as told:
                story(event_id, **facts, actor=requests.actor(), now=clock.now())
            return show(event_id, form, refused=verb, would_tell=told_rows(told))
        with transaction():
            moved = story(event_id, **facts, actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        if _is_done_already(event_id, verb, refusal):
            flash(gettext("This was done already; nothing was changed."))
            return go_to_event(event_id)
        form.refuse(refusal, get_event(event_id).zone)
        return show(event_id, form, refused=verb), refusal.status
    flash(done_words.requested(moved) if verb == "request" else str(SAID[verb]))
    return go_to_event(event_id)


def _facts_for(verb: str, form: Form) -> dict[str, Any]:
    """What the form says beside the verb: why, or which rules it breaks."""
    if verb in WITH_REASON:
        return dict(forms.load(ReasonSchema(), {"reason": form.value("reason")}))
    return dict(forms.load(OverridableSchema(), forms.override_values(form))) if verb != "publish" else {}


def _is_done_already(event_id: str, verb: str, refusal: Refusal) -> bool:
    """True for a button pressed twice: the event stands where it leads."""
    is_move = isinstance(refusal, WrongState) and verb in set(Move)
    return is_move and lifecycle.has_been_made(get_event(event_id), Move(verb))


def show(event_id: str, form: Form, *, refused: str = "", would_tell: list[ToldRow] | None = None) -> str:
    """The page, with what was refused of it where the verb `refused` has its form, or who would be told by it."""
    actor = requests.actor()
    found = get_visible_event(event_id, actor)
    is_ahead = not found.has_ended(clock.now())
    is_in_calendars = found.published_at is not None and is_ahead and found.status not in lifecycle.OFF
    return render_template(
        "events/event.html",
        event=found,
        form=form,
        refused=refused,
        would_tell=would_tell,
        guests=guests_told(found),
        step_free=_is_step_free(found),
        services=[one.pool.name for one in found.equipment if one.pool.kind is PoolKind.ACCESS],
        calendar_page=_calendar_page(found),
        other_dates=other_dates(found, clock.now(), sight=sight_of(actor)),
        add=calendar_links.for_event(found, services().links) if is_in_calendars else None,
        sees_work=(sees_work := permits.may_see_work_of(actor, found)),
        may_change=permits.may_change(actor, found),
        **(_for_planners(found) if sees_work else {}),
    )


def _calendar_page(found: Event) -> str:
    """Where to subscribe to what is like this event: its campus, else its kind."""
    if found.campus:
        return url_for("pages.subscribe", of="campus", word=found.campus.slug)
    return url_for("pages.subscribe", of="kind", word=str(found.kind))


def _is_step_free(found: Event) -> bool | None:
    """Whether every room can be reached without steps; None while nobody has said so of all of them."""
    known = [room.step_free for room in found.sure_rooms]
    if not known or None in known:
        return None
    return all(known)


def _for_planners(found: Event) -> dict[str, Any]:
    invitations, approvals = asking.of_event(found.id), rooms.of_event(found.id)
    moves = lifecycle.possible_moves(found.status)
    if found.host_confirmed_at is not None:
        moves = [move for move in moves if move is not Move.CONFIRM]
    by_expert = {invitation.expert_id: invitation for invitation in invitations}
    return {
        "missing": missing_yes(found, invitations, approvals),
        "approvals": [approval for approval in approvals if approval.room in found.rooms],
        "people": [(expert, *_answer_of(by_expert.get(expert.id))) for expert in _everybody(found, invitations)],
        "consequences": CONSEQUENCES,
        "moves": [str(move) for move in moves if str(move) in PLAIN],
        "moves_with_reason": [str(move) for move in moves if str(move) in WITH_REASON],
        "may_publish": found.published_at is None and found.status in lifecycle.PUBLISHABLE,
        "may_move": found.status in lifecycle.MOVABLE,
        "has_new_time": found.status in lifecycle.OFF and found.span != found.promised_span,
        "overrides": overrides.of_events([found.id])[found.id],
        "override_words": override_fields.KINDS,
        "reached": who_is_reached(found, clock.now()),
        "head_counts": doors.counts_of(found.id),
        **_afterwards(found),
        "door_links": [(one, door_address(one)) for one in doors.in_force(found.id, clock.now())],
        "door_days": [day for day in doors.days_of(found) if day >= local_day(clock.now(), found.zone)],
        "says_host": gettext("The host’s own yes is missing."),
        **_in_charge(found),
        **conversation_shown.shown_about(found),
        **replies_shown.shown_about(found, invitations, requests.actor(), clock.now()),
        # By the answers that have just been read.
        "to_confirm_again": {one.expert.slug for one in invitations if one.has_to_confirm_again},
        **seats_shown.shown_about(
            found, invitations, clock.now(), may_change=permits.may_change(requests.actor(), found)
        ),
    }


def _afterwards(found: Event) -> dict[str, Any]:
    """How many came and who spoke; what was said of it, for both offices."""
    is_over = found.status is Status.COMPLETED
    return {
        "told": counting.told_of(found) if is_over else None,
        "feedback": after_event.feedback_for(found, requests.actor()) if is_over else [],
        "takes_a_count": counting.takes_a_count(found, clock.now()),
    }


def _in_charge(found: Event) -> dict[str, Any]:
    """Who is in charge of it, by which absence they are away now, and whether the asker could be in their place."""
    account = coordinators.of_event(found)
    absence = absences.away_from(account, permits.whose(found), clock.now()) if account else None
    me = requests.actor().account_id
    return {
        "in_charge": account,
        "away": absence,
        "away_until": away_now.until(absence.ends_at, absence.zone) if absence else "",
        "may_take_charge": me is not None and (account is None or account.id != me),
    }


def _everybody(found: Event, invitations: Sequence[Invitation]) -> list[Expert]:
    """Who is named, and who was asked for this time before them and does not come."""
    named = found.experts
    return [*named, *(one.expert for one in invitations if one.state in GIVEN_UP and one.expert not in named)]


def _answer_of(invitation: Invitation | None) -> tuple[InvitationState | None, str]:
    """Where somebody stands, and why where they have declined and said so."""
    if invitation is None:
        return None, ""
    has_declined = invitation.state is InvitationState.DECLINED and invitation.answers
    return invitation.state, invitation.answers[-1].reason if has_declined else ""
