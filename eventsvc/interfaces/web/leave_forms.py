"""Leave of experts, as the week of one and the page of absences show, note and take it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import day_start, local_day
from eventsvc.domain.booking.blocks import Block
from eventsvc.domain.directory.models import Expert
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, somebody_only
from eventsvc.workflows import keep_leave
from eventsvc.workflows.leave_seen import Leave

# On one page with the form of absences, so the fields have names of their own.
_FIELDS = {"from": "leave_from", "until": "leave_until", "cover": "leave_cover"}


def add_routes(blueprint: Blueprint) -> None:
    """Add taking leave back; it is noted on the pages that show it."""
    blueprint.add_url_rule("/experts/<slug>/leave/<leave_id>/end", view_func=end_leave, methods=["POST"])


def note(slug: str, form: Form) -> str:
    """Note what the form says, in a transaction of its own; returns what is to be said of it.

    Refuses as `keep_leave.add_leave`, by the names of the stories: see `renamed`.
    """
    if not slug:
        raise InvalidInput({"expert": say("is needed: choose one")})
    first, last = moment(form, "leave_from"), moment(form, "leave_until")
    cover = form.value("leave_cover").strip()
    with transaction():
        _, told = keep_leave.add_leave(slug, first, last, cover=cover or None, actor=requests.actor(), now=clock.now())
    if not told:
        return str(gettext("Leave is noted."))
    return str(
        ngettext(
            "Leave is noted. %(num)d booked event lies in it: its office is told.",
            "Leave is noted. %(num)d booked events lie in it: their offices are told.",
            told,
        )
    )


def moment(form: Form, name: str) -> str:
    """What stands in a field of a day and in that of an hour beside it: the day, or the local time."""
    day, hour = form.value(name).strip(), form.value(f"{name}_time").strip()
    return f"{day}T{hour}" if day and hour else day


def renamed(refusal: InvalidInput) -> InvalidInput:
    """The same no by the names of the form."""
    return InvalidInput([(_FIELDS.get(one["field"], one["field"]), one["reason"]) for one in refusal.facts["errors"]])


@somebody_only
def end_leave(slug: str, leave_id: str) -> ResponseReturnValue:
    """The expert is there after all; back to the page on which the button stood."""
    with transaction():
        keep_leave.remove_leave(slug, leave_id, actor=requests.actor(), now=clock.now())
    flash(gettext("The leave is taken back."), "good")
    if request.form.get("from_page") == "absences":
        return redirect(url_for("pages.absences", _anchor="leave"), SEE_OTHER)
    return redirect(url_for("pages.person_week", slug=slug, _anchor="leave"), SEE_OTHER)


def choices(experts: Sequence[Expert]) -> list[tuple[str, str]]:
    """Experts to choose from; with their organizations where there are several."""
    is_one_house = len({one.organization_id for one in experts}) < 2
    return [(one.slug, one.name if is_one_house else f"{one.name}, {one.organization.name}") for one in experts]


def rows(leaves: Iterable[Leave]) -> list[dict[str, Any]]:
    """Leave as the pages list it."""
    return [
        {
            "id": one.block.uid,
            "slug": one.expert.slug,
            "name": one.expert.name,
            "when": _when(one.block, one.expert.zone),
            "cover": one.block.cover,
            "is_kept": one.is_kept and one.block.uid is not None,
        }
        for one in leaves
    ]


def _when(block: Block, zone: str) -> str:
    """Whole days as days, anything else with its hours."""
    first, last = local_day(block.starts_at, zone), local_day(block.ends_at - timedelta(minutes=1), zone)
    if (block.starts_at, block.ends_at) == (day_start(first, zone), day_start(last + timedelta(days=1), zone)):
        return words.day(first, "yMMMd") if first == last else words.days(first, last)
    if first == last:
        return f"{words.instant(block.starts_at, zone)} – {words.clock_time(block.ends_at, zone)}"
    return f"{words.instant(block.starts_at, zone)} – {words.instant(block.ends_at, zone)}"
