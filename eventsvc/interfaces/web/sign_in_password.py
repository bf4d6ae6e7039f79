"""Signing in by a local password: only where LOCAL_PASSWORD is on, and for administrators alone."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import passwords
from eventsvc.domain.accounts.passwords import Tried
from eventsvc.interfaces import signed_in
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.frame import sign_in_page
from eventsvc.interfaces.web.sign_in import begin, led_on, own_path
from eventsvc.workflows import sign_in as stories


def add_routes(blueprint: Blueprint) -> None:
    """Add the door; it answers 404 while it is switched off."""
    blueprint.add_url_rule("/sign-in/password", view_func=sign_in_password, methods=["POST"])


def sign_in_password() -> ResponseReturnValue:
    """One sentence for every no: nobody learns who has an account, a password, or tries left."""
    if not services().takes_passwords:
        raise NotFound(say("Nobody signs in here by a password."))
    following, now = own_path(request.form.get("next", "")), clock.now()
    with transaction():
        tried = stories.try_password(request.form.get("email", ""), now)
    secret = _checked(tried, request.form.get("password", ""))
    if secret is None:
        error = gettext(
            "This address and password let nobody in, or there were too many tries: then wait a quarter of an hour."
        )
        return sign_in_page(following, error_of_password=error, kept=kept.read(request.form.get("kept", ""))), 401
    begin(secret)
    return led_on(following)


def _checked(tried: Tried, password: str) -> str | None:
    # Outside of any transaction: both take long on purpose.
    if not passwords.fits(tried, password):
        return None
    new_hash = passwords.hashed(password) if passwords.wants_new_hash(tried) else ""
    with transaction():
        return stories.sign_in_by_password(tried, new_hash, device=signed_in.device(), now=clock.now())
