"""Signing in with the administrator's token, asked once and kept as a signed cookie; accounts come in a later part."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.interfaces import requests
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.frame import SEE_OTHER, sign_in_page, way_back


def add_routes(blueprint: Blueprint) -> None:
    """Add signing in and out."""
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])


def sign_in() -> ResponseReturnValue:
    """Ask for the token; a right one leads on to where the person was going, or shows what they had typed."""
    following = own_path(request.values.get("next", ""))
    if request.method == "GET":
        return sign_in_page(following)
    found = kept.read(request.form.get("kept", ""))
    if not requests.is_admin_token(request.form.get("token", "").strip()):
        error = gettext("This is not the administrator’s token. Check that all of it was copied.")
        return sign_in_page(following, error=error, kept=found), 401
    requests.sign_in()
    return (found and kept.show(found)) or redirect(following, SEE_OTHER)


def keeping(found: kept.Kept) -> str:
    """The page for somebody who sent a form and turned out to be signed out."""
    return sign_in_page(way_back(), kept=found)


def without_cookie() -> str:
    """The page for somebody whose browser did not send our cookie back with the token."""
    error = gettext(
        "Nobody is signed in: your browser keeps no cookies of this site, or this page was open for too long. "
        "Allow cookies, then type the token again."
    )
    found = kept.read(request.form.get("kept", ""))
    return sign_in_page(own_path(request.form.get("next", "")), error=error, kept=found)


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
