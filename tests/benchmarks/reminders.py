"""Reminders of one event with many people: planned anew for another time, and posted when all are due at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import perf_counter, process_time
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import Expert, OrganizationKind
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Status
from eventsvc.domain.events.seats import Seat, SeatRole
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.reminders import planning
from eventsvc.domain.reminders.models import Reminder, ReminderState
from eventsvc.workflows import plan_event, remind
from tests import builders, databases
from tests.benchmarks.trials import Row, Say, a_database
from tests.conftest import NOW

# To an event of those whose reminders are due at once.
PEOPLE = 100
WEEK, DAY = timedelta(days=7), timedelta(days=1)
ZONES = ("America/Los_Angeles", "America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico")


def reminding(engine: str, say: Say, *, people: int, due: int) -> list[Row]:
    """An event of so many invited people moves; so many reminders of events of a hundred people are due at once."""
    with a_database(engine) as url, create_app(databases.settings(url)).app_context():
        say(f"{engine}: an event with {people:,} invited people")
        event_id = an_event_with(people, first=0)
        figures = [_planned("planned", event_id), _planned("moved, planned anew", event_id, by=WEEK)]
        say(f"{engine}: {due:,} reminders due at once")
        with transaction():
            db.session.execute(delete(Reminder))
        events = [an_event_with(PEOPLE, first=people + number) for number in range(0, due, PEOPLE)]
        posted = _posted(events, due)
        db.session.remove()
        db.engine.dispose()
    moves = f"the reminders of an event with {people:,} invited people, three each"
    return [
        Row(moves, engine, "; ".join(figures)),
        Row(f"{due:,} reminders due at once become letters", engine, posted),
    ]


def an_event_with(people: int, *, first: int) -> str:
    """A confirmed event on 10 February 2027, to which so many experts of one office have said yes."""
    with transaction():
        campus = builders.a_campus()
        event = plan_event.plan_event(builders.a_plan(campus), actor=ADMINISTRATOR, now=NOW)
        event.status = Status.CONFIRMED
        port = builders.an_organization(kind=OrganizationKind.PUBLIC_EMPLOYER)
        office = builders.an_office(of=port)
        one = builders.an_expert(of=port, office=office)
        columns = {column.name: getattr(one, column.name) for column in Expert.__table__.columns if column.name != "id"}
        slugs = [f"many-{number}" for number in range(first, first + people)]
        told = [
            columns | {"slug": slug, "email": f"{slug}@port.example", "zone": ZONES[number % len(ZONES)]}
            for number, slug in enumerate(slugs)
        ]
        db.session.execute(insert(Expert), told)
        ids = db.session.scalars(select(Expert.id).where(Expert.slug.in_(slugs)).order_by(Expert.id)).all()
        db.session.execute(
            insert(Seat),
            [
                {"public_id": uuid4(), "event_id": event.id, "expert_id": number, "role": SeatRole.PRESENTER}
                for number in ids
            ],
        )
        asked = {"event_id": event.id, "turn": 0, "asked_at": NOW, "state": InvitationState.ACCEPTED}
        db.session.execute(insert(Invitation), [{"public_id": uuid4(), "expert_id": number, **asked} for number in ids])
        return str(event.public_id)


def _planned(what: str, event_id: str, *, by: timedelta = timedelta()) -> str:
    """One transaction, the reading of the event and of its people with it."""
    begun, worked = perf_counter(), process_time()
    with transaction():
        event = claim_event(event_id)
        event.starts_at, event.ends_at = event.starts_at + by, event.ends_at + by
        planning.plan(event, NOW)
    seconds, work = perf_counter() - begun, process_time() - worked
    count = db.session.scalar(select(func.count(Reminder.id)).where(Reminder.state == ReminderState.PLANNED))
    db.session.remove()
    return f"{what}: {1000 * seconds:,.0f} ms ({1000 * work:,.0f} of processor; {count:,} ahead)"


def _posted(event_ids: list[str], due: int) -> str:
    for event_id in event_ids:
        with transaction():
            event = claim_event(event_id)
            starts_at: datetime = event.starts_at
            planning.plan(event, NOW)
    db.session.remove()
    begun, worked = perf_counter(), process_time()
    remind.post_due_reminders(starts_at - DAY)
    seconds, work = perf_counter() - begun, process_time() - worked
    letters = db.session.scalar(select(func.count(Message.id)).where(Message.letter == "reminder")) or 0
    assert letters == due
    return f"{letters / seconds:,.0f} letters a second ({1000 * work / letters:.1f} ms of processor each)"
