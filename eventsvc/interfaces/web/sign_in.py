"""Signing in with the administrator's token, asked once and kept as a signed cookie; accounts come in a later part."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web.frame import SEE_OTHER


def add_routes(blueprint: Blueprint) -> None:
    """Add signing in and out."""
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])


def sign_in() -> ResponseReturnValue:
    """Ask for the token; a right one leads on to where the person was going."""
    following = own_path(request.values.get("next", ""))
    error = ""
    if request.method == "POST":
        if requests.is_admin_token(request.form.get("token", "").strip()):
            requests.sign_in()
            return redirect(following, SEE_OTHER)
        error = gettext("This is not the administrator’s token. Check that all of it was copied.")
    has_token = bool(services().admin_token)
    page = render_template("sign_in.html", following=following, error=error, has_token=has_token)
    return page, 401 if error else 200


def sign_out() -> ResponseReturnValue:
    """Forget who it was."""
    requests.sign_out()
    flash(gettext("You are signed out."))
    return redirect(url_for("pages.listing"), SEE_OTHER)


def own_path(text: str) -> str:
    """A path of our own to go on to, or the start page: an address of somebody else's would be an open redirect.

    Browsers read a backslash as a slash and skip control characters, so `/\\evil.example` is an address too.
    """
    strange = any(unicodedata.category(mark).startswith("C") for mark in text) or "\\" in text
    try:
        parts = urlsplit(text)
    except ValueError:
        return url_for("pages.listing")
    if strange or parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return url_for("pages.listing")
    return text
