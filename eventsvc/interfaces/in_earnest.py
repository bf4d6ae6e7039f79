"""What must be in order before others may reach the service: real keys, no debugging, no way into the network.

In earnest is whatever others can reach: PUBLIC_URL, or the address to listen on, is not this machine's own. No setting
says so, since the one who forgets a key would forget that, too.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

log = logging.getLogger("eventsvc.in_earnest")

SHORTEST_KEY, SHORTEST_TOKEN = 32, 24
# As many different letters as a random word of that length has by far.
_FEWEST_LETTERS = 10


class Unsafe(ValueError):
    """The service may not start like this; says what to set."""


def ensure(app: Flask, *, host: str = "127.0.0.1") -> None:
    """Refuses Unsafe with a sentence for each setting that is only good enough for trying the service out.

    `host`: the address to listen on, where one is known.
    """
    public_url = urlsplit(app.config["PUBLIC_URL"])
    if _is_this_machine(public_url.hostname or "") and _is_this_machine(host):
        return
    if found := list(_wrong(app)):
        raise Unsafe("Others can reach this service, so it does not start like this.\n" + "\n".join(found))
    if public_url.scheme != "https":
        log.warning("PUBLIC_URL is not https: what people send and their sign-ins can be read on the way")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _wrong(app: Flask) -> Iterator[str]:
    config = app.config
    if any(_is_weak(key, SHORTEST_KEY) for key in (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"])):
        yield (
            "  SECRET_KEY or one of SECRET_KEY_FALLBACKS can be guessed. Make a key and keep it:\n"
            "    export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
        )
    token = config["EVENTSVC_ADMIN_TOKEN"]
    if token and (_is_weak(token, SHORTEST_TOKEN) or token == config["SECRET_KEY"]):
        yield (
            "  EVENTSVC_ADMIN_TOKEN can be guessed, or is the SECRET_KEY. Make one, or unset it:\n"
            "    export EVENTSVC_ADMIN_TOKEN=$(python3 -c 'import secrets; print(secrets.token_urlsafe(24))')"
        )
    yield from _wrong_with_mail(config)
    if config["FETCH_ALLOW"]:
        yield "  FETCH_ALLOW leads into the network that this machine stands in; it is for trials alone. Unset it."
    if app.debug:
        yield "  FLASK_DEBUG shows the inside of the service to whoever makes it fail. Unset it."


def _wrong_with_mail(config: Mapping[str, Any]) -> Iterator[str]:
    secret, keys = config["MAIL_IN_SECRET"], (config["ADDRESS_KEY"], *config["ADDRESS_KEY_FALLBACKS"])
    if secret and (_is_weak(secret, SHORTEST_KEY) or secret in (config["SECRET_KEY"], config["EVENTSVC_ADMIN_TOKEN"])):
        yield (
            "  MAIL_IN_SECRET can be guessed, or is another of the keys. Make one for the relay alone:\n"
            "    export MAIL_IN_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
        )
    watcher = config["METRICS_TOKEN"]
    if watcher and (_is_weak(watcher, SHORTEST_KEY) or watcher in (*keys, config["EVENTSVC_ADMIN_TOKEN"], secret)):
        yield (
            "  METRICS_TOKEN can be guessed, or is another of the keys. Make one for Prometheus alone:\n"
            "    export METRICS_TOKEN=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
        )
    if config["MAIL_IN_ADDRESS"] and any(_is_weak(key, SHORTEST_KEY) for key in keys):
        yield (
            "  ADDRESS_KEY or one of ADDRESS_KEY_FALLBACKS is missing or can be guessed: whoever guesses it may\n"
            "  answer for others by mail. Make one and keep it for as long as letters are answered:\n"
            "    export ADDRESS_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
        )
    if (config["MAIL_IN_URL"] or secret) and not config["MAIL_IN_ADDRESS"]:
        yield (
            "  MAIL_IN_URL or MAIL_IN_SECRET is set without MAIL_IN_ADDRESS: no letter would ask for answers there.\n"
            "  Set it to the mailbox (events@calendar.example), or unset the others."
        )


def _is_weak(secret: str, shortest: int) -> bool:
    return len(secret) < shortest or len(set(secret)) < _FEWEST_LETTERS
