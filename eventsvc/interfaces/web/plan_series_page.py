"""Planning a series: the form of an event and how it repeats; first a look at every date, then all or the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from eventsvc.core import clock
from eventsvc.core.errors import DatesTaken, InvalidInput, Refusal
from eventsvc.domain.events.models import Series
from eventsvc.domain.events.series import events_of, find_submitted_series
from eventsvc.interfaces import requests
from eventsvc.interfaces.series_schemas import SeriesPlanSchema
from eventsvc.interfaces.web import choices, forms, kept, reminder_words, series_form, series_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.plan_page import begun
from eventsvc.interfaces.web.series_words import DateRow
from eventsvc.interfaces.web.submissions import once
from eventsvc.interfaces.web.told import ToldRow, told_rows
from eventsvc.workflows.plan_series import OnConflict, plan_series
from eventsvc.workflows.preview_reminders import TriedDate, of_tried_dates
from eventsvc.workflows.series_dates import reasons_of
from eventsvc.workflows.who_is_told import trying_plan


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of every date: those that can be had, and those that cannot.

    Who would be told of the first, and who would be reminded of each.
    """

    free: list[DateRow] = field(default_factory=list)
    refused: list[DateRow] = field(default_factory=list)
    told: list[ToldRow] = field(default_factory=list)
    reminded: list[TriedDate] = field(default_factory=list)


def add_routes(blueprint: Blueprint) -> None:
    """Add planning a series."""
    blueprint.add_url_rule("/plan/series", view_func=plan_a_series, methods=["GET", "POST"])


@kept.shows_again
@planner_only
def plan_a_series() -> ResponseReturnValue:
    """Plan a series; the form of an event comes here too when one says that it repeats."""
    if request.method != "POST":
        return begun(_page)
    form = Form(kept.sent())
    if form.value("act") == "rooms" or kept.is_again():
        return _page(form)
    try:
        if form.value("act") not in ("plan", "rest", "draft"):
            return _page(form, preview=_look(form))
        on_conflict = OnConflict.SKIP if form.value("act") == "rest" else OnConflict.REFUSE
        series, is_new = once(form, find_submitted_series, partial(_planned, on_conflict=on_conflict))
    except DatesTaken as refusal:
        form.sentence = str(
            gettext("Nothing was reserved: not every date can be had. Below is what stands against each.")
        )
        return _page(form, preview=_look(form)), refusal.status
    except Refusal as refusal:
        _, zone = choices.place_of(form)
        form.refuse(series_form.in_the_form(refusal) if isinstance(refusal, InvalidInput) else refusal, zone)
        return _page(form), refusal.status
    flash(_said(series) if is_new else gettext("This was planned already: here it is."))
    return redirect(url_for("pages.series", series_id=series.public_id), SEE_OTHER)


def _planned(form: Form, submission: str | None = None, *, on_conflict: OnConflict) -> Series:
    is_campaign = form.value("repeats") == "campaign"
    needed = ("title", *forms.when_fields(form))
    plan, repeats, _ = forms.load(SeriesPlanSchema(), _values(form, is_campaign), needed=needed)
    return plan_series(
        plan,
        repeats,
        on_conflict=on_conflict,
        is_draft=form.value("act") == "draft",
        submission=submission,
        actor=requests.actor(),
        now=clock.now(),
    )


def _values(form: Form, is_campaign: bool) -> dict[str, object]:
    values = series_form.series_values(form)
    return {**values, "rooms": []} if is_campaign else values


def _look(form: Form) -> Preview:
    """Every date with what would become of it; nothing is kept."""
    try:
        with trying_plan() as told:
            told.plans(series := _planned(form, on_conflict=OnConflict.SKIP))
            events = events_of(series)
            free = [series_words.free_row(event) for event in events]
            refused = series_words.skipped_rows(series.skipped)
            reminded = of_tried_dates(events, actor=requests.actor(), now=clock.now())
    except DatesTaken as refusal:
        return Preview(refused=series_words.refused_rows(reasons_of(refusal.occurrences, requests.actor())))
    return Preview(free, refused, told_rows(told), reminded)


def _said(series: Series) -> str:
    events, lacking = len(events_of(series)), len(series.skipped)
    said = [ngettext("%(num)d date is planned.", "%(num)d dates are planned.", events)]
    if lacking:
        said.append(
            ngettext(
                "%(num)d could not be had and can be tried again below.",
                "%(num)d could not be had and can be tried again below.",
                lacking,
            )
        )
    return " ".join(str(sentence) for sentence in said)


def _page(form: Form, *, preview: Preview | None = None) -> str:
    offered = choices.of_plan(form)
    experts = [*offered["experts"].near, *offered["experts"].rest]
    return render_template(
        "plan.html",
        form=form,
        is_series=True,
        is_begun="campus" in form.values,
        is_free=False,
        offers=(),
        preview=preview,
        says=reminder_words,
        **{**offered, **series_form.choices_of(form, offered["campuses"], experts)},
    )
