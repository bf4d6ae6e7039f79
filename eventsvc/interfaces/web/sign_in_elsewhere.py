"""Signing in at a provider (OpenID Connect): there by a button, back with a code, each way once.

A browser's rule for forms (CSP `form-action`) follows redirects, also those that a provider makes later, so the button
is answered by a page of our own, which leads on by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from eventsvc.core import clock
from eventsvc.core import tokens as credentials
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotFound, NotVouchedFor, Refusal, say
from eventsvc.domain.accounts import elsewhere
from eventsvc.interfaces import languages, signed_in
from eventsvc.interfaces.providers_file import SignInPlace
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.frame import SEE_OTHER, sign_in_page
from eventsvc.interfaces.web.sign_in import AFTERWARDS, begin, own_path
from eventsvc.workflows.sign_in_elsewhere import sign_in_by_claims

# Which browser was sent: nobody can be led back into somebody else's sign-in.
_BROWSER = "sign_in_browser"


def add_routes(blueprint: Blueprint) -> None:
    """Add the way there, the way back, and what leads out again."""
    blueprint.add_url_rule("/sign-in/with/<provider>", view_func=sign_in_elsewhere, methods=["POST"])
    blueprint.add_url_rule("/sign-in/with/<provider>/back", view_func=back_from_elsewhere)
    blueprint.add_url_rule("/sign-in/kept", view_func=show_kept, methods=["POST"])
    blueprint.add_url_rule("/signed-out/<provider>", view_func=signed_out)


def sign_in_elsewhere(provider: str) -> ResponseReturnValue:
    """Send the browser to the provider."""
    place, following = _place(provider), own_path(request.form.get("next", ""))
    typed, sent = request.form.get("kept", ""), elsewhere.new_sent()
    browser = session.setdefault(_BROWSER, credentials.new_secret())
    db.session.rollback()  # nothing is read any more while somebody else's server takes its time
    try:
        address = place.client.address(back=_way_back(place), **sent._asdict())
    except Refusal as refusal:
        return _failed(place, refusal, following, typed)
    with transaction():
        elsewhere.note_sent(sent, browser=browser, provider=provider, following=following, kept=typed, now=clock.now())
    return render_template("sign_in_go.html", name=place.provider.name, address=address)


def back_from_elsewhere(provider: str) -> ResponseReturnValue:
    """Take the browser back: sign somebody in, or say in words why not."""
    place, following, typed = _place(provider), url_for(".listing"), ""
    try:
        with transaction():
            found = elsewhere.take_back(
                request.args.get("state", ""),
                browser=session.get(_BROWSER, ""),
                provider=provider,
                now=clock.now(),
            )
        following, typed = found.following, found.kept
        secret = _signed_in(place, _claims(place, found))
    except Refusal as refusal:
        return _failed(place, refusal, following, typed)
    begin(secret)
    session[AFTERWARDS] = url_for(".signed_out", provider=provider)
    if typed:
        return render_template("sign_in_kept.html", kept=typed, following=following)
    return redirect(following, SEE_OTHER)


def show_kept() -> ResponseReturnValue:
    """What had been typed before signing in, in its form again."""
    found = kept.read(request.form.get("kept", ""))
    return (found and kept.show(found)) or redirect(own_path(request.form.get("next", "")), SEE_OTHER)


def signed_out(provider: str) -> ResponseReturnValue:
    """Signed out here; the provider may still know this browser, and whoever sits down next comes in without a word."""
    place = _place(provider)
    db.session.rollback()
    try:
        address = place.client.sign_out_address(services().links.to(url_for(".listing")))
    except Refusal:
        address = ""
    return render_template("signed_out.html", name=place.provider.name, address=address)


def _place(slug: str) -> SignInPlace:
    found = services().sign_in_places.get(slug)
    if found is None:
        raise NotFound(say("Nobody signs in here by a provider of that name."))
    return found


def _way_back(place: SignInPlace) -> str:
    # From PUBLIC_URL, never from the Host header: the provider knows this address and no other.
    return services().links.to(url_for(".back_from_elsewhere", provider=place.provider.slug))


def _claims(place: SignInPlace, found: elsewhere.Back) -> Mapping[str, Any]:
    """What the provider says, asked with no transaction open. Refuses: NotVouchedFor, ProviderAway."""
    _ensure_not_refused(place)
    return place.client.claims(
        back=_way_back(place),
        code=request.args.get("code", ""),
        nonce=found.nonce,
        verifier=found.verifier,
        now=clock.now(),
    )


def _ensure_not_refused(place: SignInPlace) -> None:
    """Refuses NotVouchedFor where the provider says no, or somebody else speaks for it (RFC 9207)."""
    error, name = request.args.get("error", ""), place.provider.name
    if error == "access_denied":
        raise NotVouchedFor(say("You did not sign in at %(provider)s, or it did not let you.", provider=name))
    if error:
        code = error if re.fullmatch(r"[a-z_]{1,40}", error) else "error"
        raise NotVouchedFor(say("%(provider)s did not sign you in (%(code)s).", provider=name, code=code))
    if request.args.get("iss", place.provider.issuer) != place.provider.issuer:
        raise NotVouchedFor(say("What came back from there cannot be accepted (%(kind)s).", kind="iss"))


def _signed_in(place: SignInPlace, claims: Mapping[str, Any]) -> str:
    try:
        return _story(place, claims)
    except IntegrityError:
        # The same person came back twice at the same moment; now the first one is seen.
        return _story(place, claims)


def _story(place: SignInPlace, claims: Mapping[str, Any]) -> str:
    with transaction():
        return sign_in_by_claims(
            place.provider, claims, language=languages.present(), device=signed_in.device(), now=clock.now()
        )


def _failed(place: SignInPlace, refusal: Refusal, following: str, typed: str) -> ResponseReturnValue:
    said = gettext("Signing in with %(name)s did not work.", name=place.provider.name)
    error = f"{said} {languages.translated(refusal.detail)}"
    return sign_in_page(following, error_elsewhere=error, kept=kept.read(typed)), refusal.status
