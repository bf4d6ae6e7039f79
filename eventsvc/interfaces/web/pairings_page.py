"""Pairings of schools and colleges, on a page of each: which there are, one more, and an end to one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.directory import pairings
from eventsvc.domain.directory.models import Organization
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, keeper_of_things_only
from eventsvc.workflows import keep_pairings as keep


def add_routes(blueprint: Blueprint) -> None:
    """Add the page of an organization, and the way to one's own."""
    blueprint.add_url_rule("/pairings", view_func=all_paired)
    blueprint.add_url_rule("/organizations/<slug>/pairings", view_func=paired, methods=["GET", "POST"])


@keeper_of_things_only
def all_paired() -> ResponseReturnValue:
    """To the school or college that one keeps; where there are several, to choose."""
    found = keep.organizations_paired(actor=requests.actor())
    if len(found) == 1:
        return redirect(url_for("pages.paired", slug=found[0].slug))
    return render_template("calendars/pairings_of.html", organizations=found)


@kept.shows_again
@keeper_of_things_only
def paired(slug: str) -> ResponseReturnValue:
    """With whom it is paired, a form to pair it, and a button to end each; `act`: what to do."""
    actor = requests.actor()
    one = keep.organization_paired(slug, actor=actor)
    form = Form(kept.sent())
    if form.value("act") not in ("pair", "end") or kept.is_again():
        return _page(one, form)
    try:
        with transaction():
            said = _done(keep.organization_paired(slug, actor=actor), form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(keep.organization_paired(slug, actor=actor), form), refusal.status
    flash(said, "good")
    return redirect(url_for("pages.paired", slug=slug), SEE_OTHER)


def _done(one: Organization, form: Form) -> str:
    """Do what the form asks for, and say what has become of it."""
    actor, now = requests.actor(), clock.now()
    known = {other.slug: other.name for other in [*pairings.others_for(one), *pairings.partners_of(one)]}
    slug = form.value("with")
    if slug not in known:
        raise InvalidInput({"with": say("Choose one from the list.")})
    names = {"one": one.name, "other": known[slug]}
    if form.value("act") == "pair":
        keep.pair(one.slug, slug, actor=actor, now=now)
        return str(gettext("%(one)s and %(other)s are paired.", **names))
    keep.end(one.slug, slug, actor=actor, now=now)
    return str(gettext("%(one)s and %(other)s are not paired any more.", **names))


def _page(one: Organization, form: Form) -> str:
    partners = pairings.partners_of(one)
    there = {partner.id for partner in partners}
    return render_template(
        "calendars/pairings.html",
        one=one,
        is_school=one.kind == pairings.SCHOOL,
        form=form,
        partners=partners,
        others=[(other.slug, other.name) for other in pairings.others_for(one) if other.id not in there],
    )
