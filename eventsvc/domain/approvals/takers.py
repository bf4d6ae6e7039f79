"""Who in a room's office took up what it was asked: whoever answered for the room while signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Select, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.domain.accounts import Actor, Owner, Permission, may
from eventsvc.domain.accounts.carrying import Lack
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.directory.models import Campus, Office, Room


class ApprovalTaker(Base):
    """The person in a room's office who looks after an approval."""

    __tablename__ = "approval_takers"

    approval_id: Mapped[int] = mapped_column(ForeignKey("room_approvals.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


def of_approvals(approval_ids: Collection[int]) -> dict[int, Account]:
    """Who took those up and has not left, by approval."""
    if not approval_ids:
        return {}
    query = select(ApprovalTaker).join(ApprovalTaker.account).options(joinedload(ApprovalTaker.account))
    query = query.where(ApprovalTaker.approval_id.in_(approval_ids), Account.ended_at.is_(None))
    return {one.approval_id: one.account for one in db.session.scalars(query)}


def put(approval_id: int, account_id: int, now: datetime) -> None:
    """Let somebody look after an approval whose event is locked."""
    taker = db.session.get(ApprovalTaker, approval_id)
    if taker is None:
        db.session.add(ApprovalTaker(approval_id=approval_id, account_id=account_id, since=now))
    elif taker.account_id != account_id:
        taker.account_id, taker.since = account_id, now
    db.session.flush()


def count(account_id: int, place: Place) -> int:
    """How many approvals of rooms of offices there somebody looks after."""
    return len(db.session.scalars(_of(account_id, place)).all())


def lacks(carrier: Actor, account_id: int, place: Place) -> list[Lack]:
    """Where `carrier` may not answer for the rooms that that account looks after."""
    query = select(Office, Campus.organization_id).select_from(Room).join(Office, Office.id == Room.office_id)
    query = query.join(Campus, Campus.id == Room.campus_id).join(RoomApproval, RoomApproval.room_id == Room.id)
    query = query.where(RoomApproval.id.in_(_of(account_id, place))).distinct().order_by(Office.slug)
    return [
        Lack(Permission.GRANT_ROOMS, office.slug)
        for office, organization_id in db.session.execute(query)
        if not may(carrier, Permission.GRANT_ROOMS, Owner(office.id, organization_id))
    ]


def move(account_id: int, to_id: int, place: Place, now: datetime) -> int:
    """Let `to_id` look after them; returns how many."""
    moved = list(db.session.scalars(_of(account_id, place)))
    mine = ApprovalTaker.approval_id.in_(moved), ApprovalTaker.account_id == account_id
    db.session.execute(update(ApprovalTaker).where(*mine).values(account_id=to_id, since=now))
    return len(moved)


def _of(account_id: int, place: Place) -> Select[int]:
    query = select(ApprovalTaker.approval_id).join(RoomApproval, RoomApproval.id == ApprovalTaker.approval_id)
    query = query.join(Room, Room.id == RoomApproval.room_id).where(ApprovalTaker.account_id == account_id)
    return query if place.is_everywhere else query.where(Room.office_id.in_(_offices(place)))


def _offices(place: Place) -> Select[int]:
    return select(Office.id).where(place.offices(Office.id))
