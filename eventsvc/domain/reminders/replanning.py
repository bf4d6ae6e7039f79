"""Events whose reminders wait to be planned anew: noted in one statement, planned by the tick, a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, literal, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from eventsvc.core.db import Free, anything, db, is_postgresql
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.reminders.models import IS_PLANNED, Reminder, Replan

# The first number says what is locked, as in domain/events/audience.py: nothing else takes locks of this number.
_PLAN = text("SELECT pg_advisory_xact_lock_shared(5, 0)")
_CHANGE = text("SELECT pg_advisory_xact_lock(5, 0)")
_ON = (Status.REQUESTED, Status.CONFIRMED, Status.POSTPONED)


def hold_rules() -> None:
    """Let nobody change rules, zones or quiet hours before this transaction, which plans by them, has ended.

    Else an event that is not committed yet would be planned by the old ones, and whoever changes them would not see it.
    On SQLite one writer works at a time anyway.

    Locks: shared, after the events; any number may plan at once.
    """
    if is_postgresql():
        db.session.execute(_PLAN)


def ask(where: ColumnElement[bool], now: datetime) -> None:
    """Note that those events, as far as they are ahead or something is still planned for them, are planned anew.

    Call it in the transaction of the change, after it is written down: it waits for all who plan by what was so before.

    Locks: what `hold_rules` holds, alone; then the rows, by event. Both after events, and nothing is locked behind.
    """
    db.session.flush()
    if is_postgresql():
        db.session.execute(_CHANGE)
    is_ahead = Event.status.in_(_ON) & (Event.ends_at > now)
    is_owed = exists().where(Reminder.event_id == Event.id, IS_PLANNED)
    affected = select(Event.id, literal(now, Replan.asked_at.type), literal(1)).where(where, or_(is_ahead, is_owed))
    into: Any = (postgresql.insert if is_postgresql() else sqlite.insert)(Replan)
    into = into.from_select(["event_id", "asked_at", "turn"], affected.order_by(Event.id))
    # Who is planning such an event right now may have read what was so before: the turn tells.
    db.session.execute(into.on_conflict_do_update(index_elements=["event_id"], set_={"turn": Replan.turn + 1}))


def of_kind(kind: EventKind | None) -> ColumnElement[bool]:
    """Events of a kind; None: of every kind."""
    return Event.kind == kind if kind else Event.id.is_not(None)


def of_organization(organization_id: int) -> ColumnElement[bool]:
    """Events in which an organization has readers: its office is in charge, or its people come."""
    owns = exists().where(Office.id == Event.owner_id, Office.organization_id == organization_id)
    lenders = exists().where(Office.id == Expert.office_id, Office.organization_id == organization_id)
    theirs = or_(Expert.organization_id == organization_id, lenders)
    lends = exists().where(Seat.event_id == Event.id, Seat.expert_id == Expert.id, theirs)
    return or_(owns, lends)


def of_office(office: Office) -> ColumnElement[bool]:
    """Events that an office is in charge of, or to which it lends people."""
    is_theirs = or_(Expert.office_id == office.id, Expert.organization_id == office.organization_id)
    lends = exists().where(Seat.event_id == Event.id, Seat.expert_id == Expert.id, is_theirs)
    return or_(Event.owner_id == office.id, lends)


def of_expert(expert_id: int) -> ColumnElement[bool]:
    """Events to which somebody is to come."""
    return exists().where(Seat.event_id == Event.id, Seat.expert_id == expert_id)


def waiting(limit: int, free: Free = anything) -> Sequence[int]:
    """Events (ids) that wait, the soonest first: those are due first."""
    query = select(Replan.event_id).join(Event, Event.id == Replan.event_id).where(free(Replan.event_id))
    return db.session.scalars(query.order_by(Event.starts_at, Event.id).limit(limit)).all()


def of_events(event_ids: Sequence[int]) -> dict[int, Replan]:
    """Those of the events that wait, with what is noted of them."""
    rows = db.session.scalars(select(Replan).where(Replan.event_id.in_(event_ids)))
    return {row.event_id: row for row in rows}


def done(event_id: int, turn: int) -> None:
    """Forget the note of that turn; one that was renewed meanwhile stays."""
    db.session.execute(
        delete(Replan).where(Replan.event_id == event_id, Replan.turn == turn),
        execution_options={"synchronize_session": False},
    )


def count() -> int:
    """How many events wait."""
    return db.session.scalar(select(func.count()).select_from(Replan)) or 0


def first_asked_at(free: Free = anything) -> datetime | None:
    """Since when an event waits, or None; of those that are free."""
    return db.session.scalar(select(func.min(Replan.asked_at)).where(free(Replan.event_id)))
