"""Each request: its id, its log line, and who is asking."""

from __future__ import annotations

import hmac
import logging
import uuid
from time import perf_counter

from flask import Flask, Response, current_app, g, request, session

from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC, Actor
from eventsvc.interfaces import bearers, signed_in
from eventsvc.interfaces.services import services

# Where a relay brings mail (interfaces/inbound.py); its secret opens no other door.
MAIL_DOOR = "inbound.take"
METRICS_DOOR = "metrics"
_COOKIE_KEY = "administrator"
log = logging.getLogger("eventsvc.requests")


def register(app: Flask) -> None:
    """Number each request, and log it without addresses or names."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.begun = new_id(), perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        # The route's pattern, never the path: paths hold tokens and slugs of people.
        route = request.url_rule.rule if request.url_rule else "no route"
        log_answer(request.method, route, response.status_code, request_id(), g.begun)
        return response


def new_id() -> str:
    """The number of another request."""
    return uuid.uuid4().hex[:16]


def log_answer(method: str, route: str, status: int, number: str, begun: float) -> None:
    """The line of one request: its number, and the milliseconds since `begun` (of `perf_counter`)."""
    ms = round((perf_counter() - begun) * 1000, 1)
    log.info("%s %s %s", method, route, status, extra={"request_id": number, "ms": ms})


def request_id() -> str:
    """The id of this request, which errors repeat and logs carry."""
    number: str = g.request_id
    return number


def actor() -> Actor:
    """Who is asking: by bearer token, or on the pages by the cookie of a session, else the public.

    The API takes the token alone: its routes carry no form token, so a cookie there could be ridden.
    """
    if (offered := bearer()) is not None:
        return ADMINISTRATOR if is_admin_token(offered) else bearers.actor(offered) or PUBLIC
    if request.path.startswith("/api/"):
        return PUBLIC
    if services().admin_token and hmac.compare_digest(str(session.get(_COOKIE_KEY, "")), _cookie_value()):
        return ADMINISTRATOR
    return signed_in.actor() or PUBLIC


def bearer() -> str | None:
    """The token that the request offers, good or not; None where it offers none."""
    kind, _, offered = request.headers.get("Authorization", "").partition(" ")
    return offered.strip() if kind.casefold() == "bearer" else None


def is_mail_relay() -> bool:
    """True for our own mail server at the door for mail: it shows MAIL_IN_SECRET; compares in constant time."""
    secret = services().mail_in_secret
    is_its_door = request.endpoint == MAIL_DOOR and bool(secret)
    return is_its_door and hmac.compare_digest((bearer() or "").encode(), secret.encode())


def is_watcher() -> bool:
    """True for a program that watches the service, at its door: it shows METRICS_TOKEN; compares in constant time."""
    token = current_app.config["METRICS_TOKEN"]
    is_its_door = request.endpoint == METRICS_DOOR and bool(token)
    return is_its_door and hmac.compare_digest((bearer() or "").encode(), token.encode())


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
