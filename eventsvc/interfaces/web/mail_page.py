"""Mail that came in: what waits for a decision, one mail, the log of an event, and by which programs people answer."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal, WrongState
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState
from eventsvc.interfaces import mail_words, paging, requests, settling
from eventsvc.interfaces.downloads import not_stored
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_mail import ends_of
from eventsvc.interfaces.web import letter_words, mail_shown, outbox_page
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only, somebody_only
from eventsvc.workflows import show_mail
from eventsvc.workflows.show_mail import Shown

AT_ONCE = 25
_DONE = {
    "accept": lazy_gettext("Counted as yes."),
    "tentative": lazy_gettext("Counted as perhaps."),
    "decline": lazy_gettext("Counted as no."),
    mail_words.CONVERSATION: lazy_gettext("Put into the conversation."),
    mail_words.DISMISS: lazy_gettext("Noted that nothing is to be done."),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages and the target of the buttons."""
    ends = ",".join(mail_words.ENDS)
    blueprint.add_url_rule("/mail", view_func=mail_for_review)
    blueprint.add_url_rule("/mail/clients", view_func=mail_clients)
    blueprint.add_url_rule("/mail/<mail_id>", view_func=received_mail)
    blueprint.add_url_rule("/mail/<mail_id>.eml", view_func=mail_as_it_came)
    blueprint.add_url_rule(f"/mail/<mail_id>/<any({ends}):end>", view_func=settle_mail, methods=["POST"])
    blueprint.add_url_rule("/events/<event_id>/mail", view_func=mail_of_event)


@planner_only
def mail_for_review() -> str:
    """What waits for a decision, the oldest first, a page at a time."""
    cursor = request.args.get("cursor")
    found, following = show_mail.mails_for_review(requests.actor(), after=paging.number_key(cursor), limit=AT_ONCE)
    return render_template(
        "mail/list.html",
        found=found,
        following=paging.encode(following) if following else None,
        is_first_page=cursor is None,
        takes_mail=bool(services().links.mail_in),
        **_words(),
    )


@somebody_only
def received_mail(mail_id: str) -> str:
    """One mail: its words, what a calendar program said, what became of it."""
    return _page(show_mail.show_mail(mail_id, requests.actor()), Form())


@somebody_only
def mail_as_it_came(mail_id: str) -> Response:
    """The bytes, to be kept or opened elsewhere; a browser never shows them."""
    response = Response(show_mail.bytes_of(mail_id, requests.actor()), mimetype="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{mail_id}.eml"'
    return not_stored(response)


@somebody_only
def settle_mail(mail_id: str, end: str) -> ResponseReturnValue:
    """One press ends the review; a second one says that it has ended."""
    actor = requests.actor()
    try:
        with transaction():
            settling.settle(mail_id, end, actor=actor, now=clock.now())
    except Refusal as refusal:
        shown = show_mail.show_mail(mail_id, actor)
        if isinstance(refusal, WrongState) and shown.mail.state is not MailState.REVIEW:
            flash(gettext("This was decided already; nothing was changed."))
            return redirect(url_for("pages.received_mail", mail_id=mail_id), SEE_OTHER)
        form = Form()
        form.refuse(refusal, shown.event.zone if shown.event else None)
        return _page(shown, form), refusal.status
    flash(str(_DONE[end]), "good")
    return redirect(url_for("pages.mail_for_review"), SEE_OTHER)


@somebody_only
def mail_of_event(event_id: str) -> str:
    """What went and came about an event, by person."""
    log = show_mail.mail_log(event_id, requests.actor())
    return render_template(
        "mail/log.html",
        log=log,
        letters=letter_words,
        subject_of=outbox_page.subject,
        opens_letters=outbox_page.is_open_to(requests.actor()),
        **_words(),
    )


@somebody_only
def mail_clients() -> str:
    """By which programs and ways people answer."""
    found = show_mail.clients(requests.actor())
    return render_template("mail/clients.html", found=found, answer_words=AnswerWord, states=MailState, **_words())


def _page(shown: Shown, form: Form) -> str:
    return render_template("mail/mail.html", shown=shown, form=form, zone=_zone(shown), **_words())


def _zone(shown: Shown) -> str:
    return shown.event.zone if shown.event else "UTC"


def _words() -> dict[str, object]:
    return {"says": mail_words, "told": mail_shown, "ends_of": ends_of, "zone_of": _zone}
