"""Which employers a college admits: public employers by default, every other one once the college has said so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, Word, db
from eventsvc.core.errors import Refusal, say
from eventsvc.domain.directory.models import Organization, OrganizationKind


class EmployerState(StrEnum):
    """What a college says of an employer."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class EmployerApproval(Base):
    """What one college says of one employer; without a row the employer's kind decides."""

    __tablename__ = "employer_approvals"
    __table_args__ = (UniqueConstraint("college_id", "employer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    college_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    employer_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    state: Mapped[EmployerState] = mapped_column(Word(EmployerState, 10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(120), default="", comment="a role or an id, never a person's name")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    college: Mapped[Organization] = relationship(foreign_keys=college_id)
    employer: Mapped[Organization] = relationship(foreign_keys=employer_id)


class NotAdmitted(Refusal):
    """An employer whom the college has not approved, or has declined."""

    slug = "employer-not-approved"
    title = say("The college has not approved this employer")


def needs_approval(employer: Organization) -> bool:
    """True for those of whom a college must say something first: employers that are not public."""
    return employer.kind is OrganizationKind.EMPLOYER


def find(college_id: int, employer_id: int) -> EmployerApproval | None:
    """What the college has said or was asked, or None."""
    query = select(EmployerApproval).where(
        EmployerApproval.college_id == college_id, EmployerApproval.employer_id == employer_id
    )
    return db.session.scalar(query)


def claim(college_id: int, employer_id: int) -> EmployerApproval | None:
    """The same, locked."""
    query = select(EmployerApproval).where(
        EmployerApproval.college_id == college_id, EmployerApproval.employer_id == employer_id
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def of_college(college_id: int) -> list[EmployerApproval]:
    """All that a college has said or was asked, what waits first."""
    query = select(EmployerApproval).where(EmployerApproval.college_id == college_id)
    query = query.options(joinedload(EmployerApproval.employer), joinedload(EmployerApproval.college))
    found = db.session.scalars(query.order_by(EmployerApproval.asked_at, EmployerApproval.id))
    return sorted(found, key=lambda one: one.state is not EmployerState.WAITING)


def waiting_of(college_ids: Collection[int], *, limit: int) -> Sequence[EmployerApproval]:
    """Those that wait for one of these colleges, the longest first."""
    query = select(EmployerApproval).where(
        EmployerApproval.college_id.in_(college_ids), EmployerApproval.state == EmployerState.WAITING
    )
    query = query.options(joinedload(EmployerApproval.employer), joinedload(EmployerApproval.college))
    return db.session.scalars(query.order_by(EmployerApproval.asked_at, EmployerApproval.id).limit(limit)).all()


def state_of(college: Organization, employer: Organization) -> EmployerState:
    """Where the employer stands with the college, with or without a row."""
    return states_of({(college.id, employer)})[college.id, employer.id]


def states_of(pairs: Collection[tuple[int, Organization]]) -> dict[tuple[int, int], EmployerState]:
    """The same of many pairs of a college's id and an employer, in one query; a college admits itself."""
    said = _said_of(pairs)
    return {
        (college_id, employer.id): said.get((college_id, employer.id), _by_default(college_id, employer))
        for college_id, employer in pairs
    }


def _said_of(pairs: Collection[tuple[int, Organization]]) -> dict[tuple[int, int], EmployerState]:
    """What colleges have said or were asked, where there is a row."""
    query = select(EmployerApproval.college_id, EmployerApproval.employer_id, EmployerApproval.state)
    query = query.where(
        EmployerApproval.college_id.in_({one for one, _ in pairs}),
        EmployerApproval.employer_id.in_({other.id for _, other in pairs}),
    )
    return {(row.college_id, row.employer_id): row.state for row in db.session.execute(query)}


def _by_default(college_id: int, employer: Organization) -> EmployerState:
    is_admitted = college_id == employer.id or not needs_approval(employer)
    return EmployerState.APPROVED if is_admitted else EmployerState.WAITING


def ensure_admitted(college: Organization, employer: Organization) -> None:
    """Refuses NotAdmitted, with where the employer stands, unless the college admits it."""
    _ensure(state_of(college, employer), college, employer)


def ensure_may_come(
    college: Organization, senders: Collection[Organization], *, is_its_own_plan: Callable[[], bool]
) -> None:
    """Refuses NotAdmitted for the first whose people may not come to an event there that is planned without a request.

    Who was declined or waits for an answer never may. Of whom nobody has asked yet, a college's own planning is its
    yes; whoever else plans there waits as with a request. `is_its_own_plan` is asked only where that matters.
    """
    said = _said_of({(college.id, one) for one in senders}) if senders else {}
    for sender in senders:
        state = said.get((college.id, sender.id), _by_default(college.id, sender))
        if state is not EmployerState.WAITING or (college.id, sender.id) in said or not is_its_own_plan():
            _ensure(state, college, sender)


def _ensure(state: EmployerState, college: Organization, employer: Organization) -> None:
    if state is EmployerState.APPROVED:
        return
    names = {"employer": employer.name, "college": college.name}
    if state is EmployerState.DECLINED:
        words = say("%(college)s has declined to work with %(employer)s.", **names)
    else:
        words = say("%(employer)s is new to %(college)s, which has to approve it first.", **names)
    raise NotAdmitted(words, college=college.slug, employer=employer.slug, state=str(state))
