"""Signing in: by a letter with a link and a code, or with the administrator's token; and signing out."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import LinkExpired, Refusal
from eventsvc.domain.accounts import signing_in
from eventsvc.interfaces import languages, requests, signed_in
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.frame import SEE_OTHER, forgetting, sign_in_page, way_back
from eventsvc.workflows.sign_in import ask_for_letter, sign_in_by_code, sign_in_by_link

# Which letter's code this browser may type: nobody can try codes of letters that somebody else asked for.
_LETTER = "sign_in_letter"
# Where signing out leads, where somebody came from a place that has to be left, too.
AFTERWARDS = "after_signing_out"


def add_routes(blueprint: Blueprint) -> None:
    """Add signing in and out."""
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-in/code", view_func=sign_in_code, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-in/<token>", view_func=sign_in_link, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])


def sign_in() -> ResponseReturnValue:
    """Ask who it is; an address gets a letter, the right token leads on to where the person was going."""
    following = own_path(request.values.get("next", ""))
    if request.method != "POST":  # HEAD, too: mail scanners ask so
        return sign_in_page(following)
    if email := request.form.get("email", "").strip():
        with transaction():
            session[_LETTER] = str(ask_for_letter(email, clock.now()))
        return _code_page(following, email)
    found = kept.read(request.form.get("kept", ""))
    if not requests.is_admin_token(request.form.get("token", "").strip()):
        error = gettext("This is not the administrator’s token. Check that all of it was copied.")
        return sign_in_page(following, error=error, kept=found), 401
    requests.sign_in()
    return led_on(following)


def sign_in_code() -> ResponseReturnValue:
    """The code of the letter that was asked for in this browser."""
    following = own_path(request.values.get("next", ""))
    if request.method != "POST":  # HEAD, too: mail scanners ask so
        return redirect(url_for(".sign_in", next=following), SEE_OTHER)
    letter, email = str(session.get(_LETTER, "")), request.form.get("address", "")
    code = "".join(mark for mark in request.form.get("code", "") if not mark.isspace())
    right = services().links.sign_in_codes(letter)
    try:
        with transaction():
            secret = sign_in_by_code(letter, code, right, device=signed_in.device(), now=clock.now())
    except LinkExpired as refusal:
        return _asked_anew(following, refusal)
    if secret is None:
        return _code_page(following, email, error=gettext("This is not the code of the newest letter.")), 401
    begin(secret)
    return led_on(following)


def sign_in_link(token: str) -> ResponseReturnValue:
    """The letter's link: a page with a button, because mail scanners open links; the button signs in, once."""
    now = clock.now()
    try:
        letter = services().links.read_sign_in(token, now)
        if request.method != "POST":  # HEAD, too: mail scanners ask so
            account = signing_in.get_open(letter, now).account
            languages.prefer(account.language)
            return render_template("sign_in_link.html", account=account)
        with transaction():
            secret = sign_in_by_link(letter, device=signed_in.device(), now=now)
    except LinkExpired as refusal:
        return _asked_anew(url_for(".listing"), refusal)
    begin(secret)
    return led_on(url_for(".listing"))


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
    """Forget who it was, also what the browser keeps of our pages for its Back button."""
    with transaction():
        signed_in.end(clock.now())
    following = session.get(AFTERWARDS, "")
    requests.sign_out()
    flash(gettext("You are signed out."))
    return forgetting(redirect(following or url_for("pages.listing"), SEE_OTHER))


def begin(secret: str) -> None:
    """Let this browser be signed in from now on, and nobody else in it."""
    # Whatever this browser was before ends: nobody can have planted it.
    with transaction():
        signed_in.end(clock.now())
    session.clear()
    signed_in.begin(secret)


def led_on(following: str) -> ResponseReturnValue:
    """To where the person was going, or to what they had typed; who was going nowhere begins at their desk."""
    found = kept.read(request.form.get("kept", ""))
    if following == url_for(".listing") and signed_in.session() is not None:
        following = url_for(".home")
    return (found and kept.show(found)) or redirect(following, SEE_OTHER)


def _code_page(following: str, email: str, *, error: str = "") -> str:
    return render_template(
        "sign_in_code.html", following=following, email=email, error=error, kept=request.form.get("kept", "")
    )


def _asked_anew(following: str, refusal: Refusal) -> ResponseReturnValue:
    error = languages.translated(refusal.detail)
    return sign_in_page(following, error_of_letter=error, kept=kept.read(request.form.get("kept", ""))), refusal.status


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
