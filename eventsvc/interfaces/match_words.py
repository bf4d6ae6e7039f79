"""The reasons for and against somebody, and the clashes in them, in a person's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import format_decimal, get_locale, gettext, lazy_gettext, ngettext

from eventsvc.domain.requests.fairness import Share
from eventsvc.domain.requests.matching import Match, Reason, ReasonKind

_CLASHES = {
    "overlap": lazy_gettext("booked"),
    "travel": lazy_gettext("too far from what is before or after"),
    "closed": lazy_gettext("outside of hours"),
    "leave": lazy_gettext("away"),
    "busy_elsewhere": lazy_gettext("busy elsewhere"),
    "limit": lazy_gettext("at their limit"),
}


def reasons_in_words(match: Match) -> list[str]:
    """A sentence for each reason, in the order in which they weigh."""
    return [reason_in_words(reason) for reason in match.reasons]


def reason_in_words(reason: Reason) -> str:
    """The sentence for one reason."""
    return str(_SAYING[reason.kind](reason.facts))


def turn_in_words(share: Share, travel_minutes: int | None) -> list[str]:
    """Why a request's turn comes when it does: what its college has had, for how many students, and the way there."""
    said = [_sessions(share.sessions)]
    if share.students is None:
        said.append(gettext("Nobody has said how many students it has: it counts as 1,000"))
    elif share.sessions:
        rate = format_decimal(round(share.per_thousand, 2))
        said.append(gettext("%(rate)s for each 1,000 students", rate=rate))
    if travel_minutes is not None:
        said.append(
            ngettext("%(num)d minute on the way at least", "%(num)d minutes on the way at least", travel_minutes)
        )
    return [str(one) for one in said]


def _sessions(number: int) -> Any:
    if not number:
        return gettext("No session of yours within a year")
    return ngettext("%(num)d session of yours within a year", "%(num)d sessions of yours within a year", number)


def _topic(facts: Mapping[str, Any]) -> Any:
    known = facts["known"]
    if not known:
        return gettext("Knows none of the topics")
    if len(known) < facts["wanted"]:
        topics = ", ".join(known)
        return gettext("Knows %(topics)s, of %(wanted)s topics", topics=topics, wanted=facts["wanted"])
    return gettext("Knows %(topics)s", topics=", ".join(known))


def _language(facts: Mapping[str, Any]) -> Any:
    language = language_name(facts["language"])
    if facts["speaks"]:
        return gettext("Speaks the language (%(language)s)", language=language)
    return gettext("Does not speak %(language)s: an interpreter would be needed", language=language)


def language_name(tag: str) -> str:
    """What a language is called in the reader's own; the tag itself where nobody knows it."""
    try:
        spoken = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return tag
    return spoken.get_display_name(get_locale() or "en") or tag


def _level(facts: Mapping[str, Any]) -> Any:
    return (
        gettext("Speaks before such an audience")
        if facts["fits"]
        else gettext("Does not speak before such an audience")
    )


def _travel(facts: Mapping[str, Any]) -> Any:
    minutes = facts["minutes"]
    if minutes is None:
        return gettext("Nobody knows how long the way is")
    return ngettext("%(num)d minute on the way", "%(num)d minutes on the way", minutes)


def _load(facts: Mapping[str, Any]) -> Any:
    if not facts["booked"]:
        return gettext("Nothing else around then")
    return ngettext("Booked %(num)d time around then", "Booked %(num)d times around then", facts["booked"])


def _fairness(facts: Mapping[str, Any]) -> Any:
    if not facts["visits"]:
        return gettext("Not at this college within a year")
    return ngettext(
        "%(num)d time at this college within a year", "%(num)d times at this college within a year", facts["visits"]
    )


def _free(facts: Mapping[str, Any]) -> Any:
    return gettext("Free in wish %(rank)s", rank=facts["window"])


def _busy(facts: Mapping[str, Any]) -> Any:
    kinds = ", ".join(str(_CLASHES.get(kind, kind)) for kind in facts["kinds"])
    return (
        gettext("Free in none of the wishes (%(kinds)s)", kinds=kinds) if kinds else gettext("No day is left to come")
    )


_SAYING = {
    ReasonKind.TOPIC: _topic,
    ReasonKind.LANGUAGE: _language,
    ReasonKind.LEVEL: _level,
    ReasonKind.TRAVEL: _travel,
    ReasonKind.LOAD: _load,
    ReasonKind.FAIRNESS: _fairness,
    ReasonKind.FREE: _free,
    ReasonKind.BUSY: _busy,
}
