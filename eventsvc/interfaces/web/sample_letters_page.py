"""A sample of every letter, as it leaves the house: in both languages, text and HTML, for who runs the service."""

from __future__ import annotations

from email.message import EmailMessage

from flask import Blueprint, Response, g, render_template
from flask_babel import gettext

from eventsvc.core.errors import NotFound, say
from eventsvc.domain.outbox import letters, sender
from eventsvc.domain.outbox.samples import SAMPLES, a_sample
from eventsvc.domain.outbox.streams import Stream, sort_of
from eventsvc.interfaces import languages
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, letter_frame, topic_words
from eventsvc.interfaces.web.outbox_page import linked

_SHOWN = ("Subject", "Reply-To", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")


def add_routes(blueprint: Blueprint) -> None:
    """Add the list and the letters."""
    blueprint.add_url_rule("/letters", view_func=sample_letters)
    blueprint.add_url_rule("/letters/<name>/<language>", view_func=sample_letter)
    blueprint.add_url_rule("/letters/<name>/<language>/html", view_func=sample_letter_html)


@frame.administrator_only
def sample_letters() -> str:
    """Every letter by its stream, with its subject in the language of the page."""
    language = languages.present()
    found = [(name, *letters.render_text(a_sample(name, language), services().links)[:1]) for name in sorted(SAMPLES)]
    streams = [
        (stream, topic_words.STREAMS[stream], [(name, subject) for name, subject in found if _is_of(name, stream)])
        for stream in Stream
    ]
    return render_template(
        "outbox/samples.html", streams=streams, language=language, topic_of=_topic_of, languages=languages.NAMES
    )


@frame.administrator_only
def sample_letter(name: str, language: str) -> str:
    """One letter; refuses NotFound."""
    mail = _mail_of(name, language)
    body = mail.get_body(("plain",))
    names = sorted(SAMPLES)
    place = names.index(name)
    return render_template(
        "outbox/sample.html",
        name=name,
        language=language,
        languages=languages.NAMES,
        subject=str(mail["Subject"]),
        heads=[(head, str(mail[head])) for head in _SHOWN if head in mail],
        stream=topic_words.STREAMS[sort_of(name).stream],
        topic=_topic_of(name),
        text=linked(body.get_content() if body else ""),
        before=names[place - 1] if place else "",
        after=names[place + 1] if place + 1 < len(names) else "",
    )


@frame.administrator_only
def sample_letter_html(name: str, language: str) -> Response:
    """Its HTML as a document of its own; refuses NotFound."""
    return letter_frame.document(_mail_of(name, language))


def _mail_of(name: str, language: str) -> EmailMessage:
    if language not in languages.NAMES:
        raise NotFound(say("There is no such letter."))
    if "sender" not in g:
        g.sender = sender.present(services().sender)
    return letters.render(a_sample(name, language), services().links, g.sender)


def _is_of(name: str, stream: Stream) -> bool:
    return sort_of(name).stream is stream


def _topic_of(name: str) -> str:
    topic = sort_of(name).topic
    return str(topic_words.NAMES[topic]) if topic else str(gettext("always arrives"))
