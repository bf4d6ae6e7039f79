"""Refusals: the expected ways of saying no, each with the facts a person needs to go on.

A `Refusal` is not a bug. Domain and workflow code raises one; the doors translate it (HTTP: RFC 9457 problem
details, command line: a sentence and exit code 1). Everything else that is raised is a bug and may crash loudly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):
    """An expected no.

    `slug` names the kind of refusal for machines, `status` is the HTTP status a web door answers with,
    `detail` is a sentence for people, and `facts` are extra JSON-ready members of the problem document.
    """

    slug = "refused"
    title = "Refused"
    status = 409

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts


class InvalidInput(Refusal):
    """One or more fields cannot be accepted; `errors` lists {field, reason}."""

    slug = "invalid-input"
    title = "Some of what was sent cannot be accepted"
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
    title = "Not found"
    status = 404


class NotAllowed(Refusal):
    """The actor is known and may not do this."""

    slug = "not-allowed"
    title = "Not allowed"
    status = 403


class SignInNeeded(Refusal):
    """Nobody is signed in and the act needs somebody."""

    slug = "sign-in-needed"
    title = "Sign in first"
    status = 401


class WrongState(Refusal):
    """The life cycle knows no such move from where the thing stands."""

    slug = "wrong-state"
    title = "Not possible in this state"


class Stale(Refusal):
    """The caller acted on an older version (RFC 9110 13.1.1, If-Match)."""

    slug = "stale"
    title = "Somebody else changed this meanwhile"
    status = 412


class LinkExpired(Refusal):
    """A signed link whose time is over."""

    slug = "link-expired"
    title = "This link has expired"
    status = 410


class SlotTaken(Refusal):
    """At least one resource cannot be had; `clashes` names every one of them (see `domain.booking.conflicts`)."""

    slug = "slot-taken"
    title = "Not everything is free at that time"

    def __init__(self, clashes: Sequence[Any]) -> None:
        super().__init__(f"{len(clashes)} clash{'' if len(clashes) == 1 else 'es'}")
        self.clashes = list(clashes)
