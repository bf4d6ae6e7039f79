"""Invitations that calendar programs can answer: REQUEST, its updates and its end, person by person, as they leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import hypothesis
import icalendar
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.attendance.counting import Count
from eventsvc.domain.outbox.smtp import SmtpTransport
from eventsvc.interfaces.services import Services
from eventsvc.workflows import after_event
from eventsvc.workflows.keep_promises import tick
from tests import builders, databases
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN
from tests.post_office import WAITED, PostOffice, link_in, open_post_office, words_of

MAILBOX = "events@calendar.example"
FIRST, SECOND = "first@port.example", "second@port.example"


class World:
    """A service that reads its mail, a college, two experts with addresses and one without, and a post office."""

    def __init__(self, url: str, office: PostOffice, **settings: object) -> None:
        self.url, self.office, self.now = url, office, NOW
        self.app: Flask | None = None
        self.app = self.service(**{"MAIL_IN_ADDRESS": MAILBOX, **settings})
        with self.app.app_context(), transaction():
            pasadena = builders.a_campus("pasadena")
            for room in ("lounge", "hall"):
                builders.a_room(room, on=pasadena)
            outreach = builders.an_office("outreach", mailbox="outreach@port.example")
            builders.an_expert("first", office=outreach, email=FIRST)
            builders.an_expert("second", office=outreach, email=SECOND)
            builders.an_expert("third", office=outreach, email="")

    def service(self, **settings: object) -> Flask:
        """The service, begun with those settings; the one before has ended."""
        self.close()
        self.app = create_app(databases.settings(self.url, **settings))
        return self.app

    def close(self) -> None:
        """The service ends."""
        if self.app is not None:
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()

    @property
    def admin(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {ADMIN_TOKEN}"
        return client

    def says(self, path: str, **body: Any) -> dict[str, Any]:
        """What the administrator does; then everything leaves that is due."""
        answer = self.tries(path, **body)
        assert answer.status_code in (200, 201), answer.json
        self.ticks()
        return dict(answer.json)

    def tries(self, path: str, **body: Any) -> TestResponse:
        """The same, where a no is an answer too, and nothing leaves by it."""
        with time_machine.travel(self.now, tick=False):
            return self.admin.post(f"/api/v1/{path}", json=body)

    def plans(self, **more: Any) -> str:
        wish = {
            "kind": "info_session",
            "title": "Careers",
            "campus": "pasadena",
            "starts_local": "2027-02-10T14:00",
            "duration_minutes": 90,
            "rooms": ["lounge"],
            "experts": ["first"],
            **more,
        }
        return str(self.says("events", **wish)["id"])

    def answers(self, word: str, by: str = FIRST) -> None:
        """Somebody presses a button of the page behind the newest link."""
        token = link_in(self.letters(by)[-1], "/answer/").removeprefix("/answer/")
        with time_machine.travel(self.now, tick=False):
            answer = self.app.test_client().post(f"/api/v1/answers/{token}", json={"answer": word})
        assert answer.status_code == 200, answer.json
        self.ticks()

    def ticks(self) -> None:
        made: Services = self.app.extensions["eventsvc"]
        now = self.now + WAITED
        with self.app.app_context():
            tick(transport=SmtpTransport(self.office.url), links=made.links, sender=made.sender, clock=lambda: now)

    def letters(self, to: str = FIRST) -> list[EmailMessage]:
        return self.office.to(to)

    def told(self, to: str = FIRST) -> list[icalendar.Event]:
        """What somebody's calendar was told, oldest first; each entry knows its METHOD."""
        return [entry for mail in self.letters(to) if (entry := entry_in(mail)) is not None]


def entry_in(mail: EmailMessage) -> icalendar.Event | None:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return None
    (part,) = parts
    calendar = icalendar.Calendar.from_ical(part.get_content())
    (entry,) = calendar.events
    assert part.get_param("method") == calendar["METHOD"]
    entry.method = str(calendar["METHOD"])
    return entry


def brief(entry: icalendar.Event) -> tuple[str, int, str, str | None]:
    """Method, revision, what the person has said, and the status of the event."""
    status = str(entry["STATUS"]) if "STATUS" in entry else None
    return entry.method, int(entry["SEQUENCE"]), entry["ATTENDEE"].params["PARTSTAT"], status


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def world(database_url: str, post_office: PostOffice) -> Iterator[World]:
    with closing(World(database_url, post_office)) as made:
        yield made


def test_an_entry_follows_the_event_from_the_question_to_the_end_and_back(world):
    event = world.plans()
    world.answers("accept")
    world.says(f"events/{event}/move", rooms=["hall"])
    world.says(f"events/{event}/move", starts_local="2027-02-11T14:00")
    world.answers("tentative")
    world.says(f"events/{event}/move", rooms=["lounge"])
    world.says(f"events/{event}/confirm")
    world.answers("accept")
    world.says(f"events/{event}/cancel")
    world.says(f"events/{event}/restore")
    told = world.told()
    assert [(entry.method, entry["ATTENDEE"].params["PARTSTAT"], entry.get("STATUS")) for entry in told] == [
        ("REQUEST", "NEEDS-ACTION", "CONFIRMED"),
        ("REQUEST", "ACCEPTED", "CONFIRMED"),
        ("REQUEST", "NEEDS-ACTION", "CONFIRMED"),
        ("REQUEST", "TENTATIVE", "CONFIRMED"),
        ("CANCEL", "ACCEPTED", "CANCELLED"),
        ("REQUEST", "NEEDS-ACTION", "CONFIRMED"),
    ]
    revisions = [int(entry["SEQUENCE"]) for entry in told]
    assert revisions == sorted(set(revisions))
    assert {str(entry["UID"]) for entry in told} == {event}
    (organizer,) = {str(entry["ORGANIZER"]) for entry in told}
    address = organizer.removeprefix("mailto:")
    assert (address.partition("+")[0], address.partition("@")[2]) == ("events", "calendar.example")
    assert {mail["Reply-To"] for mail in world.letters()} == {address}
    assert [str(entry["LOCATION"]).partition(",")[0] for entry in told[:2]] == ["Lounge", "Hall"]
    assert told[2]["DTSTART"].dt == datetime(2027, 2, 11, 22, tzinfo=UTC)


def test_each_person_has_an_address_and_revisions_of_their_own_and_sees_nobody_else(world):
    event = world.plans(experts=["first", "second"])
    world.says(f"events/{event}/move", experts=["second"])
    (asked, ended), (other,) = world.told(), world.told(SECOND)
    assert brief(ended) == ("CANCEL", int(asked["SEQUENCE"]) + 1, "NEEDS-ACTION", None)
    assert str(ended["ATTENDEE"]) == f"mailto:{FIRST}"
    assert str(ended["ORGANIZER"]) == str(asked["ORGANIZER"]) != str(other["ORGANIZER"])
    assert brief(other) == ("REQUEST", 1, "NEEDS-ACTION", "CONFIRMED")
    for mail in world.letters():
        assert SECOND not in str(mail)


def test_an_office_that_answers_for_somebody_reads_a_letter_without_calendar(world):
    world.plans(experts=["third"])
    (letter,) = world.letters("outreach@port.example")
    assert entry_in(letter) is None
    assert (letter["Reply-To"], letter["Content-class"]) == (None, None)
    assert letter.get_content_type() == "multipart/alternative"


def test_a_series_is_one_letter_to_read_and_a_mail_for_the_calendar_for_each_date(world):
    wish = {"kind": "info_session", "title": "Tuesdays", "campus": "pasadena", "duration_minutes": 60}
    wish |= {"starts_local": "2027-02-09T14:00", "rooms": ["lounge"], "experts": ["first"]}
    series = world.says("series", **wish, rule={"kind": "weekly", "count": 3})
    joint, *each = world.letters()
    assert (joint["Subject"], entry_in(joint)) == ("Will you come on 3 dates? Tuesdays", None)
    assert joint["Reply-To"] == mailbox_in(joint)
    assert [brief(entry_in(mail)) for mail in each] == [("REQUEST", 1, "NEEDS-ACTION", "CONFIRMED")] * 3
    assert len({str(entry_in(mail)["UID"]) for mail in each}) == 3
    assert len({mail["Reply-To"] for mail in each}) == 3
    assert "This mail is for your calendar" in words_of(each[0])
    world.says(f"series/{series['id']}/withdraw")
    joint, *each = world.letters()[4:]
    assert (joint["Subject"], entry_in(joint)) == ("3 dates do not take place: Tuesdays", None)
    assert [brief(entry_in(mail)) for mail in each] == [("CANCEL", 2, "NEEDS-ACTION", "CANCELLED")] * 3


def mailbox_in(mail: EmailMessage) -> str:
    """Of the host's office, as the end of a letter says it."""
    return next(word.rstrip(",") for word in words_of(mail).split() if "@" in word and "/" not in word)


def test_without_mail_coming_in_answers_reach_the_office_and_the_letter_asks_for_the_link(database_url, post_office):
    with closing(World(database_url, post_office, MAIL_IN_ADDRESS="")) as world:
        world.plans()
        (letter,) = world.letters()
    entry, mailbox = entry_in(letter), mailbox_in(letter)
    assert (letter["Reply-To"], str(entry["ORGANIZER"])) == (mailbox, f"mailto:{mailbox}")
    assert "Please answer by the link." in words_of(letter)
    assert post_office.senders_of == [letter["From"].addresses[0].addr_spec]


def test_what_cannot_be_delivered_comes_back_to_the_address_for_answers(world):
    world.plans()
    (letter,) = world.letters()
    assert world.office.senders_of == [letter["Reply-To"]]
    assert "You can also answer with the buttons of your mail or calendar program" in words_of(letter)


def test_an_address_outlives_the_key_it_was_made_under(world):
    key, other = "k" * 40, "n" * 40
    world.service(MAIL_IN_ADDRESS=MAILBOX, ADDRESS_KEY=key)
    event = world.plans()
    world.service(MAIL_IN_ADDRESS=MAILBOX, ADDRESS_KEY=other, ADDRESS_KEY_FALLBACKS=(key,))
    world.says(f"events/{event}/move", starts_local="2027-02-11T14:00")
    before, after = world.told()
    assert str(before["ORGANIZER"]) == str(after["ORGANIZER"])


def test_what_changes_before_it_has_left_leaves_once_with_what_is_so_then(world):
    office, world.office = world.office, PostOffice()
    world.office.url = "smtp://127.0.0.1:1"
    event = world.plans()
    world.says(f"events/{event}/move", starts_local="2027-02-12T14:00", rooms=["hall"])
    world.office, world.now = office, NOW + timedelta(minutes=2)
    world.ticks()
    (entry,) = world.told()
    assert entry["DTSTART"].dt == datetime(2027, 2, 12, 22, tzinfo=UTC)
    assert brief(entry)[:3] == ("REQUEST", 2, "NEEDS-ACTION")


def test_who_has_declined_is_not_told_of_the_end(world):
    event = world.plans(experts=["first", "second"])
    world.answers("decline")
    world.says(f"events/{event}/withdraw")
    assert [entry.method for entry in world.told()] == ["REQUEST"]
    assert [entry.method for entry in world.told(SECOND)] == ["REQUEST", "CANCEL"]


def silent_for_weeks(world: World) -> str:
    """An event whose first person was passed over; the second is asked."""
    event = world.plans(experts=[], seats=[{"expert": "first", "then": ["second"]}], starts_local="2027-03-10T14:00")
    while not world.told(SECOND):
        world.now += timedelta(days=1)
        assert world.now < NOW + timedelta(days=30)
        world.ticks()
    return event


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("withdraw", {}, "CANCELLED"),
        ("move", {"starts_local": "2027-03-11T14:00"}, None),
        ("move", {"seats": [{"expert": "second", "then": []}]}, None),
    ],
    ids=["the event is off", "it is moved away from them", "they are in no line-up any more"],
)
def test_who_was_passed_over_in_silence_has_it_taken_out_of_the_calendar(world, act, body, status):
    event = silent_for_weeks(world)
    assert {entry.method for entry in world.told()} == {"REQUEST"}
    world.says(f"events/{event}/{act}", **body)
    ended = world.told()[-1]
    assert (ended.method, ended.get("STATUS")) == ("CANCEL", status)
    assert [entry.method for entry in world.told()].count("CANCEL") == 1


def test_a_late_yes_that_no_longer_counts_is_taken_out_of_the_calendar_too(world):
    event = silent_for_weeks(world)
    world.answers("accept")
    world.says(f"events/{event}/move", starts_local="2027-03-11T14:00")
    assert [entry.method for entry in world.told()] == ["REQUEST", "CANCEL"]


def test_another_link_is_another_place_and_reaches_calendars(world):
    event = world.plans(online_url="https://meet.example/one")
    world.answers("accept")
    tag = world.admin.get(f"/api/v1/events/{event}").headers["ETag"]
    with time_machine.travel(world.now, tick=False):
        body = {"online_url": "https://meet.example/two"}
        answer = world.admin.patch(f"/api/v1/events/{event}", json=body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.json
    world.ticks()
    before, after = world.told()
    assert brief(after) == ("REQUEST", int(before["SEQUENCE"]) + 1, "ACCEPTED", "CONFIRMED")
    assert "https://meet.example/two" in str(after["DESCRIPTION"])


MOVES = ("later", "elsewhere", "without the first", "with both")
VERBS = ("withdraw", "cancel", "confirm", "restore", "postpone")
ANSWERS = ("accept", "tentative", "decline")
ACTS = st.sampled_from((*MOVES, *VERBS, *ANSWERS, "leaves", "leaves"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@hypothesis.settings(
    max_examples=12, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(acts=st.lists(ACTS, min_size=4, max_size=12))
def test_whatever_happens_revisions_rise_and_an_end_comes_once(world, acts):
    world.now += timedelta(minutes=1)
    day = 1 + len(world.office.raw) % 27
    event = world.plans(starts_local=f"2027-04-{day:02}T09:00", experts=["first", "second"])
    for number, act in enumerate(acts):
        world.now += timedelta(seconds=1)
        _act(world, event, act, f"2027-05-{day:02}T{9 + number % 10:02}:00")
    world.ticks()
    for person in (FIRST, SECOND):
        told = [entry for entry in world.told(person) if str(entry["UID"]) == event]
        revisions = [int(entry["SEQUENCE"]) for entry in told]
        assert revisions == sorted(set(revisions))
        assert len({str(entry["ORGANIZER"]) for entry in told}) == 1
        methods = "".join(entry.method[0] for entry in told)
        assert methods.startswith("R")
        assert "CC" not in methods
    world.tries(f"events/{event}/withdraw")
    world.tries(f"events/{event}/cancel")


def _act(world: World, event: str, act: str, later: str) -> None:
    moves = {
        "later": {"starts_local": later},
        "elsewhere": {"rooms": ["hall" if later < "2027-05-15" else "lounge"]},
        "without the first": {"experts": ["second"]},
        "with both": {"experts": ["first", "second"]},
    }
    if act == "leaves":
        world.ticks()
    elif act in moves:
        world.tries(f"events/{event}/move", **moves[act])
    elif act in ANSWERS:
        world.tries(f"events/{event}/experts/first/answer", answer=act)
    else:
        world.tries(f"events/{event}/{act}")


def test_thanks_and_reminders_lead_answers_to_the_same_address(world):
    event = world.plans(starts_local="2027-01-20T14:00")
    world.answers("accept")
    world.says(f"events/{event}/confirm")
    world.now = datetime(2027, 1, 20, 20, tzinfo=UTC)
    world.ticks()
    world.now += timedelta(days=1)
    world.ticks()
    with world.app.app_context(), transaction():
        after_event.say_count(event, Count(heads=30), ["first"], actor=ADMINISTRATOR, now=world.now)
    world.now += timedelta(days=5)
    world.ticks()
    subjects = [mail["Subject"].partition(" ")[0] for mail in world.letters()]
    assert list(dict.fromkeys(subjects)) == ["Will", "Reminder,", "Thank"]
    assert len({mail["Reply-To"] for mail in world.letters()}) == 1
