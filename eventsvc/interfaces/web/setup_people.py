"""Two steps of setting up: the first expert, with the employer who lends them, and the first colleague."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor, Role, may_run
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.lending import first_office
from eventsvc.domain.directory.models import Expert, Organization, OrganizationKind, Topic
from eventsvc.interfaces import requests
from eventsvc.interfaces.languages import NAMES
from eventsvc.interfaces.web import role_words, setup_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.setup_steps import Saved, StepPage, form_of
from eventsvc.workflows import keep_accounts, keep_directory, new_names
from eventsvc.workflows.college_standing import offices_of, people_of
from eventsvc.workflows.keep_directory import ExpertRow, OfficeRow, OrganizationRow, TopicRow
from eventsvc.workflows.keep_people import find_topic
from eventsvc.workflows.readiness import LEAST_PEOPLE

MOST_SHOWN = 20


def level_choices() -> list[dict[str, Any]]:
    """Before whom somebody may speak, as boxes to tick."""
    return [{"slug": str(level), "name": label} for level, label in words.LEVELS.items()]


def _filled_expert(college: Organization) -> Form:
    mine = {"employer": "" if may_run(requests.actor()) else college.slug}
    return form_of({"employer_kind": OrganizationKind.PUBLIC_EMPLOYER, "language": "en", **mine})


def _save_expert(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    if not form.value("expert_name").strip():
        raise InvalidInput({"expert_name": say("is empty")})
    employer = _employer(college, form, actor, now)
    office = first_office(employer)
    new_names.ensure_new_expert(employer, form.value("expert_name").strip(), field="expert_name")
    row = ExpertRow(
        name=form.value("expert_name"),
        organization=employer.slug,
        office=office.slug if office else None,
        email=form.value("expert_email"),
        language=form.value("language") if form.value("language") in NAMES else None,
        topics=_topics(form, actor, now),
        levels=tuple(form.all("levels")),
    )
    expert = keep_directory.save_expert(row, actor=actor, now=now)
    says = gettext("%(name)s of %(employer)s can be asked from now on.", name=expert.name, employer=employer.name)
    return Saved(says, stays=form.value("act") == "more")


def _employer(college: Organization, form: Form, actor: Actor, now: datetime) -> Organization:
    """The employer that was chosen, or a new one with an office of its own."""
    if chosen := form.value("employer"):
        return lookup.get_in_use(Organization, chosen, field="employer")
    name, kind = form.value("employer_name").strip(), form.value("employer_kind")
    if not name:
        raise InvalidInput({"employer_name": say("is needed: choose an employer, or name a new one")})
    new_names.ensure_new_organization(name, field="employer_name", is_another=bool(form.value("is_another")))
    known = kind if kind in setup_words.EMPLOYERS else OrganizationKind.PUBLIC_EMPLOYER
    try:
        row = OrganizationRow(name=name, kind=OrganizationKind(known))
        employer = keep_directory.save_organization(row, actor=actor, now=now)
        _add_office(employer, college, form, actor, now)
    except InvalidInput as refusal:
        fields = {"mailbox": "employer_mailbox"}
        raise InvalidInput(
            [(fields.get(one["field"], "employer_name"), one["reason"]) for one in refusal.facts["errors"]]
        ) from None
    return employer


def _add_office(employer: Organization, college: Organization, form: Form, actor: Actor, now: datetime) -> None:
    office = OfficeRow(
        name=gettext("Outreach"),
        organization=employer.slug,
        mailbox=form.value("employer_mailbox"),
        zone=offices_of(college)[0].zone,
    )
    keep_directory.save_office(office, actor=actor, now=now)


def _topics(form: Form, actor: Actor, now: datetime) -> tuple[str, ...]:
    """The topics that were typed, each once; one that nobody has named yet becomes a topic."""
    typed = [" ".join(word.split()) for word in form.value("topic_words").split(",")]
    names = tuple(dict.fromkeys(word for word in typed if word))
    try:
        for name in names:
            if find_topic(name) is None:
                keep_directory.save_topic(TopicRow(name=name), actor=actor, now=now)
    except InvalidInput as refusal:
        raise InvalidInput([("topic_words", one["reason"]) for one in refusal.facts["errors"]]) from None
    return names


def _shown_expert(college: Organization, form: Form) -> dict[str, Any]:
    experts, more = lookup.page(Expert, after_slug=None, limit=MOST_SHOWN)
    return {
        "experts": experts,
        "has_more": more is not None,
        "has_own": any(expert.organization_id == college.id for expert in experts),
        "employers": _employers(college),
        "kinds": list(setup_words.EMPLOYERS.items()),
        "topics": db.session.scalars(select(Topic.name).where(Topic.retired_on.is_(None)).order_by(Topic.name)).all(),
        "languages": list(NAMES.items()),
        "levels": level_choices(),
        "may_add_employers": may_run(requests.actor()),
    }


def _employers(college: Organization) -> list[tuple[str, str]]:
    """The college itself and who else lends people; only those who run the service add people of others."""
    if not may_run(requests.actor()):
        return [(college.slug, college.name)]
    lending = Organization.kind.in_(list(setup_words.EMPLOYERS)), Organization.retired_on.is_(None)
    found = db.session.scalars(select(Organization).where(*lending).order_by(Organization.name)).all()
    return [(one.slug, one.name) for one in [*found, college]]


def _filled_colleague(college: Organization) -> Form:
    office = offices_of(college)[0]
    return form_of({"role": Role.COORDINATOR, "language": office.language, "office": office.slug})


def _save_colleague(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    role, offices = form.value("role"), {office.slug for office in offices_of(college)}
    if role not in setup_words.ROLES:
        raise InvalidInput({"role": say("choose one of the roles")})
    if form.value("office") not in offices:
        raise InvalidInput({"office": say("choose one of the offices")})
    keep_accounts.let_in(
        form.value("person_email"),
        form.value("person_name").strip(),
        language=form.value("language") if form.value("language") in NAMES else "en",
        role=Role(role),
        office=form.value("office"),
        actor=actor,
        now=now,
    )
    says = gettext("%(name)s may sign in; the letter that says how is on its way.", name=form.value("person_name"))
    return Saved(says, stays=form.value("act") == "more" or len(people_of(college)) < LEAST_PEOPLE)


def _shown_colleague(college: Organization, form: Form) -> dict[str, Any]:
    return {
        "people": people_of(college),
        "least": LEAST_PEOPLE,
        "offices": [(office.slug, office.name) for office in offices_of(college)],
        "roles": [(role, role_words.ROLES[role]) for role in setup_words.ROLES],
        "languages": list(NAMES.items()),
        "by_key": requests.actor().account_id is None,
    }


_EXPERT_FIELDS = {"name": "expert_name", "email": "expert_email", "slug": "expert_name", "topics": "topic_words"}
EXPERT = StepPage("setup/expert.html", _filled_expert, _save_expert, _shown_expert, _EXPERT_FIELDS)
_PERSON_FIELDS = {"name": "person_name", "email": "person_email"}
COLLEAGUE = StepPage("setup/colleague.html", _filled_colleague, _save_colleague, _shown_colleague, _PERSON_FIELDS)
