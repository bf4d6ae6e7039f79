"""The people one can be in a demo, and who one is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import flash, session, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.domain.events.lifecycle import ON
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services

NOBODY = "nobody"
_COOKIE_KEY = "demo_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody's part: `may_plan` gives the planner's cookie, `begins_at` says where their day begins."""

    may_plan: bool
    role: Any  # words in the language of the page
    can: tuple[Any, ...]
    begins_with: Any
    begins_at: Callable[[], str]


def be(name: str) -> Person:
    """Take somebody's place: planners get the planner's cookie, the others lose it."""
    person = PEOPLE[name]
    if person.may_plan:
        requests.sign_in()
    else:
        requests.sign_out()
    session[_COOKIE_KEY] = name
    return person


def be_nobody() -> None:
    """Be a passer-by again."""
    requests.sign_out()


def present() -> str:
    """The name of the person one is; empty for a passer-by, and for a planner who typed the token."""
    name = str(session.get(_COOKIE_KEY, ""))
    return name if name in PEOPLE else ""


def _answer_page() -> str:
    """The answer page of the person who was asked last and has not answered."""
    now = clock.now()
    invitation = db.session.scalar(
        select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.state == InvitationState.NEEDS_ACTION, Event.status.in_(ON), Event.starts_at > now)
        .order_by(Invitation.asked_at.desc(), Invitation.id.desc())
        .limit(1)
    )
    if invitation is None:
        flash(gettext("Nobody is waiting for an answer: plan an event with an expert first."))
        return url_for("demo.start")
    link = services().links.answer(str(invitation.public_id), invitation.turn, invitation.event.ends_at)
    # Only the path: the visitor may have come by another name of this machine.
    return urlsplit(link).path


PEOPLE = {
    "coordinator": Person(
        may_plan=True,
        role=lazy_gettext("Career-center coordinator"),
        can=(
            lazy_gettext("Plans a session at a college: room, expert, time."),
            lazy_gettext("Publishes it, moves it, calls it off."),
        ),
        begins_with=lazy_gettext("Plan an event"),
        begins_at=lambda: url_for("pages.plan"),
    ),
    "outreach": Person(
        may_plan=True,
        role=lazy_gettext("Outreach coordinator of the Port"),
        can=(
            lazy_gettext("Sees what was asked for and whose yes is still missing."),
            lazy_gettext("Reads which letters went out."),
        ),
        begins_with=lazy_gettext("See open requests"),
        begins_at=lambda: url_for("pages.waiting"),
    ),
    "expert": Person(
        may_plan=False,
        role=lazy_gettext("Expert"),
        can=(
            lazy_gettext("Got a letter with a link: reads the briefing, says yes or no."),
            lazy_gettext("Needs no account."),
        ),
        begins_with=lazy_gettext("Answer an invitation"),
        begins_at=_answer_page,
    ),
    "student": Person(
        may_plan=False,
        role=lazy_gettext("Student"),
        can=(
            lazy_gettext("Looks for what is coming."),
            lazy_gettext("Puts it into a calendar, where it moves when it is moved."),
        ),
        begins_with=lazy_gettext("See what is coming"),
        begins_at=lambda: url_for("pages.listing"),
    ),
}
