"""The part of a planning form that shows the day, made anew while somebody fills the form."""

from __future__ import annotations

from flask import Blueprint, render_template

from eventsvc.interfaces.web import choices, glance, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import planner_only


def add_routes(blueprint: Blueprint) -> None:
    """Add the part."""
    blueprint.add_url_rule("/plan/day", view_func=plan_day, methods=["POST"])


@planner_only
def plan_day() -> str:
    """The day of the form as it is filled now; only that part, because the whole form takes longer."""
    form = Form(kept.sent())
    campus, zone = choices.place_of(form)
    return render_template("board/glance.html", glance=glance.of_form(form, campus, zone))
