"""Who is in charge of an event: a person of the office in charge, of whom the office may name another any time.

The event is the office's; the person is whom colleagues and partners turn to. An event may well have nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from eventsvc.core.db import Base, UtcDateTime, db
from eventsvc.domain.accounts import Actor, Owner, Permission, may_plan
from eventsvc.domain.accounts.carrying import Lack
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.models import Event


class EventCoordinator(Base):
    """The person in charge of an event."""

    __tablename__ = "event_coordinators"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


def of_events(event_ids: Collection[int]) -> dict[int, Account]:
    """Who is in charge of those events, by event; events with nobody, or with somebody who has left, are not in it."""
    query = select(EventCoordinator).join(EventCoordinator.account).options(joinedload(EventCoordinator.account))
    query = query.where(EventCoordinator.event_id.in_(event_ids), Account.ended_at.is_(None))
    return {one.event_id: one.account for one in db.session.scalars(query)}


def of_event(event: Event) -> Account | None:
    """Who is in charge of it and has not left."""
    return of_events([event.id]).get(event.id)


def put(events: Iterable[Event], account_id: int | None, now: datetime) -> None:
    """Let somebody be in charge of events that are locked or new, or nobody."""
    ids = [event.id for event in events]
    db.session.execute(delete(EventCoordinator).where(EventCoordinator.event_id.in_(ids)))
    if account_id is not None:
        db.session.add_all(EventCoordinator(event_id=one, account_id=account_id, since=now) for one in ids)
    db.session.flush()


def count(account_id: int, place: Place) -> int:
    """How many events of offices there somebody is in charge of."""
    return len(_ids(account_id, place))


def lacks(carrier: Actor, account_id: int, place: Place) -> list[Lack]:
    """Where `carrier` may not plan what that account is in charge of."""
    found = []
    query = select(Event.kind, Office).join(Office, Office.id == Event.owner_id)
    query = query.where(Event.id.in_(_ids(account_id, place))).distinct()
    for kind, office in db.session.execute(query.order_by(Office.slug, Event.kind)):
        if not may_plan(carrier, Owner(office.id, office.organization_id), kind):
            found.append(Lack(Permission.PLAN, office.slug))
    return list(dict.fromkeys(found))


def claim(account_id: int, place: Place) -> Sequence[Event]:
    """The events of offices there that somebody is in charge of. Locks: the events, by id."""
    query = select(Event).where(Event.id.in_(_ids(account_id, place))).order_by(Event.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def _ids(account_id: int, place: Place) -> Sequence[int]:
    query = select(Event.id).join(EventCoordinator, EventCoordinator.event_id == Event.id)
    query = query.where(EventCoordinator.account_id == account_id, place.offices(Event.owner_id))
    return db.session.scalars(query.order_by(Event.id)).all()
