"""When people who sign in are away, and who covers for them: letters to them follow the cover, except keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.core.errors import say
from eventsvc.core.times import Span
from eventsvc.domain.accounts.actors import Owner
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.directory.models import Office, Organization


class Absence(Base):
    """Somebody is away from their duties at an office, in an organization, or all of them, and a colleague covers."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("cover_id IS NULL OR cover_id <> account_id", name="another"),
        CheckConstraint("organization_id IS NULL OR office_id IS NULL", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True, comment="None: they left")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    zone: Mapped[str] = mapped_column(String(64), comment="IANA zone in which the days were named")

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    cover: Mapped[Account | None] = relationship(foreign_keys=[cover_id])
    office: Mapped[Office | None] = relationship()
    organization: Mapped[Organization | None] = relationship()

    @property
    def place(self) -> Place:
        """From which duties."""
        if self.office is not None:
            return Place(self.office_id, self.office.organization_id, self.office.slug)
        return Place(None, self.organization_id, self.organization.slug if self.organization else "")

    @property
    def present_cover(self) -> Account | None:
        """Who covers, unless they have left."""
        return self.cover if self.cover is not None and self.cover.ended_at is None else None


_WHOLE = (
    joinedload(Absence.account),
    joinedload(Absence.cover),
    joinedload(Absence.office),
    joinedload(Absence.organization),
)


class Reached(NamedTuple):
    """Whom a letter to somebody reaches now; `instead_of` is who is away."""

    account: Account
    instead_of: Account | None = None


def of_accounts(account_ids: Collection[int], now: datetime) -> Sequence[Absence]:
    """When those are away, now and later, the nearest first."""
    if not account_ids:
        return []
    query = select(Absence).where(Absence.account_id.in_(account_ids), Absence.ends_at > now).options(*_WHOLE)
    return db.session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()


def seen_whole(now: datetime) -> Sequence[Absence]:
    """All of now and later with the roles of who is away, the nearest first; a fixed number of queries."""
    roles = selectinload(Account.grants)
    query = (
        select(Absence)
        .where(Absence.ends_at > now)
        .options(
            joinedload(Absence.account).options(roles.joinedload(Grant.office), roles.joinedload(Grant.organization)),
            *_WHOLE[1:],
        )
    )
    return db.session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()


def now_away(account_ids: Collection[int], now: datetime) -> dict[int, list[Absence]]:
    """Those of them who are away at this moment, by their ids."""
    found: dict[int, list[Absence]] = {}
    for one in of_accounts(account_ids, now):
        if one.starts_at <= now:
            found.setdefault(one.account_id, []).append(one)
    return found


def away_from(account: Account, owner: Owner, now: datetime) -> Absence | None:
    """The absence by which somebody is away now from what is that owner's."""
    return next((one for one in now_away([account.id], now).get(account.id, []) if one.place.has(owner)), None)


def reached(account: Account, owner: Owner, now: datetime) -> Reached:
    """Whom letters about that owner's things reach: somebody, or who covers while they are away.

    Never for keys (a letter that signs in, a token): those are for the person alone.
    """
    absence = away_from(account, owner, now)
    cover = absence.present_cover if absence else None
    return Reached(cover, account) if cover else Reached(account)


def during(account_id: int, span: Span) -> Sequence[Absence]:
    """When somebody is away, or covers for somebody who is, within a span."""
    concerns = or_(Absence.account_id == account_id, Absence.cover_id == account_id)
    overlaps = Absence.starts_at < span.end, Absence.ends_at > span.start
    query = select(Absence).where(concerns, *overlaps).options(*_WHOLE)
    return db.session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()


def get(absence_id: str | UUID) -> Absence:
    """The absence of that public id; refuses NotFound."""
    query = select(Absence).options(*_WHOLE)
    return public_ids.get(query, Absence.public_id, absence_id, say("There is no such absence."))


def claim(absence_id: str | UUID) -> Absence:
    """The same, locked; refuses NotFound."""
    query = select(Absence).options(*_WHOLE).with_for_update(key_share=True, of=Absence)
    whole = query.execution_options(populate_existing=True)
    return public_ids.get(whole, Absence.public_id, absence_id, say("There is no such absence."))


def covered_by(account_id: int, place: Place, now: datetime) -> list[Absence]:
    """The absences, now and later, that somebody covers there."""
    query = select(Absence).where(Absence.cover_id == account_id, Absence.ends_at > now).options(*_WHOLE)
    found = db.session.scalars(query.order_by(Absence.id)).all()
    return [one for one in found if place.is_everywhere or one.place.meets(place)]


def cut_short(account_id: int, place: Place, now: datetime) -> None:
    """Who has no duties there any more is not away from them either."""
    for one in of_accounts([account_id], now):
        if not (place.is_everywhere or place.has(Owner(one.office_id, one.place.organization_id))):
            continue
        if one.starts_at >= now:
            db.session.delete(one)
        else:
            one.ends_at = now
    db.session.flush()


def uncover(account_id: int) -> None:
    """Nobody covers what that account covered."""
    db.session.execute(update(Absence).where(Absence.cover_id == account_id).values(cover_id=None))
