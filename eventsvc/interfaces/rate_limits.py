"""How often somebody may ask: counted for each credential, and for each address only where there is none.

A whole campus may share one address, so what the public reads is counted generously, and a calendar that asks whether
anything changed is not counted at all while nothing did. Counted closely is what somebody could guess at: signing in,
and links or tokens that turn out to be none of ours. The counters stand in this process's memory, or in a Redis that
all processes share (`RATE_LIMIT_STORAGE_URL`); when that is away, each process goes on counting by itself.

Headers: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10), and Retry-After (RFC 9110 10.2.3).
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded, RequestLimit
from limits import parse_many
from limits.errors import ConfigurationError

from eventsvc.core import clock
from eventsvc.core.errors import Refusal, say
from eventsvc.domain.accounts import PUBLIC
from eventsvc.interfaces import counters, problems, requests

log = logging.getLogger("eventsvc.rate_limits")

# Who watches over the service, and files that never change, are not counted.
_UNCOUNTED = {"healthz", "healthz_scheduler", "readyz", "static", "pages.robots"}
_SIGNING_IN = "/sign-in"
_READING = {"GET", "HEAD", "OPTIONS"}
# What says that a link or a token was none of ours; one whose time is over (410) was.
_MISSES = {401, 404}
_FEEDS = "rate limits of feeds"
# As the library calls what counts for the whole app.
_SCOPE = "global"
# A Redis that hangs must not hang every request.
_WAIT_SECONDS = 0.5


class TooOften(Refusal):
    """More requests than this credential or address may send in that time."""

    slug = "too-many-requests"
    title = say("Too many requests")
    status = 429


class Budget(NamedTuple):
    """What a request is counted under: which kind, and whose."""

    kind: str
    who: str

    @property
    def key(self) -> str:
        """By which it is counted."""
        return f"{self.kind} {self.who}"


def register(app: Flask) -> None:
    """Count every request, refuse what is too much, and say in the API's answers what is left.

    Refuses (ValueError): counters that cannot be had, such as Redis without its package.
    """
    limits = _limits(app.config)
    limiter = Limiter(
        # Never asked: each limit below knows its own.
        key_func=lambda: "",
        application_limits=[_limit("budget", limits), _limit("conditional_budget", limits, deduct_when=_counts)],
        storage_uri=app.config["RATE_LIMIT_STORAGE_URL"] or counters.URL,
        storage_options=_patience(app.config["RATE_LIMIT_STORAGE_URL"]),
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
        # Counting must never break an answer; what went wrong is logged.
        swallow_errors=True,
    )
    limiter.logger = log
    # Before the limiter: what goes wrong in finding out who asks is no fault of its storage.
    app.before_request(_weigh)
    app.after_request(partial(_say_what_is_left, limiter))
    try:
        limiter.init_app(app)
    except ConfigurationError as error:
        raise ValueError(f"RATE_LIMIT_STORAGE_URL cannot be used: {error}") from None
    app.extensions["rate_limits"] = limiter
    app.extensions[_FEEDS] = parse_many(limits["feeds"])
    app.register_error_handler(RateLimitExceeded, _refuse)


def may_have_feed(remote_address: str | None) -> bool:
    """Count one calendar that goes out before Flask has weighed the request; False where it must be weighed there.

    That is so where it would be too many, and where the counters are away.
    """
    limiter: Limiter = current_app.extensions["rate_limits"]
    counted = Budget("feeds", _address_of(remote_address)).key, _SCOPE
    try:
        return all(limiter.limiter.hit(limit, *counted) for limit in current_app.extensions[_FEEDS])
    except Exception:  # noqa: BLE001  # whatever a storage raises: the other way says it, and counts on
        return False


def state_of_storage(app: Flask) -> str:
    """Where the counters are, in words for those who watch over the service."""
    limiter: Limiter = app.extensions["rate_limits"]
    if not app.config["RATE_LIMIT_STORAGE_URL"]:
        return "in memory"
    return "shared" if limiter.storage.check() else "shared storage is away; each process counts for itself"


def _limits(config: Mapping[str, Any]) -> dict[str, str]:
    return {
        "reads": config["RATE_LIMIT_READS"],
        "writes": config["RATE_LIMIT_WRITES"],
        "public-reads": config["RATE_LIMIT_PUBLIC_READS"],
        "public-writes": config["RATE_LIMIT_PUBLIC_WRITES"],
        "feeds": config["RATE_LIMIT_FEEDS"],
        "attempts": config["RATE_LIMIT_ATTEMPTS"],
        "misses": config["RATE_LIMIT_ATTEMPTS"],
    }


def _limit(name: str, limits: Mapping[str, str], **more: Any) -> ApplicationLimit:
    """A limit of the library that finds this request's budget of that name; without one it counts nothing."""

    def amount() -> str:
        found: Budget | None = g.get(name)
        return limits[found.kind] if found else ""

    return ApplicationLimit(limit_provider=amount, key_function=lambda: str(g.get(name).key), **more)


def _patience(url: str) -> dict[str, Any]:
    if not url.startswith(("redis", "unix")):
        return {}
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ValueError("RATE_LIMIT_STORAGE_URL needs a package: pip install 'eventsvc[redis]'") from None
    # The library's own three tries with pauses between them would be felt in every request.
    retry = Retry(NoBackoff(), 0)
    return {"socket_connect_timeout": _WAIT_SECONDS, "socket_timeout": _WAIT_SECONDS, "retry": retry}


def _weigh() -> None:
    if request.endpoint is None or request.endpoint in _UNCOUNTED:
        return
    if request.blueprint == "feeds":
        g.conditional_budget = Budget("feeds", _address())
        return
    g.budget = _budget()
    if "token" in (request.view_args or {}) or _offers_no_credential_of_ours():
        g.conditional_budget = Budget("misses", _address())


def _budget() -> Budget:
    is_reading = request.method in _READING
    if not is_reading and request.path.startswith(_SIGNING_IN):
        return Budget("attempts", _address())
    if requests.is_mail_relay():
        return Budget("writes", "mail-relay")
    actor = requests.actor()
    if actor is PUBLIC:
        return Budget("public-reads" if is_reading else "public-writes", _address())
    return Budget("reads" if is_reading else "writes", actor.name.replace(" ", "-"))


def _offers_no_credential_of_ours() -> bool:
    is_ours = requests.is_mail_relay() or requests.is_watcher()
    return "Authorization" in request.headers and not is_ours and requests.actor() is PUBLIC


def _address() -> str:
    """Whoever asks, as far as the network tells."""
    return _address_of(request.remote_addr)


def _address_of(remote_address: str | None) -> str:
    """A digest, so that nobody reads addresses out of counters or logs.

    Of IPv6 the first half, which is one customer's network; the rest anybody may change at will.
    """
    text = remote_address or ""
    with suppress(ValueError):
        address = ipaddress.ip_address(text)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
            text = str(ipaddress.ip_network((address, 64), strict=False))
    return hmac.new(str(current_app.secret_key).encode(), text.encode(), "sha256").hexdigest()[:16]


def _counts(response: Response) -> bool:
    found: Budget | None = g.get("conditional_budget")
    if found is None:
        return False
    return response.status_code != 304 if found.kind == "feeds" else response.status_code in _MISSES


def _refuse(_error: RateLimitExceeded) -> Response:
    return problems.refuse(
        TooOften(say("So many requests in so short a time are not answered. Nothing was changed: wait a minute."))
    )


def _say_what_is_left(limiter: Limiter, response: Response) -> Response:
    """Programs are told always, browsers only that it was too much: their pages stay as they are for every reader."""
    found = limiter.current_limit
    if found is not None and (response.status_code == TooOften.status or request.path.startswith("/api/")):
        response.headers.update(_headers(found, is_refused=found.breached))
    return response


def _headers(found: RequestLimit, *, is_refused: bool) -> dict[str, str]:
    kind = found.request_args[0].partition(" ")[0]
    seconds = max(1, ceil(found.window.reset_time - clock.machine_seconds()))
    said = {
        "RateLimit-Policy": f'"{kind}";q={found.limit.amount};w={found.limit.get_expiry()}',
        "RateLimit": f'"{kind}";r={max(0, found.remaining)};t={seconds}',
    }
    return {**said, "Retry-After": str(seconds)} if is_refused else said
