"""One's own account: who one is here, with which roles, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import sessions
from eventsvc.interfaces import signed_in
from eventsvc.interfaces.web.frame import SEE_OTHER, way_back


def add_routes(blueprint: Blueprint) -> None:
    """Add one's account."""
    blueprint.add_url_rule("/account", view_func=account)
    blueprint.add_url_rule("/account/sessions/<session_id>/end", view_func=end_session, methods=["POST"])
    blueprint.add_url_rule("/account/sign-out-everywhere", view_func=sign_out_everywhere, methods=["POST"])


def account() -> ResponseReturnValue:
    """Name, roles and sessions; those who sign in with the administrator's token have none of them."""
    if (here := signed_in.session()) is None:
        return _to_sign_in()
    grants = [grant for grant in here.account.grants if grant.ended_at is None]
    open_sessions = sessions.of_account(here.account_id, clock.now())
    zone = next((grant.office.zone for grant in grants if grant.office), "UTC")
    shown = {"account": here.account, "grants": grants, "sessions": open_sessions}
    return render_template("account.html", here=here, zone=zone, **shown)


def end_session(session_id: str) -> ResponseReturnValue:
    """Sign out another browser of one's own."""
    if (here := signed_in.session()) is None:
        return _to_sign_in()
    account_id = here.account_id
    with transaction():
        sessions.end_one(account_id, session_id, clock.now())
    flash(gettext("Signed out there."))
    return redirect(url_for(".account"), SEE_OTHER)


def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out every browser, this one too: for somebody who has lost a telephone."""
    if (here := signed_in.session()) is None:
        return _to_sign_in()
    account_id = here.account_id
    with transaction():
        sessions.end_all(account_id, clock.now())
        signed_in.end(clock.now())
    flash(gettext("You are signed out everywhere."))
    return redirect(url_for(".listing"), SEE_OTHER)


def _to_sign_in() -> ResponseReturnValue:
    return redirect(url_for(".sign_in", next=way_back()), SEE_OTHER)
