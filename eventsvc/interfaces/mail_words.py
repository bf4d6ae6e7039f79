"""Mail in words: states, families of programs, ways in, how a review ended; and what a mail says, out of its facts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from eventsvc.core import kept_words
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.reasons import SENTENCES, Reason
from eventsvc.ical.imip import Family, Problem
from eventsvc.interfaces.languages import translated

STATES = {
    MailState.WAITING: lazy_gettext("Not read yet"),
    MailState.APPLIED: lazy_gettext("Acted upon"),
    MailState.NOTED: lazy_gettext("Noted"),
    MailState.REVIEW: lazy_gettext("Waits for a decision"),
    MailState.IGNORED: lazy_gettext("Left alone"),
    MailState.SETTLED: lazy_gettext("Somebody has decided"),
}
FAMILIES = {
    Family.GOOGLE: lazy_gettext("Google"),
    Family.MICROSOFT: lazy_gettext("Microsoft (Outlook, Exchange)"),
    Family.APPLE: lazy_gettext("Apple"),
    Family.KDE: lazy_gettext("KDE"),
    Family.MOZILLA: lazy_gettext("Thunderbird"),
    Family.OTHER: lazy_gettext("Other programs"),
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
    return str(gettext("Our mail server could not confirm the sender; it may be forged."))


def is_kept(mail: ReceivedMail) -> bool:
    """False once its words are forgotten."""
    return bool(mail.facts or mail.from_address or mail.subject)


# What a calendar program said, in the order in which a page has it.
SAID = {
    "method": lazy_gettext("Sort of answer"),
    "word": lazy_gettext("What they answer"),
    "comment": lazy_gettext("In their words"),
    "guests": lazy_gettext("Guests beside them"),
    "starts": lazy_gettext("Proposed or planned start"),
    "ends": lazy_gettext("Proposed or planned end"),
    "attendees": lazy_gettext("Who answers"),
    "sent_by": lazy_gettext("Sent by"),
    "delegated_to": lazy_gettext("Who comes instead"),
    "sequence": lazy_gettext("Version of the invitation"),
    "uid": lazy_gettext("Mark of the event"),
}
# PARTSTAT (RFC 5545 3.2.12), as far as it says something.
ANSWERED = {
    "ACCEPTED": WORDS[AnswerWord.ACCEPT],
    "TENTATIVE": WORDS[AnswerWord.TENTATIVE],
    "DECLINED": WORDS[AnswerWord.DECLINE],
}
# Why a mail cannot be read.
PROBLEMS = {
    Problem.TOO_LARGE: lazy_gettext("It is longer than what is read."),
    Problem.TOO_MUCH: lazy_gettext("It takes too much time or memory to read it."),
    Problem.READER_DIED: lazy_gettext("Reading it broke off twice."),
    Problem.TOO_MANY_PARTS: lazy_gettext("It has too many parts, or parts within parts too deep."),
    Problem.HEADERS_TOO_LONG: lazy_gettext("Its headers are too long."),
    Problem.BROKEN_MAIL: lazy_gettext("It is not built as mail is."),
    Problem.TWO_SENDERS: lazy_gettext("It names two senders; nobody can tell which of them was checked."),
    Problem.EMPTY: lazy_gettext("There is nothing in it."),
    Problem.TNEF: lazy_gettext("Outlook has packed it in a form of its own (winmail.dat)."),
    Problem.CALENDAR_TOO_LARGE: lazy_gettext("Its calendar part is longer than what is read."),
    Problem.BROKEN_CALENDAR: lazy_gettext("Its calendar part breaks the rules of calendars."),
    Problem.SEVERAL_CALENDARS: lazy_gettext("It holds several calendars."),
    Problem.SEVERAL_EVENTS: lazy_gettext("It answers for several events at once."),
    Problem.METHODS_DISAGREE: lazy_gettext("Its header and its calendar part name different methods."),
    Problem.NO_METHOD: lazy_gettext("Its calendar part does not say what it is: an answer, or something else."),
    Problem.NO_UID: lazy_gettext("Its calendar part does not say which event it is about."),
    Problem.CONTRADICTORY: lazy_gettext("It says two things of the same person."),
    Problem.UNKNOWN_ZONE: lazy_gettext("It names a time in a time zone that nobody knows."),
}
_WRITTEN = ("from_name", "words", "diagnosis")


def said(mail: ReceivedMail) -> dict[str, Any]:
    """What was read in a mail: its words, what a calendar program said, why it cannot be read or could not be taken."""
    facts = mail.facts
    return {
        **{name: str(facts.get(name, "")) for name in _WRITTEN},
        "problem": str(PROBLEMS[Problem(facts["problem"])]) if facts.get("problem") in set(Problem) else "",
        "calendar": {name: facts[name] for name in SAID if facts.get(name)},
        "is_told": bool(facts.get("refusal", {}).get("is_told")),
        "refusals": [translated(kept_words.said(one)) for one in facts.get("refusal", {}).get("reasons", [])],
    }
