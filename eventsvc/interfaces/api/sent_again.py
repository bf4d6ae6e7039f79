"""Idempotency-Key: a POST or PATCH that is sent again gets the answer of the first time, and happens once.

Follows draft-ietf-httpapi-idempotency-key-header-07. The key may stand in quotes, as the draft wants it, or bare, as
most programs send it. What somebody sends under it is known again by method, path, query, If-Match and the bytes of
the body. A dry run changes nothing, so its key is neither looked up nor kept; PUT and DELETE may be repeated anyway.
Answers are kept as they are, but for those that no cache may keep (`no-store`): files and what is held on people are
made anew, which changes nothing; what answers with a secret is `ShownOnce`, and kept without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, make_response, request
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from eventsvc.core import clock
from eventsvc.core.db import one_commit, transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.idempotency import keys
from eventsvc.domain.idempotency.keys import Answer, Call, Claim
from eventsvc.interfaces import afterwards, downloads, languages, requests

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
TAKEN_BY = frozenset({"POST", "PATCH"})
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": keys.LONGEST_KEY, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "description": "Sent again with the same key within 24 hours, the same call gets the same answer and happens once. "
    "409 while it is under way, 422 for another call with that key.",
}
_VISIBLE = re.compile(f"[!-~]{{1,{keys.LONGEST_KEY}}}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])+)"')
_HEADERS = ("Content-Type", "ETag", "Location", "Content-Language")
_NOT_KEPT = (401, 429)


class ShownOnce(Response):
    """An answer with a secret, which no cache keeps; a call that is sent again gets `kept`, the same without it."""

    kept: Response

    @classmethod
    def of(cls, whole: Response, kept: Response) -> ShownOnce:
        """The answer `whole`, this once."""
        shown = cls(whole.get_data(), whole.status, whole.headers)
        shown.kept = kept
        downloads.not_stored(shown)
        return shown


def answered_once(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, whose answers are kept for calls that carry a key.

    Refuses: InvalidInput for what is no key, KeyReused, UnderWay.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = _key() if HEADER in request.headers else None
        if key is None or _is_dry_run():
            return view(*args, **kwargs)
        call = _call(key)
        with transaction():
            found = keys.claim(call, clock.now())
        return _again(found) if isinstance(found, Answer) else _carried_out(found, lambda: view(*args, **kwargs))

    return once


def _is_dry_run() -> bool:
    return request.args.get("dry_run") in fields.Boolean.truthy


def _key() -> str:
    said = request.headers[HEADER].strip()
    quoted = _QUOTED.fullmatch(said)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else said
    if not _VISIBLE.fullmatch(key):
        raise InvalidInput({HEADER: say("must be 1 to %(most)s visible ASCII characters", most=keys.LONGEST_KEY)})
    return key


def _call(key: str) -> Call:
    """Who calls and what they ask. Who has nothing but a link is known by the link."""
    actor = requests.actor()
    whose = [actor.name, request.path] if actor == PUBLIC else [actor.name]
    body = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    asked = [request.method, request.path, request.query_string.decode("latin-1"), request.headers.get("If-Match", "")]
    return Call(_digest(*whose), key, _digest(*asked, body))


def _digest(*words: str) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def _carried_out(claimed: Claim, view: Callable[[], Any]) -> Response:
    """The story and its answer in one commit; where no answer is to be kept, the key is free again."""
    is_kept = False
    try:
        with one_commit():
            response = _answer_of(view)
            is_told = response.status_code < 500 and response.status_code not in _NOT_KEPT
            to_keep = _to_keep(response) if is_told else None
            if is_to_keep := to_keep is not None:
                with transaction():
                    keys.keep(claimed, _as_kept(to_keep))
        is_kept = is_to_keep
        return response
    finally:
        if not is_kept:
            afterwards.note(lambda: keys.give_free(claimed))


def _answer_of(view: Callable[[], Any]) -> Response:
    """What the view answers, also where it says no; bugs and locks in the way are somebody else's to answer."""
    try:
        return make_response(view())
    except (Refusal, HTTPException) as no:
        return make_response(current_app.handle_user_exception(no))


def _to_keep(response: Response) -> Response | None:
    """What a call that is sent again gets; None where it is made anew."""
    if isinstance(response, ShownOnce):
        return response.kept
    # What no cache may keep (files, people's records) is not kept here either; making it again changes nothing.
    return None if response.cache_control.no_store else response


def _as_kept(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    if response.mimetype == "application/problem+json":
        headers.setdefault("Content-Language", languages.present())
    return Answer(response.status_code, headers, response.get_data(as_text=True))


def _again(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, answer.headers)
    response.headers[REPLAYED] = "true"
    return response
