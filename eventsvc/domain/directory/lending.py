"""Which offices lend experts, and which of them lends somebody."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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


def partner_offices(experts: Collection[Expert]) -> dict[int, Office]:
    """The office that lends each of several people, by the expert's id, in two queries; who has none is missing."""
    named = {expert.office_id for expert in experts if expert.office_id is not None}
    of_others = {expert.organization_id for expert in experts if expert.office_id is None}
    by_id = {one.id: one for one in db.session.scalars(select(Office).where(Office.id.in_(named)))} if named else {}
    firsts: dict[int, Office] = {}
    if of_others:
        in_use = select(Office).where(Office.organization_id.in_(of_others), Office.retired_on.is_(None))
        for office in db.session.scalars(in_use.order_by(Office.slug)):
            firsts.setdefault(office.organization_id, office)
    found = {one.id: by_id[one.office_id] if one.office_id else firsts.get(one.organization_id) for one in experts}
    return {expert_id: office for expert_id, office in found.items() if office is not None}


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
