"""What the form of a request offers to choose from; one query each, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, may_plan
from eventsvc.domain.directory import lending
from eventsvc.domain.directory.models import Campus, Level, Office
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests import lookup, permits
from eventsvc.domain.requests.models import Format
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.interfaces.request_schemas import WEEKDAYS
from eventsvc.interfaces.web import choices, wish_form, wish_words, words
from eventsvc.interfaces.web.forms import Form

_MOST_ROUNDS = 50


def own_offices(actor: Actor) -> list[Office]:
    """The offices for which somebody plans, of any kind of event, by slug."""
    return [office for office in _offices() if may_plan(actor, permits.owner_of(office))]


def _offices() -> Sequence[Office]:
    query = select(Office).where(Office.retired_on.is_(None)).order_by(Office.slug)
    return db.session.scalars(query.options(joinedload(Office.organization))).all()


def of_form(form: Form, actor: Actor, now: datetime) -> dict[str, Any]:
    """For the whole form."""
    own = own_offices(actor)
    return {
        "partners": _partners(set() if actor.is_administrator else {one.organization_id for one in own}),
        "askers": own,
        "campuses": campuses_of(own),
        "rounds": open_rounds(now),
        "topics": choices.of_words(form)["topics"],
        "kinds": [(kind, words.KINDS[kind]) for kind in EventKind],
        "formats": [(one, wish_words.FORMATS[one]) for one in Format],
        "levels": [(one, wish_words.LEVELS[one]) for one in Level],
        "languages": [(one["slug"], one["name"]) for one in choices.languages([form.value("language")])],
        "weekdays": [{"slug": slug, "name": wish_words.weekday_name(day)} for day, slug in enumerate(WEEKDAYS)],
        "said": wish_form.said_numbers(form),
    }


def campuses_of(own: Sequence[Office]) -> Sequence[Campus]:
    """The campuses in use of the organizations of those offices, by name."""
    query = select(Campus).where(Campus.retired_on.is_(None))
    query = query.where(Campus.organization_id.in_({office.organization_id for office in own}))
    return db.session.scalars(query.order_by(Campus.name)).all()


def with_only_campus(form: Form, actor: Actor) -> Form:
    """The form with the campus chosen, where somebody plans for one campus alone and the form says nothing of it."""
    if "campus" in form.values:
        return form
    campuses = campuses_of(own_offices(actor))
    return form.with_values(campus=campuses[0].slug) if len(campuses) == 1 else form


def _partners(but: Collection[int]) -> list[tuple[str, str]]:
    """Offices that can be asked: of employers, and of whoever lends experts; by name, each as an option."""
    offices = [office for office in lending.offices() if office.organization_id not in but]
    named = [(office.slug, f"{office.organization.name}: {office.name}") for office in offices]
    return sorted(named, key=lambda one: one[1].casefold())


def open_rounds(now: datetime) -> list[Round]:
    """The rounds that take requests now, the newest first."""
    found, _ = lookup.rounds(after=None, limit=_MOST_ROUNDS)
    return [one for one in found if one.standing(now) is RoundStanding.OPEN]
