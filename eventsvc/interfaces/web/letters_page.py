"""Which letters come and how: for one's own account, for an office, and for an expert by the link of their season."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.models import Grant
from eventsvc.interfaces import languages, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import guests, letter_choices
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, account_only, planner_only
from eventsvc.workflows import choose_letters
from eventsvc.workflows.choose_letters import Reader


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages of who is signed in."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/account/letters", view_func=own_letters, methods=both)
    blueprint.add_url_rule("/offices/<slug>/letters", view_func=office_letters, methods=both)


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page of a season's link."""
    blueprint.add_url_rule("/season/<token>/letters", view_func=season_letters, methods=["GET", "POST"])


@account_only
def own_letters() -> ResponseReturnValue:
    """Letters to one's own address."""
    account, reader = choose_letters.own(requests.actor())
    back = url_for(".account"), gettext("Your account")
    return _page(reader, account.email, "", back)


@planner_only
def office_letters(slug: str) -> ResponseReturnValue:
    """Letters to the mailbox of an office, for who plans for it. Refuses NotFound and NotAllowed."""
    office, reader = choose_letters.of_office(slug, requests.actor())
    back = url_for(".monday", slug=slug), gettext("The Monday letter")
    return _page(reader, office.mailbox, f"{office.name}, {office.organization.name}", back)


def _page(reader: Reader, address: str, office: str, back: tuple[str, str]) -> ResponseReturnValue:
    form, status = Form(request.form), 200
    if request.method == "POST":
        if refused := _refused(reader, form, requests.actor()):
            status = refused.status
        else:
            flash(gettext("Your choice is kept."), "good")
            return redirect(request.path, SEE_OTHER)
    shown: dict[str, Any] = letter_choices.shown(reader)
    return render_template("letters.html", form=form, address=address, office=office, back=back, **shown), status


def _refused(reader: Reader, form: Form, actor: Actor) -> Refusal | None:
    """Keep what was pressed; what stands against it, noted in the form as well, or None."""
    try:
        letter_choices.keep(reader, form, actor=actor, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return refusal
    return None


def season_letters(token: str) -> ResponseReturnValue:
    """Letters to an expert's own address; refuses NotFound and LinkExpired."""
    expert, reader = choose_letters.of_expert_by_link(*services().links.read_season(token, clock.now()))
    form, status = Form(request.form), 200
    if request.method == "POST":
        if refused := _refused(reader, form, choose_letters.BY_LINK):
            status = refused.status
        else:
            return redirect(url_for(".season_letters", token=token), SEE_OTHER)
    languages.prefer(expert.language)
    season = url_for(".season", token=token)
    return guests.page(
        "season_letters.html", status, form=form, expert=expert, season=season, **letter_choices.shown(reader)
    )


def ways_of(grants: list[Grant]) -> list[tuple[str, str]]:
    """Name and page of every office whose letters somebody chooses."""
    offices = dict.fromkeys(grant.office for grant in grants if grant.office is not None)
    return [
        (one.name, url_for(".office_letters", slug=one.slug))
        for one in offices
        if choose_letters.may_choose_for(one, requests.actor())
    ]
