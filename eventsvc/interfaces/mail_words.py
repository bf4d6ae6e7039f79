"""Mail in words: states, families of programs, ways in, how a review ended; and what a mail says, out of its facts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from eventsvc.core import kept_words
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.reasons import SENTENCES, Reason
from eventsvc.ical.imip import Family
from eventsvc.interfaces.languages import translated

STATES = {
    MailState.WAITING: lazy_gettext("Not read yet"),
    MailState.APPLIED: lazy_gettext("Taken"),
    MailState.NOTED: lazy_gettext("Noted"),
    MailState.REVIEW: lazy_gettext("Waits for a decision"),
    MailState.IGNORED: lazy_gettext("Left alone"),
    MailState.SETTLED: lazy_gettext("Decided"),
}
FAMILIES = {
    Family.GOOGLE: lazy_gettext("Google"),
    Family.MICROSOFT: lazy_gettext("Microsoft (Outlook, Exchange)"),
    Family.APPLE: lazy_gettext("Apple"),
    Family.KDE: lazy_gettext("KDE"),
    Family.MOZILLA: lazy_gettext("Thunderbird"),
    Family.OTHER: lazy_gettext("Others"),
}
WORDS = {
    AnswerWord.ACCEPT: lazy_gettext("Yes"),
    AnswerWord.TENTATIVE: lazy_gettext("Perhaps"),
    AnswerWord.DECLINE: lazy_gettext("No"),
}
# How a review ends: the verbs of the doors, and what is kept of it (`resolution`).
CONVERSATION, DISMISS = "conversation", "dismiss"
ENDS = (*map(str, AnswerWord), CONVERSATION, DISMISS)
RESOLUTIONS = {
    "accept": lazy_gettext("counted as yes"),
    "tentative": lazy_gettext("counted as perhaps"),
    "decline": lazy_gettext("counted as no"),
    CONVERSATION: lazy_gettext("put into the conversation"),
    "dismissed": lazy_gettext("nothing to do"),
}


def reason(mail: ReceivedMail) -> str:
    """Why it is where it is, in a sentence."""
    if mail.state is MailState.WAITING:
        return str(gettext("It is read within a minute."))
    return sentence(mail.reason)


def sentence(word: str) -> str:
    """A reason in words; empty for none of ours."""
    return translated(SENTENCES[Reason(word)]) if word in set(Reason) else ""


def family(mail: ReceivedMail) -> str:
    """By which sort of program it was written; empty while nobody has looked."""
    return str(FAMILIES[Family(mail.family)]) if mail.family in set(Family) else ""


def verified(mail: ReceivedMail) -> str:
    """What our own mail server says of the sender."""
    if mail.is_verified is None:
        return str(gettext("Our mail server says nothing of the sender."))
    if mail.is_verified:
        return str(gettext("Our mail server vouches for the sender."))
    return str(gettext("Our mail server says that the sender is forged."))


def is_kept(mail: ReceivedMail) -> bool:
    """False once its words are forgotten."""
    return bool(mail.facts or mail.from_address or mail.subject)


# What a calendar program said, in the order in which a page has it.
SAID = {
    "method": lazy_gettext("Sort of answer"),
    "word": lazy_gettext("Answer"),
    "comment": lazy_gettext("In their words"),
    "guests": lazy_gettext("Guests beside them"),
    "starts": lazy_gettext("From"),
    "ends": lazy_gettext("Up to"),
    "attendees": lazy_gettext("Who answers"),
    "sent_by": lazy_gettext("Sent by"),
    "delegated_to": lazy_gettext("Who comes instead"),
    "sequence": lazy_gettext("Version of the invitation"),
    "uid": lazy_gettext("Mark of the event"),
}
_WRITTEN = ("from_name", "words", "problem", "diagnosis")


def said(mail: ReceivedMail) -> dict[str, Any]:
    """What was read in a mail: its words, what a calendar program said, why it cannot be read or could not be taken."""
    facts = mail.facts
    return {
        **{name: str(facts.get(name, "")) for name in _WRITTEN},
        "calendar": {name: facts[name] for name in SAID if facts.get(name)},
        "refusals": [translated(kept_words.said(one)) for one in facts.get("refusal", {}).get("reasons", [])],
    }
