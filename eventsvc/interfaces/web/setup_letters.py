"""Two steps of setting up: the sender with a test letter, and the calendar address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.domain.accounts import Actor, may_run
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.outbox import sender
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces import languages, requests, signed_in
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, calendars_page, letter_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.setup_steps import Saved, StepPage, form_of
from eventsvc.workflows import keep_sender
from eventsvc.workflows.college_standing import campuses_of

# A scheduler that runs delivers within a minute; after this long it is not running.
PATIENCE = timedelta(minutes=2)


def _filled_sender(college: Organization) -> Form:
    name, address = sender.parts(sender.present(services().sender))
    return form_of({"sender_name": name, "address": address, "to": _own_address()})


def _own_address() -> str:
    here = signed_in.session()
    return here.account.email if here else ""


def _save_sender(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    if form.value("act") == "sender":
        keep_sender.choose_sender(form.value("sender_name"), form.value("address"), actor=actor, now=now)
        return Saved(
            gettext("Letters come from there from now on. Send the test letter to see that they arrive."), True
        )
    to = form.value("to") if may_run(actor) else _own_address()
    if not to.strip():
        raise InvalidInput({"to": say("is empty")})
    page = url_for("pages.set_up_step", slug=college.slug, step="sender")
    said = {"default_sender": services().sender, "language": languages.present(), "page": page}
    keep_sender.send_test_letter(college, to, **said, actor=actor, now=now)
    return Saved(gettext("The test letter is written. This page shows what becomes of it."), stays=True)


def _shown_sender(college: Organization, form: Form) -> dict[str, Any]:
    letter = keep_sender.newest_test_letter(college)
    chosen = sender.chosen()
    return {
        "server": server_in_words(services().smtp_url),
        "present_sender": sender.present(services().sender),
        "is_chosen": chosen is not None,
        "default_sender": services().sender,
        "is_demo_inbox": services().is_demo and not services().smtp_url,
        "may_choose": may_run(requests.actor()),
        "own_address": _own_address(),
        "letter": letter,
        "is_waiting": letter is not None and letter.state in (MessageState.QUEUED, MessageState.LEASED),
        "seems_stopped": letter is not None and _seems_stopped(letter),
        "says": letter_words,
    }


def _seems_stopped(letter: Message) -> bool:
    """True when nobody has tried to send it for longer than a scheduler that runs would leave it."""
    waits = letter.state is MessageState.QUEUED and not letter.error and services().transport() is not None
    return waits and clock.now() - letter.created_at > PATIENCE


def server_in_words(smtp_url: str) -> dict[str, str]:
    """What may be shown of SMTP_URL: everything but the password."""
    if not smtp_url:
        return {}
    parts = urlsplit(smtp_url)
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    return {"host": f"{parts.hostname}:{port}", "user": parts.username or "", "scheme": parts.scheme}


def _save_feed(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    """Nothing is typed here: the button looks whether a program has asked meanwhile."""
    raise WrongState(say("There is nothing to save here."))


def _shown_feed(college: Organization, form: Form) -> dict[str, Any]:
    campuses = campuses_of(college)
    if not campuses:
        return {"feed": None}
    feed = calendars_page.feed_of_campus(campuses[0])
    return {
        "feed": feed,
        "campus": campuses[0],
        "qr": calendars_page.qr_code(services().links.to(feed.page)),
        "is_local_only": calendar_links.is_local_only(services().links),
    }


_SENDER_FIELDS = {"name": "sender_name", "email": "address"}
SENDER = StepPage("setup/sender.html", _filled_sender, _save_sender, _shown_sender, _SENDER_FIELDS)
FEED = StepPage("setup/feed.html", lambda college: Form(), _save_feed, _shown_feed, {})
