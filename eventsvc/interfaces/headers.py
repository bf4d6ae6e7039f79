"""The headers that every answer carries, so that a browser lends itself to nobody against us."""

from __future__ import annotations

from flask import Flask, Response, request

from eventsvc.interfaces.services import NAME

_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# The pages that are made to stand in other people's frames; no other page may, and they read no session.
IN_FRAMES = frozenset({"feeds.embedded_all", "feeds.embedded"})
_FRAMED = {
    **{name: value for name, value in _EVERY_ANSWER.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": _EVERY_ANSWER["Content-Security-Policy"]
    .replace("frame-ancestors 'none'", "frame-ancestors *")
    .replace("form-action 'self'", "form-action 'none'"),
}
# A year. Neither other hosts of the college nor lists of browsers are ours to speak for.
_HTTPS_ONLY = "max-age=31536000"


def register(app: Flask) -> None:
    """Add them; what a view has set itself stays."""
    is_https = app.extensions[NAME].links.public_url.startswith("https:")

    @app.after_request
    def keep_honest(response: Response) -> Response:
        if request.blueprint == "feeds":
            # Calendars are there to be read from everywhere.
            response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        is_framed = request.endpoint in IN_FRAMES and response.status_code in (200, 304)
        for name, value in (_FRAMED if is_framed else _EVERY_ANSWER).items():
            response.headers.setdefault(name, value)
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
        if response.mimetype == "text/html":
            # Pages differ by who asks. Going back still finds the form as it was, which no-store would forbid.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
