"""Refusals: the expected ways of saying no, each with the facts a person needs to go on.

A `Refusal` is not a bug. Domain and workflow code raises one; the doors translate it (HTTP: RFC 9457 problem
details, command line: a sentence and exit code 1). Everything else that is raised is a bug and may crash loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Said(str):
    """A sentence in English that remembers how it was made, so that a door can say it in another language.

    It is the English text for whoever does not care: it compares, joins and serializes as that. What is made of it
    (a slice, a sum) is plain text again. Facts may hold anything, also percent signs; a fact that was itself said is
    translated with the sentence.
    """

    message: str
    plural: str
    num: int
    facts: Mapping[str, Any]

    def __new__(cls, message: str, facts: Mapping[str, Any], *, plural: str = "", num: int = 1) -> Said:
        chosen = plural if plural and num != 1 else message
        said = super().__new__(cls, chosen % facts if facts else chosen)
        said.message, said.plural, said.num, said.facts = message, plural, num, facts
        return said

    def __str__(self) -> str:
        return self  # str(said) would forget how it was made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.message, dict(self.facts), self.plural, self.num)

    def translated(self, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]) -> str:
        """The sentence in the language of those functions, which look messages up and fill nothing in."""
        template = ngettext(self.message, self.plural, self.num) if self.plural else gettext(self.message)
        facts = {
            name: fact.translated(gettext, ngettext) if isinstance(fact, Said) else fact
            for name, fact in self.facts.items()
        }
        return template % facts if facts else template


def _again(message: str, facts: Mapping[str, Any], plural: str, num: int) -> Said:
    return Said(message, facts, plural=plural, num=num)


def say(message: str, /, **facts: Any) -> Said:
    """A sentence with `%(name)s` in it for each fact, as it goes into the catalogue of translations."""
    return Said(message, facts)


def say_many(singular: str, plural: str, num: int, /, **facts: Any) -> Said:
    """The same for a number of things; `%(num)d` is there in both."""
    return Said(singular, {"num": num, **facts}, plural=plural, num=num)


class Refusal(Exception):
    """An expected no.

    `slug` names the kind of refusal for machines, `status` is the HTTP status a web door answers with,
    `detail` is a sentence for people, made with `say` so that doors can translate it, and `facts` are extra
    JSON-ready members of the problem document.
    """

    slug = "refused"
    title: str = say("Refused")
    status = 409

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts


class InvalidInput(Refusal):
    """One or more fields cannot be accepted; `errors` lists {field, reason}."""

    slug = "invalid-input"
    title = say("Some of what was sent cannot be accepted")
    status = 422

    def __init__(self, errors: Mapping[str, str] | Sequence[tuple[str, str]]) -> None:
        pairs = list(errors.items()) if isinstance(errors, Mapping) else list(errors)
        super().__init__(
            "; ".join(f"{field}: {reason}" for field, reason in pairs),
            errors=[{"field": field, "reason": reason} for field, reason in pairs],
        )


class NotFound(Refusal):
    """Nothing answers to that name, or the asker may not know that something does."""

    slug = "not-found"
    title = say("Not found")
    status = 404


class NotAllowed(Refusal):
    """The actor is known and may not do this."""

    slug = "not-allowed"
    title = say("Not allowed")
    status = 403


class SignInNeeded(Refusal):
    """Nobody is signed in and the act needs somebody."""

    slug = "sign-in-needed"
    title = say("Sign in first")
    status = 401


class WrongState(Refusal):
    """The life cycle knows no such move from where the thing stands."""

    slug = "wrong-state"
    title = say("Not possible in this state")


class Stale(Refusal):
    """The caller acted on an older version (RFC 9110 13.1.1, If-Match)."""

    slug = "stale"
    title = say("Somebody else changed this meanwhile")
    status = 412


class ConditionMissing(Refusal):
    """A change that does not say which version it is made to (RFC 6585, 3)."""

    slug = "condition-missing"
    title = say("Say which version you have read")
    status = 428

    def __init__(self, header: str) -> None:
        super().__init__(
            say(
                "Read it first and send the ETag of that answer in the header %(header)s, so that nobody's change is "
                "overwritten unseen.",
                header=header,
            ),
            header=header,
        )


class UnderWay(Refusal):
    """The very same call is being carried out at this moment."""

    slug = "under-way"
    title = say("This call is under way already")

    def __init__(self) -> None:
        words = say("The same call is being carried out. Send it again in a moment: then you get its answer.")
        super().__init__(words, retry_after_seconds=1)


class KeyReused(Refusal):
    """An Idempotency-Key that belongs to another call."""

    slug = "key-reused"
    title = say("This key belongs to another call")
    status = 422

    def __init__(self) -> None:
        super().__init__(
            say("This Idempotency-Key came with another call in the last 24 hours. Take a new key for a new call.")
        )


class LinkExpired(Refusal):
    """A signed link whose time is over."""

    slug = "link-expired"
    title = say("This link has expired")
    status = 410


class NotVouchedFor(Refusal):
    """A sign-in elsewhere that lets nobody in here: refused there, forged, or of somebody who has no place here."""

    slug = "not-vouched-for"
    title = say("That did not sign you in")
    status = 403


class ProviderAway(Refusal):
    """A place elsewhere where people sign in, and which cannot be asked now."""

    slug = "provider-away"
    title = say("The place where you sign in cannot be reached")
    status = 503


class HoldEnded(Refusal):
    """A hold that holds nothing any more."""

    slug = "hold-ended"
    title = say("This hold has ended")
    status = 410


class Busy(Refusal):
    """Somebody else's lock stood in the way; nothing was written, and the same may succeed a moment later."""

    slug = "busy"
    title = say("Busy for a moment")
    status = 503

    def __init__(self) -> None:
        super().__init__(
            say(
                "Somebody else was changing the same things, and it took too long. "
                "Nothing was written: send it again in a moment."
            )
        )


class NotPrepared(Refusal):
    """More calendar entries have to be written first than somebody can wait for."""

    slug = "not-prepared"
    title = say("Being prepared")
    status = 503

    def __init__(self) -> None:
        super().__init__(say("The calendars are being prepared. Ask again in a minute."))


class SlotTaken(Refusal):
    """At least one resource cannot be had; `clashes` names every one of them (see `domain.booking.conflicts`).

    `offers` is what could be had instead, None where nobody has looked (see `workflows.offer_alternatives`).
    """

    slug = "slot-taken"
    title = say("Not everything is free at that time")

    def __init__(self, clashes: Sequence[Any]) -> None:
        super().__init__(say_many("%(num)d clash", "%(num)d clashes", len(clashes)))
        self.clashes = list(clashes)
        self.offers: list[Any] | None = None


class DatesTaken(SlotTaken):
    """Dates of a series that cannot be had; `occurrences` names every one of them (see `workflows.series_dates`)."""

    title = say("Not every date can be had")

    def __init__(self, occurrences: Sequence[Any]) -> None:
        super().__init__([clash for occurrence in occurrences for clash in occurrence.clashes])
        self.detail = say_many("%(num)d date cannot be had", "%(num)d dates cannot be had", len(occurrences))
        self.occurrences = list(occurrences)
