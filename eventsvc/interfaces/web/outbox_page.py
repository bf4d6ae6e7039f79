"""The inbox of all letters, as the service owes and sends them: a planner's page, because letters hold answer links.

In a demo it is open to everybody: there it is the only place where letters arrive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from email.message import EmailMessage
from functools import wraps
from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from eventsvc.core.errors import NotFound, say
from eventsvc.core.times import local_day
from eventsvc.domain.accounts import Actor, may_run
from eventsvc.domain.outbox import letters, post, sender
from eventsvc.domain.outbox.calendar_part import CalendarPart
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import Wanted
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, letter_frame, letter_words

blueprint = Blueprint("outbox", __name__)
PAGE_OF_LETTERS = 25
_HEADERS = {"From": lazy_gettext("From"), "To": lazy_gettext("To")}
# These keep the names that they have in the mail.
_TECHNICAL = {
    name: name for name in ("Subject", "Date", "Message-ID", "Reply-To", "Content-Language", "Auto-Submitted")
}
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)


def _for_planners(view: Callable[..., Any]) -> Callable[..., Any]:
    """A planner's page, but for the demo."""
    guarded = frame.administrator_only(view)

    @wraps(guarded)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        return (view if services().is_demo else guarded)(*args, **kwargs)

    return chosen


@blueprint.get("/outbox")
@_for_planners
def inbox() -> str:
    """Letters, newest first under their days, a page at a time; `to`, `state` and `event` narrow."""
    wanted = _wanted()
    found = post.newest(PAGE_OF_LETTERS + 1, before=request.args.get("before", ""), wanted=wanted)
    shown = found[:PAGE_OF_LETTERS]
    return render_template(
        "outbox/list.html",
        days=_by_day(shown),
        counts=post.counts() if may_run(requests.actor()) else None,
        about=next((letter_words.event_title(message) for message in shown if wanted.event), ""),
        wanted=wanted,
        query=_query(wanted),
        is_first_page="before" not in request.args,
        next_before=str(shown[-1].public_id) if len(found) > PAGE_OF_LETTERS else None,
        says=letter_words,
        is_delivering=bool(services().smtp_url),
    )


@blueprint.get("/outbox/<message_id>")
@_for_planners
def letter(message_id: str) -> str:
    """One letter as it leaves the house: its headers, its HTML, and its plain text with links that can be followed."""
    message, wanted = post.get_message(message_id), _wanted()
    mail = _mail_of(message)
    said = _words_of(message)
    newer, older = post.beside(message, wanted)
    return render_template(
        "outbox/letter.html",
        message=message,
        subject=_subject_in(said, message),
        headers=_named(mail, _HEADERS) if mail else [(_HEADERS["To"], message.to_address)],
        technical=_named(mail, _TECHNICAL) if mail else [],
        calendar=_calendar_of(message),
        text=linked(said[1] if said else ""),
        is_sealed=_is_sealed(message),
        is_readable=said is not None,
        can_leave=mail is not None,
        newer=newer,
        older=older,
        query=_query(wanted),
        says=letter_words,
    )


@blueprint.get("/outbox/<message_id>/html")
@_for_planners
def html(message_id: str) -> Response:
    """The HTML part of a letter as a document of its own, for the frame on its page; refuses NotFound."""
    message = post.get_message(message_id)
    return letter_frame.document(None if _is_sealed(message) else _mail_of(message))


def is_open_to(actor: Actor) -> bool:
    """True for those who read letters here: in a demo everybody."""
    return services().is_demo or may_run(actor)


def subject(message: Message) -> str:
    """What stands in the subject of a letter, of one that cannot leave for its address, too."""
    return _subject_in(_words_of(message), message)


@blueprint.get("/outbox/<message_id>/invite.ics")
@_for_planners
def calendar(message_id: str) -> Response:
    """What a letter tells its reader's calendar, as text; refuses NotFound."""
    told = _calendar_of(post.get_message(message_id))
    if told is None:
        raise NotFound(say("There is no such letter."))
    return Response(told.body, mimetype="text/plain", headers={"Content-Language": "en"})


def _calendar_of(message: Message) -> CalendarPart | None:
    try:
        return letters.calendar_of(message, services().links)
    except letters.Unreadable:
        return None


def _is_sealed(message: Message) -> bool:
    """True for letters that sign somebody in; in a demo this page is everybody's mailbox."""
    return message.letter in letters.SEALED and not services().is_demo


def _wanted() -> Wanted:
    """The filters of the address; refuses NotFound for a state that no letter can be in."""
    state = request.args.get("state", "")
    if state and state not in list(MessageState):
        raise NotFound(say("No letter can be in that state."))
    return Wanted(to=_plain("to"), state=MessageState(state) if state else None, event=_plain("event"))


def _plain(name: str) -> str:
    """No address holds a NUL, and PostgreSQL takes none in any text."""
    return request.args.get(name, "").replace("\x00", "").strip()


def _query(wanted: Wanted) -> dict[str, str]:
    """For links that keep the filters."""
    named = {"to": wanted.to, "state": wanted.state or "", "event": wanted.event}
    return {name: str(value) for name, value in named.items() if value}


def _by_day(messages: Iterable[Message]) -> list[tuple[date, list[tuple[Message, str]]]]:
    """Letters with their subjects under the local days on which they were written, in the order given."""

    def day_of(message: Message) -> date:
        return local_day(message.created_at, letter_words.zone_of(message))

    return [(day, [(one, subject(one)) for one in group]) for day, group in groupby(messages, day_of)]


def _words_of(message: Message) -> tuple[str, str] | None:
    """Subject and plain text of a row, or None for a row from which no letter can be made."""
    try:
        return letters.render_text(message, services().links)
    except letters.Unreadable:
        return None


def _subject_in(said: tuple[str, str] | None, message: Message) -> str:
    return said[0] if said else gettext("(no letter can be made of this: %(kind)s)", kind=message.letter)


def _mail_of(message: Message) -> EmailMessage | None:
    """The mail of a row, or None where none can be made of it, or none can leave for its address."""
    try:
        return letters.render(message, services().links, _sender())
    except letters.Unreadable:
        return None


def _sender() -> str:
    """Looked up once a request."""
    if "sender" not in g:
        g.sender = sender.present(services().sender)
    present: str = g.sender
    return present


def _named(mail: EmailMessage, labels: Mapping[str, Any]) -> list[tuple[Any, str]]:
    return [(label, str(mail[name])) for name, label in labels.items() if name in mail]


def linked(text: str) -> Markup:
    """Plain text as HTML: everything is escaped, and web addresses become links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
