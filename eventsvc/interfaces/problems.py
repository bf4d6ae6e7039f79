"""Refusals at the web's doors: RFC 9457 problem details for programs, a page in words for people.

This is the one place that maps refusals to HTTP. Every answer repeats the request id; no traceback reaches anybody.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from eventsvc.core.db import db, is_busy
from eventsvc.core.errors import Busy, DatesTaken, InvalidInput, Refusal, SlotTaken, say
from eventsvc.interfaces import body_caps, requests
from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.unknown import as_far_as_known
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.series_dates import reasons_of

log = logging.getLogger("eventsvc.problems")

LONGEST_REASON = 500
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}


def register(app: Flask) -> None:
    """Answer refusals, HTTP errors and bugs."""
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _bug)


def facts_of(refusal: Refusal) -> dict[str, Any]:
    """The refusal's own members of the problem document; clashes are explained here, after the roll-back."""
    if isinstance(refusal, DatesTaken):
        dates = [_date_in_words(date) for date in reasons_of(refusal.occurrences, requests.actor())]
        return {"clashes": [clash for date in dates for clash in date["clashes"]], "occurrences": dates}
    if isinstance(refusal, SlotTaken):
        clashes = {"clashes": _in_words(explain(refusal.clashes, actor=requests.actor()))}
        return (
            clashes
            if refusal.offers is None
            else clashes | {"offers": [_offer_in_words(one) for one in refusal.offers]}
        )
    if isinstance(refusal, InvalidInput):
        errors = [{**error, "reason": _short(error["reason"])} for error in refusal.facts["errors"]]
        return {**refusal.facts, "errors": errors}
    return dict(refusal.facts)


def _short(reason: str) -> str:
    """A reason quotes what was sent; of a very long word the beginning says enough."""
    said = translated(reason)
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}…"


def _in_words(clashes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**clash, "detail": translated(clash["detail"])} for clash in clashes]


def _offer_in_words(offer: Mapping[str, Any]) -> dict[str, Any]:
    return {**offer, "reasons": _in_words(offer["reasons"])}


def _date_in_words(date: Mapping[str, Any]) -> dict[str, Any]:
    errors = [{**error, "reason": translated(error["reason"])} for error in date["errors"]]
    return {**date, "clashes": _in_words(date["clashes"]), "errors": errors}


def refuse(refusal: Refusal) -> Response:
    """A refusal as the asker can read it."""
    refusal = as_far_as_known(refusal)
    facts = facts_of(refusal)
    headers = dict(_HEADERS.get(refusal.status, {}))
    if "retry_after_seconds" in facts:
        headers["Retry-After"] = str(facts["retry_after_seconds"])
    detail = in_a_line(facts["errors"]) if isinstance(refusal, InvalidInput) else _short(refusal.detail)
    return problem(refusal.status, translated(refusal.title), detail, slug=refusal.slug, headers=headers, **facts)


def in_a_line(errors: Iterable[Mapping[str, str]]) -> str:
    """Every field with its reason."""
    return "; ".join(f"{error['field']}: {error['reason']}" for error in errors)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    slug: str = "",
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Response:
    """A problem document, or a page for a browser that asked for a page."""
    members = {
        "type": f"/problems/{slug}" if slug else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        **facts,
        "request_id": requests.request_id(),
    }
    if _wants_page():
        response = Response(render_template("problem.html", problem=members), status)
    else:
        response = Response(json.dumps(members), status, mimetype="application/problem+json")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _wants_page() -> bool:
    """Browsers name text/html; calendars send no Accept at all and programs ask for JSON."""
    return not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", "")


def http_error(error: HTTPException) -> Response:
    """An HTTP error of Flask or Werkzeug, with the headers that belong to it."""
    if isinstance(error, RequestEntityTooLarge):
        return refuse(body_caps.refusal())
    status = error.code or 500
    # Keep what the exception's own response says, such as Allow on 405.
    own = {name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")}
    detail = error.description or HTTPStatus(status).description
    return problem(status, translated(HTTPStatus(status).phrase), translated(detail), headers=own)


def _database_error(error: DBAPIError) -> Response:
    """Waiting in vain for somebody's lock is no bug; everything else is."""
    if not is_busy(error):
        return _bug(error)
    db.session.rollback()
    log.warning("busy: %s", type(error.orig).__name__, extra={"request_id": requests.request_id()})
    return refuse(Busy())


def _bug(error: Exception) -> Response:
    log.error("bug: %s", type(error).__name__, exc_info=error, extra={"request_id": requests.request_id()})
    title, detail = say("Something is broken on our side"), say("It has been noted; please try again later.")
    return problem(500, translated(title), translated(detail))
