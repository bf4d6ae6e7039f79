"""Delivery while it is paused: what would leave at once, what is dropped of it, and the end of the pause."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.outbox import pause
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import letter_words, outbox_page
from eventsvc.interfaces.web.frame import SEE_OTHER, administrator_only
from eventsvc.interfaces.web.words import instant
from eventsvc.workflows import pause_delivery
from eventsvc.workflows.pause_delivery import Dropped


def add_routes(blueprint: Blueprint) -> None:
    """Add the page, its form, and the line on every page while delivery is paused."""
    blueprint.add_url_rule("/outbox/paused", view_func=delivery)
    blueprint.add_url_rule("/outbox/paused", view_func=act_on_delivery, methods=["POST"])
    blueprint.app_context_processor(lambda: {"delivery_is_paused": _is_paused})


def _is_paused() -> bool:
    """Asked by pages of those who plan; a page that says that the database is away says nothing of this."""
    try:
        return pause.is_paused()
    except SQLAlchemyError:
        return False


@administrator_only
def delivery() -> str:
    """What would leave at once."""
    return _page()


def _page(error: str = "", typed: str = "") -> str:
    return render_template(
        "outbox/paused.html",
        owed=pause_delivery.owed(requests.actor(), clock.now()),
        says=letter_words,
        subject=outbox_page.subject,
        at=_in_utc,
        error=error,
        typed=typed,
    )


def _in_utc(moment: datetime) -> str:
    return str(gettext("%(at)s (UTC)", at=instant(moment, "UTC")))


@administrator_only
def act_on_delivery() -> Response | tuple[str, int]:
    """Pause, stop owing some letters or all that were due before an instant, or let them leave."""
    actor, now, act = requests.actor(), clock.now(), request.form.get("act", "")
    if act == "drop_before":
        typed = request.form.get("before", "").strip()
        before = _read(typed)
        if before is None or before > now:
            return _page(gettext("Give a day and a time in UTC that have passed."), typed), 422
        with transaction():
            _say(pause_delivery.drop_due_before(before, actor, now))
    elif act == "drop":
        with transaction():
            _say(pause_delivery.drop_letters(request.form.getlist("letter"), actor, now))
    elif act == "resume":
        with transaction():
            pause_delivery.resume(actor, now)
        flash(gettext("Letters leave again."), "good")
    elif act == "pause":
        with transaction():
            pause_delivery.begin(actor, now)
    else:
        raise BadRequest
    return redirect(url_for("pages.delivery"), SEE_OTHER)


def _read(typed: str) -> datetime | None:
    """What a datetime-local field sends; it has no zone, and its label says UTC."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC)
    except ValueError:
        return None


def _say(dropped: Dropped) -> None:
    counts: dict[str, Any] = {"letters": dropped.letters, "reminders": dropped.reminders}
    letters = ngettext("%(num)d letter", "%(num)d letters", counts["letters"])
    reminders = ngettext("%(num)d reminder", "%(num)d reminders", counts["reminders"])
    flash(gettext("Owed no longer: %(letters)s, %(reminders)s.", letters=letters, reminders=reminders), "good")
