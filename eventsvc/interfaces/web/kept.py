"""What somebody had typed when it turned out that they were signed out, or that the form's own token was too old.

It comes back in the same form, to be looked at and sent again. It is never carried out by itself: whoever can make a
browser send a forged form could otherwise wait until its owner signs in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import current_app, flash, g, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])


class Kept(NamedTuple):
    """A form as it was sent: to which path, and what stood in it."""

    path: str
    values: MultiDict[str, str]

    def as_text(self) -> str:
        """For a hidden field."""
        return json.dumps([self.path, list(self.values.items(multi=True))], ensure_ascii=False)


def shows_again(view: View) -> View:
    """Mark a view that can show a kept form: it asks `sent()` for the form, and `is_again()` before it acts."""
    view.shows_again = True  # type: ignore[attr-defined]  # read below
    return view


def of_this_request() -> Kept | None:
    """What this request sent, where there was anything to type and its page can show it again."""
    values = MultiDict([pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"])
    has_words = any(value.strip() for value in values.values())
    return Kept(request.path, values) if has_words and _view_of(request.endpoint) else None


def read(text: str) -> Kept | None:
    """What a hidden field carries, or None when it is not of our making."""
    try:
        path, pairs = json.loads(text)
        values = MultiDict([(str(name), str(value)) for name, value in pairs])
        json.dumps([path, pairs], ensure_ascii=False).encode()  # half a character can be written in JSON, not in a page
    except (ValueError, TypeError, RecursionError):
        return None
    return Kept(path, values) if isinstance(path, str) else None


def show(kept: Kept) -> Any:
    """The page of a kept form, filled; None where no page of that path takes one."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(kept.path, method="POST")
    except HTTPException:
        return None
    view = _view_of(endpoint)
    if view is None:
        return None
    g.kept = kept.values
    flash(gettext("Nothing has been done yet. This is what you had typed: look at it, and send it again."), "warn")
    return view(**arguments)


def sent() -> MultiDict[str, str]:
    """The form to show or to act on: the one sent now, or the kept one."""
    found: MultiDict[str, str] = g.kept if is_again() else request.form
    return found


def is_again() -> bool:
    """True while a kept form is shown: nothing may be done."""
    return "kept" in g


def _view_of(endpoint: str | None) -> Callable[..., Any] | None:
    view = current_app.view_functions.get(endpoint or "")
    return view if view is not None and getattr(view, "shows_again", False) else None
