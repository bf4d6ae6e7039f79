"""How a partner's people are asked: with its office's release or automatically, and when silence is followed up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Permission
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.invitations import settings
from eventsvc.domain.invitations.models import PartnerSettings
from eventsvc.workflows.keeping import ensure_may_keep_of

FIELDS = (
    "asks_automatically",
    "chase_after_working_days",
    "chase_before_days",
    "tell_after_working_days",
    "pass_on_after_working_days",
    "answer_by_working_days",
    "works_from_minute",
    "works_until_minute",
    "changes_until_hours",
)
# How many days or hours may be said; more is a typing error.
_MOST = {"tell_after_working_days": 60, "pass_on_after_working_days": 60, "answer_by_working_days": 60}
_MOST |= {"changes_until_hours": 24 * 30, "works_until_minute": 1440, "works_from_minute": 1439}
_MOST_CHASES = 6


def asking_of(organization: str, *, actor: Actor) -> PartnerSettings:
    """How the people of an organization are asked; version 0 where it has said nothing.

    Refuses: NotFound, SignInNeeded, NotAllowed for those who keep nobody of it.
    """
    found = lookup.get(Organization, organization)
    ensure_may_keep_of(actor, Permission.KEEP_PEOPLE, found)
    return settings.of_organization(found.id)


def keep_asking(
    organization: str, said: Mapping[str, Any], *, expected: Expected | None = None, actor: Actor, now: datetime
) -> PartnerSettings:
    """Change how the people of an organization are asked; what is not said stays. It counts from the next look on.

    Locks:   the organization's row.
    Refuses: as `asking_of`, Stale, InvalidInput naming each field.
    """
    found = lookup.get(Organization, organization)
    ensure_may_keep_of(actor, Permission.KEEP_PEOPLE, found)
    db.session.execute(select(Organization.id).where(Organization.id == found.id).with_for_update(key_share=True))
    own = settings.of_organization(found.id)
    is_first = expected is not None and expected.is_nothing and own.version == 0
    ensure_met(expected, None if is_first else tag_of(own.version))
    changes = {name: (getattr(own, name), value) for name, value in said.items() if getattr(own, name) != value}
    for name, (_, value) in changes.items():
        setattr(own, name, value)
    _ensure_sound(own)
    if changes:
        own.version += 1
        db.session.add(own)
        audit.record("asking", "organization", found.slug, actor=actor.name, now=now, changes=changes)
        db.session.flush()
    return own


def _ensure_sound(own: PartnerSettings) -> None:
    errors = []
    for name in ("chase_after_working_days", "chase_before_days"):
        days = getattr(own, name)
        if len(days) > _MOST_CHASES or any(not 0 < day <= 60 for day in days):
            errors.append((name, say("at most %(most)s numbers of days, each from 1 to 60", most=_MOST_CHASES)))
    for name, most in _MOST.items():
        if not 0 <= getattr(own, name) <= most:
            errors.append((name, say("must be from 0 to %(most)s", most=most)))
    for name in ("tell_after_working_days", "answer_by_working_days"):
        if getattr(own, name) < 1:
            errors.append((name, say("must be at least 1")))
    if own.pass_on_after_working_days < own.tell_after_working_days:
        errors.append(("pass_on_after_working_days", say("is not before the partner’s office is told")))
    if own.works_from_minute >= own.works_until_minute:
        errors.append(("works_until_minute", say("is after the beginning of work")))
    if errors:
        raise InvalidInput(errors)
