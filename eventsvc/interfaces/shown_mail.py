"""Mail that came in, the mail log and the counts, JSON-ready: the same facts for JSON and the command line."""

from __future__ import annotations

from typing import Any

from eventsvc.core.times import iso
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces import mail_words
from eventsvc.interfaces.services import services
from eventsvc.workflows.show_mail import Clients, Line, LogOfPerson, MailLog, OfFamily, Shown


def mail_facts(shown: Shown) -> dict[str, Any]:
    """A mail and what became of it."""
    mail, expert = shown.mail, shown.expert
    return {
        "id": str(mail.public_id),
        "received_at": iso(mail.received_at),
        "door": mail.door,
        "state": str(mail.state),
        "reason": mail.reason,
        "says": mail_words.reason(mail),
        "from_address": mail.from_address,
        "subject": mail.subject,
        "family": mail.family,
        "is_verified": mail.is_verified,
        "event": event_line(shown.event) if shown.event else None,
        "expert": expert.slug if expert else None,
        "name": expert.name if expert else None,
        "settled_at": iso(mail.settled_at) if mail.settled_at else None,
        "resolution": mail.resolution or None,
        "ends": ends_of(shown),
        "url": services().links.to(f"/mail/{mail.public_id}"),
    }


def whole_mail_facts(shown: Shown) -> dict[str, Any]:
    """The same with what was read in it; never its bytes."""
    said = mail_words.said(shown.mail)
    return {**mail_facts(shown), **said}


def ends_of(shown: Shown) -> list[str]:
    """How the asker may end its review, by the words of the verb; nothing where it does not wait, or not for them."""
    mail = shown.mail
    if mail.state is not MailState.REVIEW or not shown.may_settle:
        return []
    answers = [str(word) for word in AnswerWord] if shown.event and mail.thread else []
    has_words = bool(shown.event and (mail.facts.get("words") or mail.facts.get("comment")))
    return [*answers, *([mail_words.CONVERSATION] if has_words else []), mail_words.DISMISS]


def event_line(event: Event) -> dict[str, Any]:
    """Which event."""
    public_id = str(event.public_id)
    return {"id": public_id, "title": event.title, "url": services().links.event_page(public_id)}


def log_facts(log: MailLog) -> dict[str, Any]:
    """The mail about an event, by person."""
    return {"event": event_line(log.event), "people": [_person(one) for one in log.people]}


def _person(log: LogOfPerson) -> dict[str, Any]:
    asked = log.invitation
    return {
        "expert": asked.expert.slug if asked else None,
        "name": asked.expert.name if asked else None,
        "state": str(asked.state) if asked else None,
        "lines": [_line(one) for one in log.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    if line.letter is not None:
        return {"at": iso(line.at), "way": "out", **_letter(line.letter)}
    mail = line.mail
    assert mail is not None  # a line is one or the other
    return {
        "at": iso(line.at),
        "way": "in",
        "id": str(mail.public_id),
        "state": str(mail.state),
        "what": mail.reason,
        "says": mail_words.reason(mail),
        "address": mail.from_address,
        "family": mail.family,
        "is_verified": mail.is_verified,
    }


def _letter(letter: Message) -> dict[str, Any]:
    calendar = letter.facts.get("calendar") or {}
    return {
        "id": str(letter.public_id),
        "state": str(letter.state),
        "what": letter.letter,
        "says": letter.error,
        "address": letter.to_address,
        "family": calendar.get("method", ""),
        "is_verified": None,
    }


def clients_facts(found: Clients) -> dict[str, Any]:
    """The counts."""
    return {
        "families": [_family(one) for one in found.families],
        "answers": [
            {"word": str(word), "by_mail": ways.by_mail, "by_link": ways.by_link, "on_behalf": ways.on_behalf}
            for word, ways in found.ways.items()
        ],
    }


def _family(one: OfFamily) -> dict[str, Any]:
    return {
        "family": one.family,
        "mails": one.mails,
        "verified": one.verified,
        **{str(word): one.words[word] for word in AnswerWord},
        **{str(state): one.states[state] for state in MailState},
        "reasons": [
            {"state": str(state), "reason": reason, "number": number}
            for (state, reason), number in sorted(one.reasons.items(), key=lambda entry: (-entry[1], entry[0]))
        ],
    }
