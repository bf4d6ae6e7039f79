"""A form whose own token does not fit: opened before signing in, kept open too long, sent without cookies, or forged.

Nobody can tell these apart, so nothing is done; what was typed is shown again.
"""

from __future__ import annotations

from flask import Flask, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError

from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import PUBLIC
from eventsvc.interfaces import problems, requests
from eventsvc.interfaces.web import kept, sign_in
from eventsvc.interfaces.web.frame import go_to_event, is_planner


def register(app: Flask) -> None:
    """Answer them."""
    app.register_error_handler(CSRFError, _answer)


def _answer(error: CSRFError) -> ResponseReturnValue:
    if request.endpoint == "pages.sign_in":
        return sign_in.without_cookie(), 400
    found = kept.of_this_request()
    if found is None:
        return _press_again() if is_planner() and request.endpoint == "pages.advance" else _refused()
    if requests.actor() is PUBLIC:
        return sign_in.keeping(found), 401
    try:
        shown = kept.show(found)
    except Refusal as refusal:
        # What it was about is gone, or not theirs to see; here nobody else would answer that.
        return problems.refuse(refusal)
    # The view answers 200 for a form that is only shown; the request as it came was refused all the same.
    return (shown, 400) if isinstance(shown, str) else shown


def _press_again() -> ResponseReturnValue:
    """Back to the event, where the same button stands with a token that fits."""
    flash(gettext("Nothing was done: this page was open since before you signed in. Press the button again."), "warn")
    return go_to_event((request.view_args or {})["event_id"])


def _refused() -> ResponseReturnValue:
    return problems.problem(
        400,
        gettext("This form cannot be accepted"),
        gettext(
            "It was opened before you signed in, or your browser keeps no cookies. Open the page anew and send it."
        ),
        slug="form-expired",
    )
