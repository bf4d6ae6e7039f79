"""Which version a call was made to: If-Match, read here and held by the stories against the locked row (RFC 9110 13.1).

Who changes or deletes something must say so (428 where it is missing); the verbs, which are POST, obey it when it is
sent. Where there is no ETag to compare with, it is refused rather than passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request
from werkzeug.exceptions import BadRequest

from eventsvc.core.errors import ConditionMissing, say
from eventsvc.core.versions import Expected, tag_of
from eventsvc.domain.accounts import ensure_somebody
from eventsvc.interfaces import requests

HEADER = "If-Match"
NEEDED_BY = frozenset({"PUT", "PATCH", "DELETE"})
# In whose path one thing stands that has an ETag.
_VERSIONED = ("event_id", "series_id", "request_id", "offer_id", "round_id", "employer", "calendar_id", "webhook_id")
_ENTRY = {"name": HEADER, "in": "header", "schema": {"type": "string"}, "example": '"v3"'}
_NEEDED = _ENTRY | {
    "required": True,
    "description": "The ETag of what is changed, as it was read; several, or * for any version. "
    "428 without it, 412 when it is another by now.",
}
_OPTIONAL = _ENTRY | {
    "description": "The ETag of what the address names, as it was read: 412 when it is another by now.",
}
_NONE_YET = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string", "const": "*"},
    "description": "* in place of If-Match: only where there is none yet.",
}


def expected() -> Expected | None:
    """What the call takes for granted, or None. Weak tags never match (RFC 9110 13.1.1)."""
    tags = request.if_match
    if tags:
        return Expected(frozenset(tags.as_set()), is_any=tags.star_tag)
    return Expected(is_nothing=True) if request.if_none_match.star_tag else None


def tagged(response: Response, tag: str | None) -> Response:
    """The answer with the ETag by which it may be changed; those who may not change it get none."""
    if tag is not None:
        response.set_etag(tag)
    return response


def tagged_event(response: Response, facts: dict[str, Any]) -> Response:
    """The same for the facts of an event, which hold a version for those who see its work."""
    return tagged(response, tag_of(facts["version"]) if "version" in facts else None)


def is_taken_by(method: str, rule: str) -> bool:
    """True for routes on which the header counts."""
    return method in NEEDED_BY or (method == "POST" and any(name in rule for name in _VERSIONED))


def parameters(method: str, rule: str) -> list[dict[str, Any]]:
    """The headers as OpenAPI describes them."""
    if not is_taken_by(method, rule):
        return []
    if method == "POST":
        return [_OPTIONAL]
    return [_NEEDED | {"required": False}, _NONE_YET] if method == "PUT" else [_NEEDED]


def conditional(view: Callable[..., Any], method: str, rule: str) -> Callable[..., Any]:
    """The view, reached only by calls whose condition can be obeyed.

    Refuses: SignInNeeded before anything else, ConditionMissing.
    """

    @wraps(view)
    def reached(*args: Any, **kwargs: Any) -> Any:
        if method in NEEDED_BY:
            _ensure_said(method)
            _ensure_only_a_star()
        elif request.if_match and not is_taken_by(method, rule):
            raise BadRequest(say("Nothing here has an ETag that If-Match could mean; leave it out."))
        return view(*args, **kwargs)

    return reached


def _ensure_only_a_star() -> None:
    if "If-None-Match" in request.headers and not request.if_none_match.star_tag:
        raise BadRequest(say("If-None-Match takes * here, and nothing else."))


def _ensure_said(method: str) -> None:
    ensure_somebody(requests.actor())
    if not request.if_match and not (method == "PUT" and expected()):
        raise ConditionMissing(HEADER)
