"""Somebody's week, for those who plan: where they are, the ways between, leave, and what is used of their limits.

Who keeps that expert's leave notes it here; everybody else who sees the week reads whom to ask instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.times import local_day
from eventsvc.domain.accounts import ensure_may_plan, may_plan
from eventsvc.domain.booking.limits_used import Use
from eventsvc.domain.booking.stretches import Part, Stretch
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert
from eventsvc.interfaces import requests
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import board_rows, kept, leave_forms, setup_people, words
from eventsvc.interfaces.web.board_axis import Axis, axis_of, hours_shown
from eventsvc.interfaces.web.board_rows import Cell
from eventsvc.interfaces.web.board_words import Words, legend_of
from eventsvc.interfaces.web.days import A_WEEK, day_named, first_of_week
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, somebody_only
from eventsvc.interfaces.web.private_calendars_page import page_for
from eventsvc.workflows import keep_people, show_board
from eventsvc.workflows.keeping import may_keep
from eventsvc.workflows.leave_seen import colleagues_of, coming_leave
from eventsvc.workflows.show_board import PersonDay, PersonWeek

_USES = {
    "day": lazy_gettext("%(used)s of %(most)s that day"),
    "travel": lazy_gettext("on the way %(used)s of at most %(most)s"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the page of a week."""
    blueprint.add_url_rule("/experts/<slug>/week", view_func=person_week, methods=["GET", "POST"])


@kept.shows_again
@somebody_only
def person_week(slug: str) -> ResponseReturnValue:
    """The week around `?day=`, today without it, Sunday to Saturday; refuses NotFound for somebody nobody knows.

    POST notes leave of the expert, or before whom they speak.
    """
    expert, form = _seen_expert(slug), Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _week(expert, form)
    is_of_levels = form.value("act") == "levels"
    try:
        said = _say_levels(slug, form) if is_of_levels else leave_forms.note(slug, form)
    except InvalidInput as refusal:
        form.refuse(leave_forms.renamed(refusal))
        return _week(expert, form), refusal.status
    flash(said, "good")
    return redirect(url_for("pages.person_week", slug=slug, _anchor="known" if is_of_levels else "leave"), SEE_OTHER)


def _say_levels(slug: str, form: Form) -> str:
    with transaction():
        keep_people.keep_levels(slug, form.all("levels"), actor=requests.actor(), now=clock.now())
    return str(gettext("Saved. Suggestions for requests go by it from now on."))


def _week(expert: Expert, form: Form) -> str:
    slug, now = expert.slug, clock.now()
    today, keeps = local_day(now, expert.zone), may_keep(requests.actor(), expert)
    begins = first_of_week(day_named(request.args.get("day") or today.isoformat()))
    week = show_board.of_person(expert, begins, actor=requests.actor(), now=now)
    said = Words(expert.zone, week.holders, for_planner=True)
    first, last = hours_shown((one for day in week.days for one in day.stretches), week.window, expert.zone)
    rows = [(day, _axis(day, first, last, expert.zone)) for day in week.days]
    drawn = [(day, _of_day(day), list(_cells(day, axis, week, said))) for day, axis in rows]
    return render_template(
        "board/person.html",
        expert=expert,
        home=expert.home_campus,
        days=drawn,
        axis=_of_headings(rows),
        today=today,
        uses=_of_weeks(week),
        late=[said.leg(leg, week.places) for day in week.days for leg in day.legs if not leg.is_in_time],
        legend=legend_of({cell.part for _, _, cells in drawn for cell in cells}),
        zone=words.zone_name(expert.zone),
        earlier=_to(slug, begins - A_WEEK),
        later=_to(slug, begins + A_WEEK),
        form=form,
        calendars=page_for(expert, requests.actor()),
        leaves=leave_forms.rows(coming_leave([expert], actor=requests.actor(), now=now)),
        covers=[(one.slug, one.name) for one in colleagues_of(expert)] if keeps else [],
        keeps_leave=keeps,
        levels=setup_people.level_choices(),
        levels_form=form if form.value("act") == "levels" else Form().with_values(levels=list(expert.levels)),
        languages=[language_name(tag) for tag in expert.languages],
    )


def _seen_expert(slug: str) -> Expert:
    """The expert, for those who plan; experts see themselves, and know of nobody else."""
    expert, actor = directory.get(Expert, slug), requests.actor()
    if not may_plan(actor) and expert.id not in actor.expert_ids:
        if actor.expert_ids:
            raise NotFound(say("There is no expert %(slug)r.", slug=slug))
        ensure_may_plan(actor)
    return expert


def _axis(day: PersonDay, first: int, last: int, zone: str) -> Axis:
    return axis_of(day.window, first, last, zone, by_wall=True)


def _of_headings(rows: Sequence[tuple[PersonDay, Axis]]) -> Axis:
    """The axis whose hours are the headings: of a day on which the clock is not changed, for it names each of them."""
    a_day = timedelta(days=1)
    whole = (axis for day, axis in rows if day.window.end - day.window.start == a_day)
    return next(whole, rows[0][1])


def _cells(day: PersonDay, axis: Axis, week: PersonWeek, said: Words) -> Iterator[Cell]:
    for one, width in axis.laid(day.stretches):
        cell = board_rows.cell(one, width, day.window, said)
        if one.leg is not None:
            short = f"{'≈ ' if one.leg.way.is_estimate else ''}{gettext('%(num)s min', num=one.leg.way.minutes)}"
            look = "" if one.leg.is_in_time else "too-near"
            yield cell._replace(
                note=said.leg(one.leg, week.places),
                short=short,
                look=look,
            )
        elif one.part is Part.PRESENCE:
            yield cell._replace(note=" · ".join(filter(None, (_place(one, week), cell.note))))
        elif one.part is Part.CLOSED:
            yield cell._replace(label=str(gettext("Outside of their hours")))
        else:
            yield cell


def _place(one: Stretch, week: PersonWeek) -> str:
    if one.row is None or one.row.place_id is None:
        return str(gettext("Online"))
    return week.places[one.row.place_id].name


def _of_day(day: PersonDay) -> list[str]:
    """What is used of the limits of that day."""
    return [_in_words(use) for use in day.uses if use.per in ("day", "travel")]


def _of_weeks(week: PersonWeek) -> list[str]:
    """What is used of the limits of the weeks and months that are touched; agreed weeks are ISO's, Monday to Sunday."""
    uses = {(use.per, use.first): use for day in week.days for use in day.uses}
    weeks = [
        gettext("%(used)s of %(most)s in the week %(days)s", used=use.used, most=use.most, days=words.days(first, last))
        for (per, first), use in uses.items()
        if per == "week" and (last := first + timedelta(days=6))
    ]
    months = [
        gettext("%(used)s of %(most)s in %(month)s", used=use.used, most=use.most, month=words.day(first, "MMMM y"))
        for (per, first), use in uses.items()
        if per == "month"
    ]
    return [str(said) for said in (*weeks, *months)]


def _in_words(use: Use) -> str:
    shown = words.minutes if use.per == "travel" else str
    return str(_USES[use.per]) % {"used": shown(use.used), "most": shown(use.most)}


def _to(slug: str, day: date) -> str:
    return url_for("pages.person_week", slug=slug, day=day)
