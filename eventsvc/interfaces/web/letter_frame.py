"""A letter's HTML as a document of its own, for the frame of a page."""

from __future__ import annotations

from email.message import EmailMessage

from flask import Response

from eventsvc.core.errors import NotFound, say

# A letter's HTML carries its styles inline. It is shown as a document of its own that may do nothing but look like
# itself: no script, no picture, no form; its links lead out of the frame.
_OF_A_LETTER = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-top-navigation-by-user-activation"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}


def document(mail: EmailMessage | None) -> Response:
    """The HTML part; refuses NotFound where there is none."""
    body = mail.get_body(("html",)) if mail else None
    if mail is None or body is None:
        raise NotFound(say("There is no such letter."))
    written = str(body.get_content()).replace("<head>", '<head><base target="_top">', 1)
    return Response(written, headers={**_OF_A_LETTER, "Content-Language": str(mail["Content-Language"])})
