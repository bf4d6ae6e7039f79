"""A no on a page of its own, in words for people: what happened, and what to do now. Programs get RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext, lazy_gettext

# What was refused, by the kind of refusal or else by the status: (headline, sentence). Without a sentence the
# refusal's own one is shown; with one, that is shown below where it says more than the status does.
_BY_KIND: dict[str, tuple[Any, Any]] = {
    "not-found": (lazy_gettext("Nothing is found at this address"), None),
    "not-allowed": (lazy_gettext("This is not yours to do"), None),
    "sign-in-needed": (lazy_gettext("Please sign in first"), None),
    "wrong-state": (lazy_gettext("That is not possible now"), None),
    "slot-taken": (lazy_gettext("Not everything is free at that time"), lazy_gettext("Nothing was changed.")),
    "invalid-input": (
        lazy_gettext("Something in the form cannot be accepted"),
        lazy_gettext("Nothing was changed. Go back, correct it and send the form again."),
    ),
    "stale": (
        lazy_gettext("Somebody else changed this meanwhile"),
        lazy_gettext(
            "Your change was not saved. Open the page again, look at what is new, and make your change there."
        ),
    ),
    "link-expired": (
        lazy_gettext("This link has expired"),
        lazy_gettext("Links in letters work until their event is over. Ask the office that wrote the letter."),
    ),
    "hold-ended": (lazy_gettext("This hold has ended"), None),
    "too-large": (lazy_gettext("That was too much at once"), None),
    "too-many-requests": (lazy_gettext("That was too often"), None),
    "not-prepared": (lazy_gettext("This calendar is being prepared"), None),
    "busy": (
        lazy_gettext("Somebody else was busy with the same things"),
        lazy_gettext("Nothing was changed. Wait a moment, go back and try again."),
    ),
}
_BY_STATUS: dict[int, tuple[Any, Any]] = {
    400: (
        lazy_gettext("Your browser sent something that we cannot read"),
        lazy_gettext("Nothing was changed. Go back, load the page again and try once more."),
    ),
    403: (lazy_gettext("This is not yours to do"), lazy_gettext("Ask the office that is in charge of it.")),
    404: (
        lazy_gettext("There is no page at this address"),
        lazy_gettext("It may have been mistyped, or cut off when it was copied."),
    ),
    405: (
        lazy_gettext("There is nothing to see at this address"),
        lazy_gettext("It belongs to a button on another page. Nothing was changed."),
    ),
    410: (lazy_gettext("This page is gone"), lazy_gettext("It was taken away for good.")),
    428: (
        lazy_gettext("Please open the page again first"),
        lazy_gettext("We could not tell whether somebody else changed it meanwhile, so nothing was saved."),
    ),
    429: (
        lazy_gettext("That was too often"),
        lazy_gettext("Please wait a minute, then try again. Nothing was changed."),
    ),
    500: (
        lazy_gettext("Something is broken on our side"),
        lazy_gettext("It is no fault of yours, and it has been noted. Nothing is saved by halves: try again later."),
    ),
}
_OTHER = (lazy_gettext("That did not work"), None)
# What people looked for in vain, where the address says it.
_LOOKED_FOR = {
    "pages.event": lazy_gettext("The event may not be public yet, or the address was cut off when it was copied."),
    "pages.month": lazy_gettext("There is no such month in any calendar."),
}


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """The headline, the sentence below it, and the refusal's own sentence where it adds something."""

    headline: str
    sentence: str
    detail: str


def problem_words(problem: Mapping[str, Any]) -> ProblemWords:
    """A problem document in words for people, in the language of the page. Its own sentence may hold anything."""
    kind = str(problem["type"]).removeprefix("/problems/")
    headline, sentence = _BY_KIND.get(kind) or _BY_STATUS.get(problem["status"], _OTHER)
    if kind == "form-expired":
        return ProblemWords(str(gettext(problem["title"])), problem["detail"], "")
    own = "" if kind in ("about:blank", "slot-taken", "invalid-input", "stale", "busy") else problem["detail"]
    if sentence is None:
        sentence = _LOOKED_FOR.get(request.endpoint or "") if kind == "not-found" else None
    if sentence is None:
        return ProblemWords(str(headline), own or problem["detail"], "")
    return ProblemWords(str(headline), str(sentence), own)


def search_url() -> str | None:
    """Where to search, once there is a search."""
    return url_for("pages.search") if "pages.search" in current_app.view_functions else None
