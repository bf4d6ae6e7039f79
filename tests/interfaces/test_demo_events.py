"""What the demo promises to show, counted; and that nothing in it clashes, by brute force."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, OrganizationKind, Room, Topic, Travel
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders.models import Reminder, ReminderState
from tests import demos
from tests.conftest import ENGINES, NOW

LACCD = "los-angeles-community-college-district"
LIVE = (State.HELD, State.CONFIRMED)
WEEKS = timedelta(weeks=12)  # fifty working days and a year's end


@pytest.fixture(scope="module", params=ENGINES)
def demo(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """One demo for all tests of this file that only look."""
    with demos.running(request.getfixturevalue(f"{request.param}_databases"), NOW) as app:
        yield app


@pytest.fixture(autouse=True)
def looked_at(request: pytest.FixtureRequest) -> Iterator[None]:
    if "demo" not in request.fixturenames:
        yield
        return
    with request.getfixturevalue("demo").app_context():
        yield


def every(kind: type) -> list:
    return list(db.session.scalars(select(kind)))


def ahead() -> list[Event]:
    """What a student sees: published, public, ahead, and on."""
    return [
        event
        for event in every(Event)
        if event.published_at
        and event.visibility == Visibility.PUBLIC
        and event.starts_at > NOW
        and event.status in (Status.CONFIRMED, Status.REQUESTED)
    ]


def test_the_directory_is_what_was_promised(demo):
    colleges = [campus for campus in every(Campus) if campus.organization.kind is OrganizationKind.COLLEGE]
    in_the_district = {campus.slug for campus in colleges if campus.organization.parent.slug == LACCD}
    assert len(colleges) == 10
    assert {campus.slug for campus in colleges} - in_the_district == {"pasadena-city-college"}
    assert len(in_the_district) == 9
    assert len(every(Room)) == 28
    assert len(every(Expert)) == 12
    assert len(every(Topic)) == 10
    port = db.session.scalar(select(Organization).where(Organization.slug == "port-of-los-angeles"))
    assert port.kind is OrganizationKind.PUBLIC_EMPLOYER
    assert {expert.organization_id for expert in every(Expert)} == {port.id}


def test_every_college_has_an_office_a_place_and_two_rooms(demo):
    offices = Counter(office.organization_id for office in every(Office))
    rooms = Counter(room.campus_id for room in every(Room))
    for campus in every(Campus):
        assert offices[campus.organization_id] >= 1
        assert rooms[campus.id] >= 2
        assert campus.zone == "America/Los_Angeles"
        assert campus.latitude is not None


def test_the_ten_topics_each_have_an_expert(demo):
    spoken = Counter(topic.slug for expert in every(Expert) for topic in expert.topics)
    assert set(spoken) == {topic.slug for topic in every(Topic)}


def test_people_are_plainly_fictional_and_every_address_is_nobodys(demo):
    assert all(expert.name.endswith(" Example") for expert in every(Expert))
    addresses = [expert.email for expert in every(Expert) if expert.email]
    addresses += [office.mailbox for office in every(Office)]
    addresses += [message.to_address for message in every(Message)]
    assert addresses
    assert [address for address in addresses if not address.endswith(".example")] == []
    telephones = [office.telephone for office in every(Office)]
    assert [number for number in telephones if not re.fullmatch(r"\+1 \d{3} 555 01\d\d", number)] == []


def test_at_least_forty_published_events_of_all_kinds_lie_ahead(demo):
    shown = ahead()
    assert len(shown) >= 40
    assert {event.kind for event in shown} == set(EventKind)
    assert max(event.ends_at for event in shown if event.series_id is None) < NOW + WEEKS
    assert min(event.starts_at for event in shown) < NOW + timedelta(days=5)


def test_every_state_of_an_event_can_be_seen(demo):
    assert {event.status for event in every(Event)} == set(Status)
    requested = [event for event in every(Event) if event.status is Status.REQUESTED]
    assert {event.published_at is None for event in requested} == {True, False}  # held ones, and waiting ones
    waiting = [person for person in every(Invitation) if person.state is InvitationState.NEEDS_ACTION]
    assert len([person for person in waiting if person.event.status is Status.REQUESTED]) >= 3
    moves = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.verb == "move")).all()
    assert len(moves) == 2
    past = [event for event in every(Event) if event.ends_at < NOW]
    assert {event.status for event in past} == {Status.COMPLETED}


def test_the_unusual_ones_are_there(demo):
    assert [event.title for event in every(Event) if event.all_day and event.days == 1] == ["All-day career fair"]
    assert [event.days for event in every(Event) if event.all_day and event.days > 1] == [2]
    online = [event for event in every(Event) if event.campus_id is None]
    assert [event.owner.slug for event in online] == ["port-outreach"]
    assert len(online[0].co_hosts) == 10
    assert online[0].online_url.startswith("https://")
    assert any("Noche" in event.title for event in ahead())


def test_no_resource_is_taken_twice(demo):
    rows = defaultdict(list)
    for row in every(Reservation):
        if row.state in LIVE:
            rows[row.resource_id].append(row)
    assert sum(map(len, rows.values())) > 90
    overlapping = [
        (one.id, other.id)
        for mine in rows.values()
        for one, other in combinations(mine, 2)
        if one.busy_from < other.busy_until and other.busy_from < one.busy_until
    ]
    assert overlapping == []


def test_every_expert_can_be_on_time(demo):
    minutes = {(way.from_campus_id, way.to_campus_id): way.minutes for way in every(Travel)}
    presences = defaultdict(list)
    for row in every(Reservation):
        if row.state in LIVE and row.resource.expert_id and row.place_id:
            presences[row.resource_id].append(row)
    late = [
        (first.id, second.id)
        for mine in presences.values()
        for first, second in pairwise(sorted(mine, key=lambda row: row.busy_from))
        if first.place_id != second.place_id
        and second.busy_from - first.ends_at < timedelta(minutes=minutes[first.place_id, second.place_id])
    ]
    assert presences
    assert late == []


def test_no_event_stands_in_a_room_of_another_campus_or_too_small_a_room(demo):
    for event in every(Event):
        assert {room.campus_id for room in event.rooms} <= {event.campus_id}
        if event.expected_heads and event.rooms:
            assert event.expected_heads <= sum(room.capacity for room in event.rooms)


def test_experts_speak_about_what_they_know(demo):
    for event in every(Event):
        known = {topic for expert in event.experts for topic in expert.topics}
        assert not event.experts or known & set(event.topics), event.title


def test_every_two_places_have_a_way_between_them(demo):
    places = every(Campus)
    assert len(every(Travel)) == len(places) * (len(places) - 1)
    slugs = {campus.slug: campus.id for campus in places}
    way = (slugs["los-angeles-harbor-college"], slugs["pasadena-city-college"])
    assert db.session.get(Travel, way).minutes == 70
    assert db.session.get(Travel, way[::-1]).minutes == 70


def test_what_happened_before_left_its_letters_reminders_and_audit(demo):
    letters = Counter(message.letter for message in every(Message))
    assert set(letters) >= {"invitation", "asked_again", "called_off", "confirmed", "answer_declined", "reminder"}
    assert {message.state for message in every(Message)} == {MessageState.SENT}
    assert max(message.sent_at for message in every(Message)) <= NOW
    planned = [reminder for reminder in every(Reminder) if reminder.state is ReminderState.PLANNED]
    assert min(reminder.due_at for reminder in planned) > NOW
    verbs = set(db.session.scalars(select(AuditEntry.verb)))
    assert verbs >= {"plan", "publish", "accept", "confirm", "move", "postpone", "cancel", "decline", "withdraw"}
    assert db.session.scalar(select(func.max(AuditEntry.at))) <= NOW


def picture_of(app: Flask) -> list[tuple]:
    with app.app_context():
        return sorted(
            (
                event.title,
                event.starts_at,
                event.ends_at,
                event.status,
                event.created_at,
                event.revised_at,
                event.sequence,
            )
            for event in every(Event)
        )


@pytest.fixture(scope="module")
def twin(sqlite_databases) -> list[tuple]:
    """What a second demo shows that starts at the same instant."""
    with demos.running(sqlite_databases, NOW, anew=True) as again:
        return picture_of(again)


def test_the_same_start_gives_the_same_demo(demo, twin):
    assert picture_of(demo) == twin


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 5, 7, 30, tzinfo=UTC),  # Thursday night there, days before the clock goes forward
        demos.ON_A_SUNDAY,
        # Saturday; Thanksgiving and the year's end lie ahead. A demo of its own takes ten seconds to build.
        pytest.param(datetime(2026, 11, 21, 22, 0, tzinfo=UTC), marks=pytest.mark.matrix),
    ],
    ids=str,
)
def test_a_demo_starts_on_difficult_days_too(sqlite_databases, start):
    with demos.running(sqlite_databases, start) as app, app.app_context():
        assert Counter(event.status for event in every(Event)) == {
            Status.CONFIRMED: 51,
            Status.REQUESTED: 22,
            Status.COMPLETED: 5,
            Status.CANCELLED: 2,
            Status.POSTPONED: 1,
            Status.DECLINED: 1,
            Status.WITHDRAWN: 1,
            Status.DRAFT: 1,
        }
