"""The inbox of all letters, as the service owes and sends them: a planner's page, because letters hold answer links.

In a demo it is open to everybody: there it is the only place where letters arrive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from eventsvc.core.times import is_zone
from eventsvc.domain.outbox import letters, post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame

blueprint = Blueprint("outbox", __name__)
PAGE_OF_LETTERS = 25
STATES = {
    MessageState.QUEUED: lazy_gettext("waits to be sent"),
    MessageState.LEASED: lazy_gettext("is being sent"),
    MessageState.SENT: lazy_gettext("sent"),
    MessageState.FAILED: lazy_gettext("failed"),
    MessageState.DROPPED: lazy_gettext("no longer owed"),
}
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)


def _for_planners(view: Callable[..., str]) -> Callable[..., Any]:
    """A planner's page, but for the demo."""
    guarded = frame.planner_only(view)

    @wraps(guarded)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        return (view if services().is_demo else guarded)(*args, **kwargs)

    return chosen


@blueprint.get("/outbox")
@_for_planners
def inbox() -> str:
    """Every letter, newest first, a page at a time; `to` narrows to addresses that hold those letters."""
    # No address holds a NUL, and PostgreSQL takes none in any text.
    to = request.args.get("to", "").replace("\x00", "").strip()
    found = post.newest(PAGE_OF_LETTERS + 1, before=request.args.get("before", ""), to=to)
    shown = found[:PAGE_OF_LETTERS]
    return render_template(
        "outbox/list.html",
        letters=[(message, _subject_of(message, _mail_of(message))) for message in shown],
        to=to,
        is_first_page="before" not in request.args,
        next_before=str(shown[-1].public_id) if len(found) > PAGE_OF_LETTERS else None,
        states=STATES,
        zone_of=_zone_of,
    )


@blueprint.get("/outbox/<message_id>")
@_for_planners
def letter(message_id: str) -> str:
    """One letter as it leaves the house: its headers and its plain text with links that can be followed."""
    message = post.get_message(message_id)
    mail = _mail_of(message)
    body = mail.get_body(("plain",)) if mail else None
    return render_template(
        "outbox/letter.html",
        message=message,
        subject=_subject_of(message, mail),
        headers=[(name, str(mail[name])) for name in _HEADERS] if mail else [("To", message.to_address)],
        text=linked(body.get_content() if body else ""),
        states=STATES,
        zone_of=_zone_of,
    )


def _mail_of(message: Message) -> EmailMessage | None:
    """The mail of a row, or None for a row from which none can be made."""
    try:
        return letters.render(message, services().links, services().sender)
    except letters.Unreadable:
        return None


def _zone_of(message: Message) -> str:
    """The zone of the event that a letter is about; its times are shown by that clock."""
    zone = message.facts.get("event", {}).get("zone", "UTC")
    return zone if is_zone(zone) else "UTC"


def _subject_of(message: Message, mail: EmailMessage | None) -> str:
    return str(mail["Subject"]) if mail else gettext("(no letter can be made of this: %(kind)s)", kind=message.letter)


def linked(text: str) -> Markup:
    """Plain text as HTML: everything is escaped, and web addresses become links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
