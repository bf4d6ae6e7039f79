"""Several calendars in one: choose among campuses, kinds, topics and so on, and get an address that lasts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.feeds import dimensions
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.domain.feeds.saved import MOST_WORDS
from eventsvc.interfaces.web import combine_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows.save_filter import save_filter

_SHOWN = 12  # of each dimension, beside what is chosen


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/calendars/combine", view_func=combine, methods=["GET", "POST"])


def combine() -> ResponseReturnValue:
    """The choices, those in the address ticked; `q` finds more of them. POST makes the calendar and leads to it."""
    if request.method != "POST":
        return _page(Form(request.args))
    form = Form(request.form)
    try:
        with transaction():
            feed, _ = save_filter({of: form.all(of) for of in DIMENSIONS if form.all(of)}, clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    return redirect(url_for("pages.subscribe", of=feed.of, word=feed.word), SEE_OTHER)


def _page(form: Form) -> str:
    asked = form.value("q").replace("\x00", "").strip()[:100]
    groups = [(of, combine_words.DIMENSIONS[of], _choices(of, form, asked)) for of in DIMENSIONS]
    return render_template("calendars/combine.html", form=form, asked=asked, groups=groups, most=MOST_WORDS)


def _choices(of: str, form: Form, asked: str) -> list[dict[str, Any]]:
    """What was chosen, then what is found or stands first."""
    chosen = dimensions.found(of, form.all(of)[:MOST_WORDS])
    shown = {word: part.name for word, part in chosen.items()}
    shown |= {part.word: part.name for part in dimensions.listed(of, words=asked, limit=_SHOWN)}
    return [{"slug": word, "name": combine_words.choice_of(of, word.lower(), name)} for word, name in shown.items()]
