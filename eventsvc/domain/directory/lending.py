"""Which offices lend experts, and which of them lends somebody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from eventsvc.core.db import db
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import EMPLOYERS, Expert, Office, Organization


def partner_office(expert: Expert) -> Office | None:
    """The office that lends an expert: the one named, else the first of the expert's organization."""
    if expert.office is not None:
        return expert.office
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == expert.organization_id])
    return offices[0] if offices else None


def first_office(organization: Organization) -> Office | None:
    """The organization's first office in use, by slug, or None."""
    offices, _ = lookup.page(Office, after_slug=None, limit=1, where=[Office.organization_id == organization.id])
    return offices[0] if offices else None


def offices() -> Sequence[Office]:
    """The offices in use that can be asked for people: of employers, and of whoever has experts; by name."""
    have_experts = select(Expert.organization_id).where(Expert.retired_on.is_(None))
    query = select(Office).join(Office.organization).where(Office.retired_on.is_(None))
    query = query.where(or_(Office.organization_id.in_(have_experts), Organization.kind.in_(EMPLOYERS)))
    query = query.options(contains_eager(Office.organization)).order_by(Organization.name, Office.name, Office.id)
    return db.session.scalars(query).all()
