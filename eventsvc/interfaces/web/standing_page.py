"""How delivery stands: counts, ages, errors, what was set aside; and trying it again or dropping it.

The buttons on the page of one letter lead here as well, and back to that page.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import format_timedelta, gettext, lazy_gettext, ngettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import MessageState
from eventsvc.domain.outbox.post import Wanted
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import letter_words, outbox_page
from eventsvc.interfaces.web.frame import SEE_OTHER, administrator_only
from eventsvc.interfaces.web.words import instant
from eventsvc.workflows import delivery_standing, keep_outbox, keep_webhooks

WORK = {
    WorkKind.COMPLETION: lazy_gettext("Noting that an event has ended"),
    WorkKind.PLANNING: lazy_gettext("Planning the reminders of an event"),
    WorkKind.REMINDER: lazy_gettext("Writing the reminders of an event"),
    WorkKind.STEP: lazy_gettext("Asking again, or asking the next in line"),
    WorkKind.UNDERSTUDY: lazy_gettext("Giving up an understudy who is booked elsewhere"),
    WorkKind.AFTERWARDS: lazy_gettext("Asking how many came, and thanking"),
}
_SET_ASIDE = Wanted(state=MessageState.SET_ASIDE)


def add_routes(blueprint: Blueprint) -> None:
    """Add the page and its form."""
    blueprint.add_url_rule("/outbox/state", view_func=delivery_state)
    blueprint.add_url_rule("/outbox/state", view_func=act_on_outbox, methods=["POST"])


@administrator_only
def delivery_state() -> str:
    """How delivery stands."""
    actor = requests.actor()
    stands = delivery_standing.standing(actor, clock.now())
    return render_template(
        "outbox/state.html",
        stands=stands,
        waited=format_timedelta(stands.oldest_due) if stands.oldest_due is not None else None,
        set_aside=stands.counts.get(MessageState.SET_ASIDE, 0),
        webhooks=[(*one, keep_webhooks.may_keep(actor, one[0].office)) for one in stands.webhooks_set_aside],
        works=WORK,
        says=letter_words,
        subject=outbox_page.subject,
        at=lambda moment: gettext("%(at)s (UTC)", at=instant(moment, "UTC")),
    )


@administrator_only
def act_on_outbox() -> Response:
    """Try again or drop one letter, or all that were set aside; try other work again."""
    act, letter = request.form.get("act", ""), request.form.get("letter", "")
    with transaction():
        if act in ("retry", "drop") and letter:
            flash(_one_letter(act, letter), "good")
        elif act in ("retry_all", "drop_all"):
            _all_letters(act, request.form.get("number", ""))
        elif act == "retry_work":
            flash(_other_work(request.form.get("kind", ""), request.form.get("row", "")), "good")
        else:
            raise BadRequest
    if letter and request.form.get("from") == "letter":
        return redirect(url_for("outbox.letter", message_id=letter), SEE_OTHER)
    return redirect(url_for("pages.delivery_state"), SEE_OTHER)


def _one_letter(act: str, letter: str) -> str:
    actor, now = requests.actor(), clock.now()
    if act == "retry":
        keep_outbox.retry_one(letter, actor=actor, now=now)
        return str(gettext("The letter is tried again."))
    keep_outbox.drop_one(letter, actor=actor, now=now)
    return str(gettext("The letter is not sent any more."))


def _all_letters(act: str, number: str) -> None:
    """All that were set aside; none are dropped where they are not as many any more as were shown."""
    actor, now = requests.actor(), clock.now()
    if act == "retry_all":
        done = len(keep_outbox.retry(_SET_ASIDE, actor=actor, now=now))
        flash(ngettext("%(num)d letter is tried again.", "%(num)d letters are tried again.", done), "good")
    elif number != str(post.counts().get(MessageState.SET_ASIDE, 0)):
        flash(gettext("Others were set aside meanwhile. Look at them first; nothing was dropped."), "warn")
    else:
        done = len(keep_outbox.drop(_SET_ASIDE, actor=actor, now=now))
        flash(ngettext("%(num)d letter is not sent any more.", "%(num)d letters are not sent any more.", done), "good")


def _other_work(kind: str, row: str) -> str:
    actor, now = requests.actor(), clock.now()
    if not kind:
        keep_outbox.retry_work(actor=actor, now=now)
        return str(gettext("All other work is tried again."))
    number = int(row) if row.isdecimal() and len(row) < 10 else 0
    keep_outbox.retry_one_work(kind, number, actor=actor, now=now)
    return str(gettext("It is tried again."))
