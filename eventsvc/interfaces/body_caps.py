"""Which kind of body each route takes; what is longer than the kind's cap is refused before anything reads it.

There is no route without one: the API takes JSON, every other page a form, and those that take a file are named here.
"""

from __future__ import annotations

from flask import Flask, current_app, request

from eventsvc.core import caps
from eventsvc.core.caps import Cap, TooLarge
from eventsvc.core.errors import say

MOST_FIELDS = 1000
_OF_FILES = {
    "inbound.take": caps.MAIL,
    "pages.outside_calendars": caps.CALENDAR,
    "pages.office_imports": caps.CALENDAR,
    "calendars.attach": caps.CALENDAR_IN_JSON,
    "imports.import_file": caps.CALENDAR_IN_JSON,
}
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")


def register(app: Flask) -> None:
    """Refuse what is too long by what it says of itself, and stop reading where it says nothing."""
    app.config.update(MAX_FORM_PARTS=MOST_FIELDS)
    app.before_request(_hold_to_cap)


def cap_of(endpoint: str | None, path: str) -> Cap:
    """The cap of what is sent there."""
    return _OF_FILES.get(endpoint or "") or (caps.JSON if path.startswith("/api/") else caps.FORM)


def refusal() -> TooLarge:
    """Why this request was not read to its end."""
    cap, most = _cap()
    if request.content_length is not None and request.content_length <= most:
        detail = say("What you sent has more than %(most)s fields. Nothing was changed.", most=f"{MOST_FIELDS:,}")
        return TooLarge(detail, kind=cap.kind, limit_fields=MOST_FIELDS)
    return cap.refusal(_ceiling())


def _hold_to_cap() -> None:
    _, most = _cap()
    # One number for bodies and for what stands in a form's fields, so that the refusal can name it.
    request.max_content_length = request.max_form_memory_size = most
    if request.method not in _WITHOUT_BODY and (request.content_length or 0) > most:
        raise refusal()


def _cap() -> tuple[Cap, int]:
    cap = cap_of(request.endpoint, request.path)
    return cap, min(cap.body_bytes, _ceiling())


def _ceiling() -> int:
    ceiling: int = current_app.config["MAX_CONTENT_LENGTH"]
    return ceiling
