"""Each request: its id, its log line, the security headers, and who is asking."""

from __future__ import annotations

import hmac
import json
import logging
import sys
import uuid
from datetime import UTC, datetime
from time import perf_counter

from flask import Flask, Response, current_app, g, request, session

from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor
from eventsvc.interfaces import bearers, signed_in
from eventsvc.interfaces.services import services

_COOKIE_KEY = "administrator"
log = logging.getLogger("eventsvc.requests")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
}


def register(app: Flask) -> None:
    """Number each request, log it without addresses or names, and set the headers."""
    _set_up_logs(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])

    @app.before_request
    def begin() -> None:
        g.request_id, g.begun = uuid.uuid4().hex[:16], perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            # Pages differ by who asks. Going back still finds the form as it was, which no-store would forbid.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        # The route's pattern, never the path: paths hold tokens and slugs of people.
        route = request.url_rule.rule if request.url_rule else "no route"
        log.info(
            "%s %s %s",
            request.method,
            route,
            response.status_code,
            extra={"request_id": request_id(), "ms": round((perf_counter() - g.begun) * 1000, 1)},
        )
        return response


def request_id() -> str:
    """The id of this request, which errors repeat and logs carry."""
    number: str = g.request_id
    return number


def actor() -> Actor:
    """Who is asking: by bearer token, or on the pages by the cookie of a session, else the public.

    The API takes the token alone: its routes carry no form token, so a cookie there could be ridden.
    """
    kind, _, offered = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() == "bearer":
        return ADMINISTRATOR if is_admin_token(offered.strip()) else bearers.actor(offered.strip()) or PUBLIC
    if request.path.startswith("/api/"):
        return PUBLIC
    if services().admin_token and hmac.compare_digest(str(session.get(_COOKIE_KEY, "")), _cookie_value()):
        return ADMINISTRATOR
    return signed_in.actor() or PUBLIC


def sign_in() -> None:
    """Let this browser be the administrator, until it signs out or the administrator's token is changed."""
    session.clear()
    session[_COOKIE_KEY] = _cookie_value()


def sign_out() -> None:
    """Forget who it was."""
    session.clear()


def _cookie_value() -> str:
    """Says nothing about the token to whoever reads the cookie, and is another one for another token."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"administrator {services().admin_token}".encode(), "sha256").hexdigest()


def is_admin_token(offered: str) -> bool:
    """True for the administrator's token; compares in constant time."""
    token = services().admin_token
    return bool(token) and hmac.compare_digest(offered.encode(), token.encode())


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _TextLines(logging.Formatter):
    # Not `format`: a traceback comes after the line, and the id belongs to the line.
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        line = super().formatMessage(record)
        if hasattr(record, "ms"):
            line += f" {record.ms} ms"
        return f"{line} [{record.request_id}]" if hasattr(record, "request_id") else line


def _set_up_logs(style: str, level: str) -> None:
    logger = logging.getLogger("eventsvc")
    logger.setLevel(level)
    logger.propagate = False
    text = _TextLines("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if style == "json" else text)
    logger.handlers = [handler]
