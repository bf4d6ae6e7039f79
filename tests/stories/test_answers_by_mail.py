"""A season's worth of mail with three people, through a real SMTP server and a real mailbox.

REQUEST out, REPLY in as three families of programs write it, confirmed; moved, the revision rises; a counter-proposal
comes in and is taken; cancelled, CANCEL goes out; at last a letter comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import parse_wall_time
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations import asking, proposals
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.scheduler import run_mail, run_tick
from eventsvc.workflows.answer_proposals import take_proposal
from eventsvc.workflows.call_off_event import cancel_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.move_event import Destination, move_event
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW
from tests.dovecot import Dovecot
from tests.ical.mails import a_mail
from tests.post_office import WAITED, PostOffice, open_post_office

ADDRESS = "answers@events.example.edu"
PEOPLE = {"pelican": "google", "gull": "exchange", "heron": "apple"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def world(database_url: str, office: PostOffice, imap_server: Dovecot, still: Any) -> Iterator[SimpleNamespace]:
    mailbox = imap_server.user()
    more = {"SMTP_URL": office.url, "MAIL_IN_ADDRESS": ADDRESS, "MAIL_IN_URL": mailbox.url()}
    app = create_app(databases.settings(database_url, **more))
    with app.app_context(), transaction():
        campus = builders.a_campus("harbor")
        center = builders.an_office("center", of=campus.organization, mailbox="center@college.example")
        port = builders.an_organization("port")
        crew = [builders.an_expert(slug, of=port) for slug in PEOPLE]
        plan = builders.a_plan(campus, experts=crew, owner=center.slug)
        event = str(plan_event(plan, actor=ADMINISTRATOR, now=NOW).public_id)
        confirm_as_host(event, actor=ADMINISTRATOR, now=NOW)
    yield SimpleNamespace(app=app, mailbox=mailbox, office=office, event=event, still=still)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def newest(world: SimpleNamespace, who: str) -> tuple[EmailMessage, icalendar.Calendar]:
    """The last letter to somebody with a calendar part, and that part."""
    mails = [one for one in world.office.to(f"{who}@port.example") if calendar_in(one) is not None]
    return mails[-1], icalendar.Calendar.from_ical(calendar_in(mails[-1]))


def calendar_in(mail: EmailMessage) -> str | None:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return parts[0].get_content() if parts else None


def entry(world: SimpleNamespace, who: str) -> icalendar.Event:
    return newest(world, who)[1].walk("VEVENT")[0]


def answer(world: SimpleNamespace, who: str, sample: str, **more: Any) -> None:
    """What that person's program sends in answer to the last letter."""
    mail, calendar = newest(world, who)
    asked = calendar.walk("VEVENT")[0]
    assert asked["ORGANIZER"] == f"mailto:{parseaddr(mail['Reply-To'])[1]}"
    facts = {
        "uid": str(asked["UID"]),
        "to": parseaddr(mail["Reply-To"])[1],
        "attendee": f"{who}@port.example",
        "sequence": int(asked["SEQUENCE"]),
        "stamp": datetime.now(tz=NOW.tzinfo),
        "starts": asked.decoded("DTSTART"),
        "ends": asked.decoded("DTEND"),
    }
    world.mailbox.put(a_mail(sample, **{**facts, **more}))


def deliver(world: SimpleNamespace) -> None:
    """Later, letters leave."""
    world.still.shift(WAITED)
    run_tick(world.app)


def read(world: SimpleNamespace) -> list[tuple[str, str, str]]:
    """Look into the mailbox; what became of every mail so far."""
    world.still.shift(WAITED)
    run_mail(world.app)
    with world.app.app_context():
        rows = db.session.scalars(select(ReceivedMail).order_by(ReceivedMail.id)).all()
        return [(row.family, str(row.state), row.reason) for row in rows]


def states(app: Flask, event_id: str) -> dict[str, str]:
    with app.app_context():
        event = get_event(event_id)
        return {one.expert.slug: str(one.state) for one in asking.of_event(event.id)}


def status(world: SimpleNamespace) -> Status:
    with world.app.app_context():
        return db.session.scalars(select(Event.status)).one()


def act(world: SimpleNamespace, story: Any, *args: Any) -> None:
    world.still.shift(WAITED)
    with world.app.app_context(), transaction():
        story(world.event, *args, actor=ADMINISTRATOR, now=datetime.now(tz=NOW.tzinfo))


def test_from_the_question_to_the_cancellation(world):
    deliver(world)
    first = {who: int(entry(world, who)["SEQUENCE"]) for who in PEOPLE}
    for who, family in PEOPLE.items():
        assert newest(world, who)[1]["METHOD"] == "REQUEST"
        answer(world, who, f"{family}_reply")
    assert read(world) == [
        ("google", "applied", "answered"),
        ("microsoft", "applied", "answered"),
        ("apple", "applied", "answered"),
    ]
    assert set(states(world.app, world.event).values()) == {"accepted"}
    assert status(world) is Status.CONFIRMED

    moved = Destination(time={"starts_local": parse_wall_time("2027-02-17T14:00")})
    act(world, move_event, moved)
    deliver(world)
    assert all(int(entry(world, who)["SEQUENCE"]) > first[who] for who in PEOPLE)
    assert set(states(world.app, world.event).values()) == {"needs_action"}
    answer(world, "gull", "exchange_reply", sequence=first["gull"])
    assert read(world)[-1] == ("microsoft", "review", "older-version")

    starts = entry(world, "pelican").decoded("DTSTART") + timedelta(days=1)
    answer(world, "pelican", "google_counter", new_starts=starts, new_ends=starts + timedelta(minutes=90))
    assert read(world)[-1] == ("google", "applied", "proposed")
    with world.app.app_context():
        event = db.session.scalars(select(Event)).one()
        (proposal,) = proposals.open_of_event(event.id, NOW)
        proposed = str(proposal.public_id)
    before = {who: int(entry(world, who)["SEQUENCE"]) for who in PEOPLE}
    act(world, take_proposal, proposed)
    deliver(world)
    for who in PEOPLE:
        assert entry(world, who).decoded("DTSTART") == starts
        assert int(entry(world, who)["SEQUENCE"]) > before[who]
    assert states(world.app, world.event)["pelican"] == "accepted"

    act(world, cancel_event)
    deliver(world)
    for who in PEOPLE:
        calendar = newest(world, who)[1]
        assert calendar["METHOD"] == "CANCEL"
        assert entry(world, who)["UID"] == world.event
    returned = newest(world, "heron")[0]
    to = parseaddr(returned["Reply-To"])[1]
    back = returned["Message-ID"].strip("<>")
    world.mailbox.put(a_mail("bounce_final", to=to, returned=back, attendee="heron@port.example"))
    assert read(world)[-1] == ("other", "noted", "bounced")
    with world.app.app_context():
        message = db.session.scalars(select(Message).where(Message.state == MessageState.FAILED)).one()
        assert (message.to_address, message.letter) == ("heron@port.example", "called_off")
        assert message.error.startswith("bounced: ")
    deliver(world)
    assert any("did not arrive" in one["Subject"] for one in world.office.to("center@college.example"))
