"""Letters: one Jinja source each, rendered from the message's row alone into a text and an HTML part.

A source is written as plain paragraphs. The first line is the subject. `link(words, url)` is an address of its own
in text and a button in HTML, `item(words, url)` a line of a list, `fact(label, words)` a line of what one must know;
everything else is escaped in HTML.
Rendering the same row twice gives the same bytes, so a message repeated after a crash is the same message (same
Message-ID).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime as rfc5322_date
from email.utils import formataddr
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from eventsvc.core import kept_words
from eventsvc.core.links import Links
from eventsvc.core.mail_addresses import can_be_written_to
from eventsvc.core.times import zone_named
from eventsvc.domain.outbox import paper
from eventsvc.domain.outbox.calendar_part import CalendarPart, answers_to, calendar_part
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.outbox.streams import Stream, sort_of

FOLDER = Path(__file__).parent / "letters"
TRANSLATIONS = Path(__file__).parents[2] / "translations"


_FILE = "invite.ics"
# Letters that are keys: nobody but the person to whom they are written may read them.
SEALED = frozenset({"sign_in"})
# CAN-SPAM asks for 30 days; letters are found again a year later.
CHOICE_LASTS = timedelta(days=400)


class _MailPolicy(EmailPolicy):
    """SMTP's policy, but subjects outside ASCII are folded by email.header.

    The library's own folding writes a second space where such a subject breaks.
    """

    def fold(self, name: str, value: str) -> str:
        """One header, folded."""
        if name != "Subject" or value.isascii():
            return str(super().fold(name, value))
        encoded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        return str(self.fold(name, value)).encode("ascii")


MAIL_POLICY = _MailPolicy(linesep="\r\n")


class Unreadable(Exception):
    """A row from which no letter can be made: a bug of ours that must not hold up other people's letters."""


class BadAddress(Unreadable):
    """An address to which no mail can be written, such as one with a line break."""


def render(message: Message, links: Links, sender: str) -> EmailMessage:
    """The mail of a message row; the same row, links and sender give the same bytes.

    Raises Unreadable, of which BadAddress is one.
    """
    with _readable():
        return _rendered(message, links, sender)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (TemplateError, LookupError, TypeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _rendered(message: Message, links: Links, sender: str) -> EmailMessage:
    subject, text = _written(message, links, as_html=False)
    _, html = _written(message, links, as_html=True)
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["From"] = sender
    if not can_be_written_to(message.to_address):
        raise BadAddress("no letter can leave for an address with other than ASCII letters")
    try:
        mail["To"] = formataddr((_literal(message.to_name), message.to_address))
    except (LookupError, TypeError, ValueError) as error:
        raise BadAddress(f"no mail can be written to this address ({type(error).__name__})") from error
    mail["Subject"] = _literal(subject)
    mail["Date"] = rfc5322_date(message.created_at)
    mail["Message-ID"] = f"<{message.public_id}@{links.host}>"
    mail["Auto-Submitted"] = "auto-generated"
    if replies := answers_to(message, links):
        mail["Reply-To"] = replies
    if sort_of(message.letter).stream is Stream.SUBSCRIBED:
        mail["List-Unsubscribe"] = f"<{choosing_page(message, links)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    language = written_in(message.language)
    mail.set_content(text)
    mail.add_alternative(paper.page(subject, html, language), subtype="html")
    if told := calendar_of(message, links):
        _add_calendar(mail, told, message)
    # Last: add_alternative moves every Content-… header that is there already into the text part.
    mail["Content-Language"] = language
    mail.set_boundary(f"=_{message.public_id.hex}")
    return mail


def _add_calendar(mail: EmailMessage, told: CalendarPart, message: Message) -> None:
    """The last alternative, by which programs show buttons (RFC 6047 2.4), and for others the same bytes as a file."""
    kind = {"charset": "utf-8", "method": str(told.method)}
    mail.add_alternative(told.body, maintype="text", subtype="calendar", params=kind)
    mail.set_boundary(f"=_{message.public_id.hex}-words")
    named = {"name": _FILE}
    mail.add_attachment(told.body, maintype="application", subtype="ics", filename=_FILE, params=named)
    mail["Content-class"] = "urn:content-classes:calendarmessage"  # for old Exchange


def calendar_of(message: Message, links: Links) -> CalendarPart | None:
    """What the reader's calendar is told by a letter, in its language; None where it is told nothing.

    Raises Unreadable.
    """
    if "calendar" not in message.facts:
        return None
    with _readable():
        place, description = _words_of("_calendar", message, links, as_html=False)
        return calendar_part(message, links, ("" if place == "-" else place, description.strip()))


def _literal(words: str) -> str:
    """Words for a header. What looks like an encoded word (RFC 2047) would be decoded, and may hold a line break."""
    return words.replace("=?", "= ?")


def choosing_page(message: Message, links: Links) -> str:
    """Where the reader of a letter stops letters like it, or chooses how they come; only for those with a topic."""
    topic, language = sort_of(message.letter).topic, written_in(message.language)
    assert topic is not None, "what always arrives leads nowhere to stop it"
    return links.letters(message.to_address, topic, language, message.created_at + CHOICE_LASTS)


def render_text(message: Message, links: Links) -> tuple[str, str]:
    """Subject and plain text, for the inbox page and for reading a letter without a mail client.

    Raises Unreadable; never BadAddress.
    """
    with _readable():
        return _written(message, links, as_html=False)


def _written(message: Message, links: Links, *, as_html: bool) -> tuple[str, str]:
    subject, body = _words_of(message.letter, message, links, as_html=as_html)
    if sort_of(message.letter).topic is None:
        return subject, body
    said, _ = _words_of("_stop", message, links, as_html=as_html)
    way = (paper.small_link if as_html else paper.plain_link)(said, choosing_page(message, links))
    return subject, f"{body}\n{paper.paragraphs(way)}" if as_html else f"{body}\n{way}\n"


def _words_of(name: str, message: Message, links: Links, *, as_html: bool) -> tuple[str, str]:
    environment = _environment(written_in(message.language), as_html)
    source = environment.get_template(f"{name}.txt")
    words = source.render(facts=message.facts, to_name=message.to_name, to_address=message.to_address, links=links)
    subject, _, body = words.strip().partition("\n")
    # What a source leaves out leaves its blank lines behind.
    body = re.sub(r"\n\s*\n", "\n\n", body.strip())
    if as_html:
        return Markup(subject).unescape(), paper.paragraphs(body)
    return " ".join(subject.split()), body + "\n"


@cache
def written_in(wanted: str) -> str:
    """The language a letter comes out in: the one wanted where it has a catalogue, else English, words and dates.

    The sources are English, so every English (en-GB) is its own.
    """
    try:
        is_english = Locale.parse(wanted, sep="-").language == "en"
    except (UnknownLocaleError, ValueError):
        return "en"
    return wanted if is_english or isinstance(_translations(wanted), Translations) else "en"


@cache
def _environment(language: str, as_html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=as_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    locale = _locale(language)
    environment.globals["link"] = paper.button if as_html else paper.plain_link
    environment.globals["item"] = paper.linked_item if as_html else paper.plain_item
    environment.globals["fact"] = paper.bold_fact if as_html else paper.plain_fact
    environment.filters["when"] = lambda facts: when_in_words(facts, locale)
    environment.filters["short_day"] = lambda facts: _short_day(facts, locale)
    environment.filters["short_when"] = lambda facts: _short_when(facts, locale)
    environment.filters["day"] = lambda day: format_date(date.fromisoformat(day), "full", locale)
    environment.filters["medium_day"] = lambda day: format_skeleton("MMMEd", date.fromisoformat(day), locale=locale)
    environment.filters["window"] = lambda window: _window(window, locale)
    environment.filters["instant"] = datetime.fromisoformat
    words = _translations(language)
    environment.filters["said"] = lambda kept: kept_words.said(kept).translated(words.gettext, words.ngettext)
    return environment


def _translations(language: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [language.replace("-", "_")])


def _locale(language: str) -> Locale:
    """A language without a country is written as in the United States: 2:00 PM, 2:00 p.m."""
    locale = Locale.parse(language, sep="-")
    return locale if locale.territory or locale.language not in ("en", "es") else Locale(locale.language, "US")


def _short_day(facts: dict[str, Any], locale: Locale) -> str:
    """The day of an event for a subject line: Wed, Feb 10."""
    start = datetime.fromisoformat(facts["starts_at"]).astimezone(zone_named(facts["zone"]))
    return str(format_skeleton("MMMEd", start, locale=locale))


def _short_when(facts: dict[str, Any], locale: Locale) -> str:
    """Day and hour for a subject line, which a phone cuts short: Wed, Feb 10, 2:00 PM."""
    if facts["all_day"]:
        return _short_day(facts, locale)
    start = datetime.fromisoformat(facts["starts_at"]).astimezone(zone_named(facts["zone"]))
    hour = format_time(start, "short", locale=locale).replace("\u202f", " ")
    return f"{_short_day(facts, locale)}, {hour}"


def _window(window: dict[str, Any], locale: Locale) -> str:
    """Days and hours of a wish: "Feb 1, 2027 – Feb 12, 2027, 9:00 AM – 5:00 PM"."""
    days = dict.fromkeys(
        format_date(date.fromisoformat(window[end]), "medium", locale) for end in ("first_on", "last_on")
    )
    hours = [time(minute // 60 % 24, minute % 60) for minute in (window["from"], window["until"])]
    said = " – ".join(format_time(one, "short", locale=locale) for one in hours)
    return f"{' – '.join(days)}, {said}".replace("\u202f", " ")


def when_in_words(facts: dict[str, Any], locale: Locale | str = "en_US") -> str:
    """Day, time and zone in words: "Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)"."""
    zone = zone_named(facts["zone"])
    start = datetime.fromisoformat(facts["starts_at"]).astimezone(zone)
    end = datetime.fromisoformat(facts["ends_at"]).astimezone(zone)
    if facts["all_day"]:
        last_day = date.fromisoformat(facts["starts_on"]) + timedelta(days=facts["days"] - 1)
        days = [start.date()] if facts["days"] == 1 else [start.date(), last_day]
        return " – ".join(format_date(day, "full", locale) for day in days)
    name = get_timezone_name(start, "long", locale=locale)
    begins = f"{format_date(start, 'full', locale)}, {format_time(start, 'short', locale=locale)}"
    ends = format_time(end, "short", locale=locale)
    if start.date() != end.date():
        ends = f"{format_date(end, 'full', locale)}, {ends}"
    # Babel writes a narrow no-break space before AM and PM, which old mail clients show as a box.
    return f"{begins} – {ends} ({name})".replace("\u202f", " ")
