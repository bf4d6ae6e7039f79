"""How the people of an organization are asked and chased: its own settings, or those of the house."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.working_hours import WorkingHours
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.invitations.chasing import Habits
from eventsvc.domain.invitations.models import PartnerSettings

_DEFAULTS = {
    "asks_automatically": False,
    "tell_after_working_days": 7,
    "pass_on_after_working_days": 8,
    "answer_by_working_days": 5,
    "works_from_minute": 8 * 60,
    "works_until_minute": 17 * 60,
    "changes_until_hours": 24,
    "version": 0,
}


def unsaved(organization_id: int) -> PartnerSettings:
    """What counts for an organization that has said nothing; version 0, and not in the session."""
    return PartnerSettings(
        organization_id=organization_id, chase_after_working_days=[3, 6], chase_before_days=[14, 7, 3], **_DEFAULTS
    )


def of_organization(organization_id: int) -> PartnerSettings:
    """What counts for an organization."""
    return db.session.get(PartnerSettings, organization_id) or unsaved(organization_id)


def of_organizations(organization_ids: Collection[int]) -> dict[int, PartnerSettings]:
    """The same of several, in one query; no entry is missing."""
    query = select(PartnerSettings).where(PartnerSettings.organization_id.in_(organization_ids))
    known = {one.organization_id: one for one in db.session.scalars(query)} if organization_ids else {}
    return {number: known.get(number) or unsaved(number) for number in organization_ids}


def habits_of(settings: PartnerSettings) -> Habits:
    """How silence is followed up."""
    return Habits(
        tuple(settings.chase_after_working_days),
        tuple(settings.chase_before_days),
        settings.tell_after_working_days,
        settings.pass_on_after_working_days,
    )


def hours_of(expert: Expert, settings: PartnerSettings) -> WorkingHours:
    """When letters of ours reach somebody: working hours in their own zone. Only weekends are known as holidays."""
    return WorkingHours(expert.zone, settings.works_from_minute, settings.works_until_minute)
