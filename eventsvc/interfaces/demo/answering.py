"""Buttons beside a letter of the demo's inbox: answer as a calendar program would, by a mail that really comes in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.outbox import letters, post
from eventsvc.domain.outbox.models import Message
from eventsvc.ical.imip import Family
from eventsvc.ical.reply_writer import Question, question_in
from eventsvc.interfaces.demo.mail import answer
from eventsvc.interfaces.services import services
from eventsvc.workflows.read_mail import read_waiting
from eventsvc.workflows.take_in_mail import take_in

SEE_OTHER = 303
FAMILIES = {Family.GOOGLE: lazy_gettext("Google"), Family.MICROSOFT: lazy_gettext("Microsoft (Outlook, Exchange)")}
WORDS = {
    "ACCEPTED": lazy_gettext("Yes"),
    "TENTATIVE": lazy_gettext("Perhaps"),
    "DECLINED": lazy_gettext("No"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the target of the buttons."""
    blueprint.add_url_rule("/reply/<message_id>", view_func=answer_letter, methods=["POST"])


def question_of(message: Message) -> Question | None:
    """What a letter asks calendars; None where it asks nothing, or where no mail would be read."""
    if not message.facts.get("thread", {}).get("takes_answers"):
        return None
    told = letters.calendar_of(message, services().links)
    return question_in(told.body) if told is not None and told.method == "REQUEST" else None


def answer_letter(message_id: str) -> Response:
    """Write the mail of that program with that answer, take it in and read it."""
    message = post.get_message(message_id)
    question = question_of(message)
    family, word = request.form.get("family", ""), request.form.get("word", "")
    if question is None or word not in WORDS or family not in set(FAMILIES):
        raise NotFound
    now = clock.now()
    mail = answer(question, word, Family(family), sender=question.attendee, at=now)
    with transaction():
        take_in(mail.as_bytes(), door="demo", envelope_to=question.organizer, now=now)
    read_waiting(services().links, "", clock.now)
    flash(gettext("The mail came in and was read. The event’s page and its mail log show what became of it."), "good")
    return redirect(url_for("outbox.letter", message_id=message_id), SEE_OTHER)
