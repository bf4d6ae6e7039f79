"""Colleagues: who may sign in at one's offices, with which roles; let somebody in, and let somebody go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.accounts import Owner, Role, colleagues, giving
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import BY_LINK
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office
from eventsvc.interfaces import languages, paging, requests
from eventsvc.interfaces.web import frame, kept, role_words
from eventsvc.interfaces.web.away_now import away_now
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import keep_accounts as keep

PAGE_OF_PEOPLE = 50
EVERYWHERE = "everywhere"


def add_routes(blueprint: Blueprint) -> None:
    """Add the list and the page of one."""
    blueprint.add_url_rule("/people", view_func=people, methods=["GET", "POST"])
    blueprint.add_url_rule("/people/<account_id>", view_func=person, methods=["GET", "POST"])


@kept.shows_again
@frame.keeper_only
def people() -> ResponseReturnValue:
    """Colleagues, narrowed by office and words, and the form that lets another one in."""
    form = Form(kept.sent()) if request.method == "POST" else Form()
    if request.method != "POST" or kept.is_again():
        return _list(form)
    try:
        with transaction():
            grant = keep.let_in(
                form.value("email"),
                form.value("name"),
                language=form.value("language") or languages.SOURCE,
                **_wish(form),
                actor=requests.actor(),
                now=clock.now(),
            )
            name, email = grant.account.name, grant.account.email
    except Refusal as refusal:
        _note(form, refusal)
        return _list(form), refusal.status
    flash(gettext("%(name)s may sign in. A letter to %(email)s says how.", name=name, email=email), "good")
    return redirect(url_for("pages.people"), frame.SEE_OTHER)


@kept.shows_again
@frame.keeper_only
def person(account_id: str) -> ResponseReturnValue:
    """One colleague: name, roles at one's own places, and what can be changed; `act` says what to do."""
    form = Form(kept.sent()) if request.method == "POST" else Form()
    if request.method != "POST" or kept.is_again():
        return _page(account_id, form)
    story = _ACTS.get(form.value("act"))
    try:
        if story is None:
            raise InvalidInput({"act": say("is none of the acts of this page")})
        with transaction():
            said = story(colleagues.claim(account_id, requests.actor()), form)
    except Refusal as refusal:
        _note(form, refusal)
        return _page(account_id, form), refusal.status
    flash(said, "good")
    return redirect(_where_now(account_id), frame.SEE_OTHER)


def _note(form: Form, refusal: Refusal) -> None:
    """Say the no; office and organization are one field here."""
    form.refuse(refusal)
    for field in ("office", "organization"):
        form.errors.setdefault("place", []).extend(form.errors.pop(field, []))
    form.errors = {field: errors for field, errors in form.errors.items() if errors}


def _where_now(account_id: str) -> str:
    """The colleague's page, while one still keeps the account."""
    try:
        colleagues.get(account_id, requests.actor())
    except Refusal:
        return url_for("pages.people")
    return url_for("pages.person", account_id=account_id)


def _edit(account: Account, form: Form) -> str:
    words = {"name": form.value("name"), "language": form.value("language")}
    keep.change_account(account, **words, actor=requests.actor(), now=clock.now())
    return str(gettext("Saved."))


def _give(account: Account, form: Form) -> str:
    keep.let_in(account.email, **_wish(form), actor=requests.actor(), now=clock.now())
    return str(gettext("The role is given, and a letter says so."))


def _take(account: Account, form: Form) -> str:
    grant = colleagues.get_grant(account, form.value("grant"), requests.actor())
    keep.end_grant(grant, knows_it_is_own=bool(form.value("own")), actor=requests.actor(), now=clock.now())
    return str(gettext("The role is taken. It counts no more from now on."))


def _set_override(account: Account, form: Form) -> str:
    grant = colleagues.get_grant(account, form.value("grant"), requests.actor())
    keep.set_override(grant, form.value("act") == "override", actor=requests.actor(), now=clock.now())
    return str(gettext("Saved."))


def _end(account: Account, form: Form) -> str:
    own, actor = bool(form.value("own")), requests.actor()
    keep.end_account(account.email, knows_it_is_own=own, actor=actor, now=clock.now())
    return str(gettext("They may not sign in any more. What they did stays in the history."))


_ACTS: dict[str, Callable[[Account, Form], str]] = {
    "edit": _edit,
    "give": _give,
    "take": _take,
    "override": _set_override,
    "no_override": _set_override,
    "end": _end,
}


def _wish(form: Form) -> dict[str, Any]:
    """Which role where; refuses InvalidInput for what is none."""
    if form.value("role") not in set(Role):
        raise InvalidInput({"role": say("is needed: choose one")})
    kind, _, slug = form.value("place").partition(":")
    if form.value("place") != EVERYWHERE and kind not in ("office", "organization"):
        raise InvalidInput({"place": say("is needed: choose one")})
    place = {kind: slug} if slug else {}
    return {"role": Role(form.value("role")), "may_override": bool(form.value("may_override")), **place}


def _list(form: Form) -> str:
    slug = request.args.get("office", "")
    office, words = (lookup.get(Office, slug) if slug else None), request.args.get("q", "")[:200].replace("\x00", "")
    after = paging.event_key(request.args.get("cursor"))
    found, last = colleagues.page(requests.actor(), office=office, words=words, after=after, limit=PAGE_OF_PEOPLE)
    return render_template(
        "people/list.html",
        form=form,
        people=[(one, _grants(one)) for one in found],
        office=slug,
        asked=words,
        away=away_now(),
        following=paging.encode([last[0].isoformat(), last[1]]) if last else "",
        **_choices(),
    )


def _page(account_id: str, form: Form) -> str:
    actor = requests.actor()
    account = colleagues.get(account_id, actor)
    grants = _grants(account)
    return render_template(
        "people/person.html",
        form=form,
        account=account,
        grants=[(one, _may(one)) for one in grants],
        is_own=account.id == actor.account_id,
        is_whole=len(grants) == sum(one.ended_at is None for one in account.grants),
        **_choices(),
    )


def _grants(account: Account) -> list[Any]:
    return giving.within(giving.reach_of(requests.actor()), account.grants)


def _may(grant: Any) -> dict[str, bool]:
    actor, place = requests.actor(), giving.place_of(grant)
    may_take = giving.may_give(actor, grant.role, place)
    return {"take": may_take, "override": may_take and giving.may_give_override(actor, place)}


def _choices() -> dict[str, Any]:
    """What the forms offer: roles and places that the asker may give; the story refuses what does not go together."""
    actor = requests.actor()
    offices, organizations = colleagues.offices_kept(actor), colleagues.organizations_kept(actor)
    places = [Owner(one.id, one.organization_id) for one in offices]
    places += [Owner(None, one.id) for one in organizations]
    given = {role for place in places for role in giving.given_by(actor, place)}
    if giving.may_give(actor, Role.ADMINISTRATOR, Owner(None, None)):
        given |= set(Role) - BY_LINK
    return {
        "offices": offices,
        "organizations": organizations,
        "roles": [(str(role), role_words.ROLES[role]) for role in Role if role in given],
        "role_words": role_words,
        "has_everywhere": Role.ADMINISTRATOR in given,
        "gives_override": any(giving.may_give_override(actor, place) for place in places),
        "languages_known": [(tag, name) for tag, name in languages.NAMES.items()],
    }
