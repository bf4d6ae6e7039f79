"""A series: its dates and where each stands, those that could not be had, and what can be done to all at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.events.lifecycle import MOVES, PUBLISHABLE, Move
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.series import counts_of, events_of, get_seen, page_of_series
from eventsvc.domain.feeds import dimensions
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.schemas import ReasonSchema
from eventsvc.interfaces.web import forms, kept, series_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.workflows.change_series import advance_series, call_off_series
from eventsvc.workflows.plan_series import take_skipped

ADVANCES = {
    "request": lazy_gettext("Request all: reserve and ask everybody"),
    "confirm": lazy_gettext("Record the host’s yes for all"),
    "publish": lazy_gettext("Publish all"),
}
CALL_OFFS = {
    "withdraw": lazy_gettext("Withdraw all requests"),
    "decline": lazy_gettext("Decline all requests"),
    "postpone": lazy_gettext("Postpone all"),
    "cancel": lazy_gettext("Cancel all"),
}
MOST = 50


def add_routes(blueprint: Blueprint) -> None:
    """Add the list of series, the page of one, and what can be done there."""
    verbs = ",".join([*ADVANCES, *CALL_OFFS])
    blueprint.add_url_rule("/series", view_func=all_series)
    blueprint.add_url_rule("/series/<series_id>", view_func=series)
    blueprint.add_url_rule(f"/series/<series_id>/<any({verbs}):verb>", view_func=advance_all, methods=["POST"])
    blueprint.add_url_rule("/series/<series_id>/skipped/<skipped_id>/take", view_func=take, methods=["POST"])


@planner_only
def all_series() -> str:
    """Every series, the newest first."""
    found, last = page_of_series(
        sight=sight_of(requests.actor()), after=paging.event_key(request.args.get("cursor")), limit=MOST
    )
    following = paging.encode([last[0].isoformat(), last[1]]) if last else None
    return render_template(
        "series/list.html", found=found, counts=counts_of(found), following=following, says=series_words
    )


@planner_only
def series(series_id: str) -> str:
    """One series."""
    return _page(series_id, Form())


@kept.shows_again
@planner_only
def advance_all(series_id: str, verb: str) -> ResponseReturnValue:
    """One act on every event that lies ahead and allows it; a no is said on the same page."""
    form = Form(kept.sent())
    if kept.is_again():
        return _page(series_id, form, refused=verb)
    story: Callable[..., object] = partial(advance_series, verb=verb)
    if verb in CALL_OFFS:
        reason = form.value("reason")
        story = partial(call_off_series, move=Move(verb), reason=reason)
    return _run(series_id, form, verb, story)


def _run(series_id: str, form: Form, verb: str, story: Callable[..., object]) -> ResponseReturnValue:
    try:
        if verb in CALL_OFFS:
            forms.load(ReasonSchema(), {"reason": form.value("reason")})
        with transaction():
            story(series_id, actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        return _refused(series_id, form, refusal, verb)
    flash(gettext("Done for every date that lies ahead and allows it."))
    return _to(series_id)


@planner_only
def take(series_id: str, skipped_id: str) -> ResponseReturnValue:
    """Try a date again that could not be had."""
    try:
        with transaction():
            take_skipped(series_id, skipped_id, actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        return _refused(series_id, Form(), refusal, "")
    flash(gettext("The date is planned now."))
    return _to(series_id)


def _to(series_id: str) -> ResponseReturnValue:
    return redirect(url_for("pages.series", series_id=series_id), SEE_OTHER)


def _refused(series_id: str, form: Form, refusal: Refusal, verb: str) -> ResponseReturnValue:
    form.refuse(refusal)
    return _page(series_id, form, refused=verb), refusal.status


def _page(series_id: str, form: Form, *, refused: str = "") -> str:
    found = get_seen(series_id, requests.actor())
    events = events_of(found)
    ahead = [event for event in events if event.starts_at > clock.now()]
    return render_template(
        "series/series.html",
        series=found,
        events=events,
        form=form,
        is_subscribable=bool(dimensions.found("series", [str(found.public_id)])),
        refused=refused,
        rule=series_words.rule_in_words(found),
        lacking=series_words.skipped_rows([one for one in found.skipped if one.taken_by_id is None]),
        advances=[(verb, label) for verb, label in ADVANCES.items() if any(_can(verb, event) for event in ahead)],
        call_offs=[(verb, label) for verb, label in CALL_OFFS.items() if any(_can(verb, event) for event in ahead)],
    )


def _can(verb: str, event: Event) -> bool:
    if verb == "publish":
        return event.status in PUBLISHABLE and event.published_at is None
    if verb == "confirm":
        return event.status is Status.REQUESTED and event.host_confirmed_at is None
    return event.status in MOVES[Move(verb)]
