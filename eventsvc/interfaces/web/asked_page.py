"""A partner's week: all that is asked of its people, released and answered many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.invitations import arrivals, asking, behalf
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.interfaces import requests
from eventsvc.interfaces.schemas import ReasonSchema
from eventsvc.interfaces.web import days, forms, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, keeper_of_things_only
from eventsvc.workflows import release_people
from eventsvc.workflows.answer_on_behalf import answer_on_behalf
from eventsvc.workflows.asked_in_week import asked_in_week, today_of

_WORDS = {str(word): word for word in AnswerWord}
_OPEN = (InvitationState.NEEDS_ACTION, InvitationState.TENTATIVE)


def add_routes(blueprint: Blueprint) -> None:
    """Add the page, with and without a day."""
    blueprint.add_url_rule("/asked", view_func=asked_now)
    blueprint.add_url_rule("/asked/<day>", view_func=asked)
    blueprint.add_url_rule("/asked/<day>", view_func=answer_many, methods=["POST"])


@keeper_of_things_only
def asked_now() -> ResponseReturnValue:
    """To the present week."""
    first = days.first_of_week(today_of(requests.actor(), clock.now()))
    return redirect(url_for(".asked", day=first.isoformat()))


@keeper_of_things_only
def asked(day: str) -> str:
    """The week around a day."""
    return _page(days.first_of_week(days.day_named(day)), Form())


@keeper_of_things_only
def answer_many(day: str) -> ResponseReturnValue:
    """Carry out one act for everybody who is ticked; what cannot be is said by name, the rest is done."""
    first, form = days.first_of_week(days.day_named(day)), Form(request.form)
    ticked = form.all("invitation")
    try:
        if not ticked:
            raise InvalidInput({"invitation": say("name at least one")})
        _answer(ticked, form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(first, form), refusal.status
    return redirect(url_for(".asked", day=first.isoformat()), SEE_OTHER)


def _answer(ticked: Sequence[str], form: Form) -> None:
    """Each answer is a story of its own: what one person said does not hang on another's.

    A release is one for all, and so is its refusal.
    """
    act = form.value("act")
    if act == "release":
        _release(ticked)
        return
    if act == "refuse":
        _refuse(ticked, forms.load(ReasonSchema(), {"reason": form.value("reason")})["reason"])
        return
    if act not in _WORDS:
        raise InvalidInput({"act": say("is none of the buttons of this page")})
    done, refused = 0, []
    for invitation_id in ticked:
        try:
            _write_down(invitation_id, _WORDS[act])
            done += 1
        except Refusal as refusal:
            refused.append(f"{_name(invitation_id)}: {words.translated(refusal.detail)}")
    if done:
        flash(ngettext("%(num)d answer is written down.", "%(num)d answers are written down.", done), "good")
    for sentence in refused:
        flash(sentence, "warn")


def _release(ticked: Sequence[str]) -> None:
    with transaction():
        released = release_people.release_all(ticked, actor=requests.actor(), now=clock.now())
    said = ngettext(
        "%(num)d person is released and asked now.", "%(num)d people are released and asked now.", len(released)
    )
    flash(said, "good")


def _refuse(ticked: Sequence[str], reason: str) -> None:
    with transaction():
        refused = release_people.refuse_all(ticked, reason=reason, actor=requests.actor(), now=clock.now())
    said = ngettext(
        "%(num)d person is not lent. The host is told, and the next is asked.",
        "%(num)d people are not lent. The hosts are told, and the next are asked.",
        len(refused),
    )
    flash(said, "good")


def _write_down(invitation_id: str, word: AnswerWord) -> None:
    with transaction():
        invitation = asking.get_invitation(invitation_id)
        event, slug = str(invitation.event.public_id), invitation.expert.slug
        answer_on_behalf(event, slug, word, actor=requests.actor(), now=clock.now())


def _name(invitation_id: str) -> str:
    """By whom a refusal is told; the story has refused strangers before."""
    try:
        invitation = asking.get_invitation(invitation_id)
    except Refusal:
        return str(gettext("An answer"))
    return f"{invitation.expert.name}, {invitation.event.title}"


def _page(first: date, form: Form) -> str:
    found = asked_in_week(first, actor=requests.actor())
    last = behalf.last_answers(found)
    return render_template(
        "asked.html",
        form=form,
        first=first,
        last=first + days.A_WEEK - (days.A_WEEK / 7),
        before=first - days.A_WEEK,
        after=first + days.A_WEEK,
        waiting=_by_day(found, [InvitationState.AWAITS_RELEASE]),
        unanswered=_by_day(found, _OPEN),
        settled=_by_day(found, set(InvitationState) - {InvitationState.AWAITS_RELEASE, *_OPEN}),
        on_behalf=behalf.of_answers(last.values()),
        arrivals=arrivals.of_invitations(found),
        total=len(found),
        all_ticked=request.args.get("ticked") == "all",
    )


def _by_day(found: Iterable[Invitation], states: Iterable[Any]) -> list[tuple[date, list[Invitation]]]:
    wanted = [one for one in found if one.state in set(states)]
    return [(day, list(some)) for day, some in groupby(wanted, key=lambda one: one.event.starts_on)]
