"""One's own account: who one is here, with which roles, where one is signed in, and what programs act with."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.accounts import sessions, tokens
from eventsvc.domain.accounts.models import Grant, Session
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory.models import Office
from eventsvc.interfaces import downloads, requests, signed_in
from eventsvc.interfaces.web import forms, letters_page, private_calendars_page, role_words, webhooks_page
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, account_only, forgetting
from eventsvc.workflows import keep_access_log, take_out
from eventsvc.workflows.keep_tokens import end_token, make_token

USUAL_DAYS = 90


def add_routes(blueprint: Blueprint) -> None:
    """Add one's account."""
    blueprint.add_url_rule("/account", view_func=account)
    for path, view in (
        ("/account/sessions/<session_id>/end", end_session),
        ("/account/sign-out-everywhere", sign_out_everywhere),
        ("/account/tokens", make_own_token),
        ("/account/tokens/<token_id>/end", end_own_token),
    ):
        blueprint.add_url_rule(path, view_func=view, methods=["POST"])


@account_only
def account() -> ResponseReturnValue:
    """Name, roles, sessions and tokens."""
    return _page(Form())


@account_only
def end_session(session_id: str) -> ResponseReturnValue:
    """Sign out another browser of one's own."""
    account_id = _here().account_id
    with transaction():
        sessions.end_one(account_id, session_id, clock.now())
    return _back(gettext("Signed out there."))


@account_only
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out every browser, this one too: for somebody who has lost a telephone."""
    account_id = _here().account_id
    with transaction():
        sessions.end_all(account_id, clock.now())
        signed_in.end(clock.now())
    flash(gettext("You are signed out everywhere."))
    return forgetting(redirect(url_for(".listing"), SEE_OTHER))


@account_only
def make_own_token() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    form, email = Form(request.form), _here().account.email
    scopes = [scope for scope in Scope if scope in form.all("scopes")]
    try:
        days = forms.whole(form.value("days") or str(USUAL_DAYS))
        if not isinstance(days, int):
            raise InvalidInput({"days": say("is not a whole number")})
        with transaction():
            _, secret = make_token(
                email, form.value("name"), scopes, days=days, actor=requests.actor(), now=clock.now()
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    # Shown this once: also not by Back, nor from the browser's disk.
    return downloads.not_stored(make_response(_page(Form(), secret=secret)))


@account_only
def end_own_token(token_id: str) -> ResponseReturnValue:
    """Make a token worthless."""
    email = _here().account.email
    with transaction():
        end_token(email, token_id, actor=requests.actor(), now=clock.now())
    return _back(gettext("That token is worthless now."))


def _here() -> Session:
    here = signed_in.session()
    assert here is not None, "guarded by account_only"
    return here


def _back(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for(".account"), SEE_OTHER)


def _taken_out(grants: Sequence[Grant]) -> list[Office]:
    """The own offices of which one may take everything out, each once."""
    offices = dict.fromkeys(grant.office for grant in grants if grant.office is not None)
    return [office for office in offices if take_out.may_take_out(office, requests.actor())]


def _page(form: Form, *, secret: str = "") -> str:
    here, now = _here(), clock.now()
    grants = [grant for grant in here.account.grants if grant.ended_at is None]
    return render_template(
        "account.html",
        here=here,
        account=here.account,
        grants=grants,
        taken_out=_taken_out(grants),
        zone=next((grant.office.zone for grant in grants if grant.office), "UTC"),
        sessions=sessions.of_account(here.account_id, now),
        tokens=tokens.of_account(here.account_id, now),
        calendars=private_calendars_page.ways_of(requests.actor().expert_ids, grants),
        letters=letters_page.ways_of(grants),
        webhooks=webhooks_page.ways_of(grants),
        accesses=keep_access_log.own_accesses(requests.actor()),
        scopes=list(Scope),
        role_words=role_words,
        usual_days=USUAL_DAYS,
        form=form,
        secret=secret,
    )
