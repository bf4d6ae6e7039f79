"""Which colleges a school is paired with: its calendar shows their events beside its own.

Source: the regional agreements, which align high schools with the colleges of their neighbourhood.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.domain.directory.models import Organization, OrganizationKind

SCHOOL, COLLEGE = OrganizationKind.SCHOOL, OrganizationKind.COLLEGE
OTHER_SIDE = {SCHOOL: COLLEGE, COLLEGE: SCHOOL}


class Pairing(Base):
    """A school and a college that work together; one that has ended stands in the audit log alone."""

    __tablename__ = "pairings"

    school_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    college_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True, index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    school: Mapped[Organization] = relationship(foreign_keys=[school_id])
    college: Mapped[Organization] = relationship(foreign_keys=[college_id])


def find(school: Organization, college: Organization) -> Pairing | None:
    """Their pairing, or None."""
    return db.session.get(Pairing, (school.id, college.id))


def colleges_of(school_ids: Collection[int]) -> Select[int]:
    """The ids of the colleges paired with those schools, to be selected from."""
    return select(Pairing.college_id).where(Pairing.school_id.in_(school_ids))


def schools_of(college_ids: Collection[int]) -> Sequence[str]:
    """The slugs of the schools paired with those colleges."""
    query = select(Organization.slug).join(Pairing, Pairing.school_id == Organization.id)
    return db.session.scalars(query.where(Pairing.college_id.in_(college_ids)).distinct()).all()


def partners_of(organization: Organization) -> Sequence[Organization]:
    """The colleges of a school or the schools of a college, by name."""
    near, far = Pairing.school_id, Pairing.college_id
    there = aliased(Organization)
    mine = or_(
        there.id.in_(select(far).where(near == organization.id)),
        there.id.in_(select(near).where(far == organization.id)),
    )
    return db.session.scalars(select(there).where(mine).order_by(there.name, there.slug)).all()


def others_for(organization: Organization) -> Sequence[Organization]:
    """What is in use and could be paired with it, by name: colleges for a school, schools for a college; else none."""
    other = OTHER_SIDE.get(organization.kind)
    query = select(Organization).where(Organization.kind == other, Organization.retired_on.is_(None))
    return db.session.scalars(query.order_by(Organization.name, Organization.slug)).all() if other else []


def all_of_them() -> Sequence[tuple[str, str]]:
    """Every pairing as the slugs of school and college, in their order."""
    school, college = aliased(Organization), aliased(Organization)
    query = select(school.slug, college.slug).select_from(Pairing)
    query = query.join(school, Pairing.school_id == school.id).join(college, Pairing.college_id == college.id)
    return [(one, other) for one, other in db.session.execute(query.order_by(school.slug, college.slug))]
