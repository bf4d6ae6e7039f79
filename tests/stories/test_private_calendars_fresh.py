"""After every kind of act each private calendar says what a calendar made anew would; what it says tells its tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Room
from eventsvc.domain.feeds import entries, private, private_calendars
from eventsvc.domain.feeds.private import Shows
from eventsvc.ical import writer
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts, keep_leave
from eventsvc.workflows.keep_campus_days import CampusDayKind, CampusDayRow, save_campus_day
from eventsvc.workflows.keep_organizations import OfficeRow, save_office
from eventsvc.workflows.keep_people import ExpertRow, save_expert
from eventsvc.workflows.keep_places import CampusRow, RoomRow, save_campus, save_room
from eventsvc.workflows.keep_travel import TravelRow, save_travel
from tests import private_calendars as doors
from tests.ical.calendars import calendar, timed
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.interfaces.pages import HARBOR, PASADENA

pytestmark = pytest.mark.usefixtures("still")
ROOM, ONE, TWO = "creveling-lounge", "expert-one", "expert-two"
THINGS = (("experts", ONE), ("experts", TWO), ("rooms", ROOM), ("offices", "port-outreach"), ("offices", "host"))
BUSY = calendar(timed("20270212T180000Z", "20270212T190000Z", "SUMMARY:Chess club"))


class Polled(NamedTuple):
    """What a poll was answered."""

    body: bytes
    etag: str
    modified: Any


class Walk:
    """A world with five calendars in three ways each, and short ways to change it."""

    def __init__(self, app, admin: FlaskClient) -> None:
        self.app, self.admin = app, admin
        self.world = pages.make(app)
        with app.app_context(), transaction():
            lookup.get(Expert, ONE).home_campus_id = lookup.get(Campus, HARBOR).id
            pasadena = lookup.get(Campus, PASADENA)
            host = next(one for one in lookup.page(Office, after_slug=None, limit=9)[0] if one.slug != "port-outreach")
            host.slug = "host"
            lookup.get(Room, ROOM).office_id = host.id
            self.organization = pasadena.organization.slug
            for email in ("ana@host.example", "ben@host.example"):
                keep_accounts.add_account(email, email.split("@")[0].title(), actor=ADMINISTRATOR, now=clock.now())
                keep_accounts.give_role(email, Role.COORDINATOR, office="host", actor=ADMINISTRATOR, now=clock.now())
        self.addresses = [doors.make(app, kind, slug, shows) for kind, slug in THINGS for shows in Shows]
        self.id = self.held = ""

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.admin.post(f"/api/v1/{path}", json=body)
        assert answer.status_code in (200, 201), answer.json
        return dict(answer.json)

    def act(self, verb: str, **body: Any) -> None:
        self.post(f"events/{self.id}/{verb}", **body)

    def plan(self, **more: Any) -> None:
        wish = {"kind": "info_session", "title": "Careers", "campus": PASADENA, "owner": "host", "rooms": [ROOM]}
        time = {"starts_local": "2027-02-10T14:00", "duration_minutes": 90, "experts": [ONE]}
        self.id = self.post("events", **{**wish, **time, **more})["id"]

    def edit(self, **words: Any) -> None:
        etag = self.admin.get(f"/api/v1/events/{self.id}").headers["ETag"]
        answer = self.admin.patch(f"/api/v1/events/{self.id}", json=words, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.json

    def answer(self, label: str, expert: str = ONE) -> None:
        browser = Browser(self.app)
        browser.get(self.world.answer_path(self.id, expert))
        browser.submit(label)

    def write(self, story: Callable[..., Any], *args: Any) -> None:
        with self.app.app_context(), transaction():
            story(*args, actor=ADMINISTRATOR, now=clock.now())

    def hold(self) -> None:
        wish = {"campus": PASADENA, "rooms": [ROOM], "starts_local": "2027-02-15T10:00", "duration_minutes": 60}
        self.held = self.post("holds", **wish, minutes=30)["id"]

    def give_back(self) -> None:
        self.admin.delete(f"/api/v1/holds/{self.held}", headers={"If-Match": "*"})

    def attach(self) -> None:
        for path in (f"rooms/{ROOM}", f"experts/{ONE}"):
            answer = self.admin.put(
                f"/api/v1/{path}/calendar", json={"text": BUSY.decode()}, headers={"If-None-Match": "*"}
            )
            assert answer.status_code == 200, answer.json

    def forget_leave(self) -> None:
        (leave,) = self.admin.get(f"/api/v1/experts/{ONE}/leave").json["items"]
        self.admin.delete(f"/api/v1/experts/{ONE}/leave/{leave['id']}", headers={"If-Match": "*"})

    def close(self) -> None:
        with self.app.app_context():
            campus_id = lookup.get(Campus, PASADENA).id
        row = CampusDayRow(kind=CampusDayKind.HOLIDAY, title="Day", first="2027-02-19", last="2027-02-19")
        self.write(save_campus_day, row, campus_id)


TIMED = {"starts_local": "2027-02-17T10:00", "duration_minutes": 60}
# What is done, and of how many of the fifteen calendars at least the words change by it.
ACTS: list[tuple[str, Callable[[Walk], Any], int]] = [
    ("plan", lambda walk: walk.plan(), 12),
    ("publish", lambda walk: walk.act("publish"), 1),
    ("perhaps", lambda walk: walk.answer("Perhaps"), 3),
    ("accept", lambda walk: walk.answer("Yes, I come"), 3),
    ("host's yes", lambda walk: walk.act("confirm"), 10),
    ("title", lambda walk: walk.edit(title="Careers at sea"), 4),
    ("in charge", lambda walk: walk.act("charge", account="ana@host.example"), 4),
    (
        "away",
        lambda walk: walk.post(
            "absences",
            **{"account": "ana@host.example", "from": "2027-01-10", "until": "2027-03-01"},
            cover="ben@host.example",
        ),
        1,
    ),
    (
        "named anew",
        lambda walk: walk.write(
            lambda **_: setattr(keep_accounts.claim_account("ben@host.example"), "name", "Benedict")
        ),
        1,
    ),
    ("move", lambda walk: walk.act("move", starts_local="2027-02-11T14:00", duration_minutes=60), 12),
    ("accept again", lambda walk: walk.answer("Yes, I come"), 3),
    ("somebody else", lambda walk: walk.act("move", experts=[TWO]), 9),
    ("no", lambda walk: walk.answer("No, I cannot come", TWO), 3),
    ("back again", lambda walk: walk.act("move", experts=[ONE]), 6),
    ("way", lambda walk: walk.write(save_travel, TravelRow(origin=HARBOR, destination=PASADENA, minutes=95)), 3),
    (
        "telephone",
        lambda walk: walk.write(
            save_office, OfficeRow(name="Host", organization=walk.organization, slug="host", telephone="555 0100")
        ),
        3,
    ),
    (
        "expert's name",
        lambda walk: walk.write(save_expert, ExpertRow(name="Pelican", organization="port-of-los-angeles", slug=ONE)),
        3,
    ),
    ("room's name", lambda walk: walk.write(save_room, RoomRow(name="Lounge", campus=PASADENA, slug=ROOM)), 4),
    (
        "campus's name",
        lambda walk: walk.write(save_campus, CampusRow(name="Pasadena", slug=PASADENA, address="1 New Street")),
        3,
    ),
    ("leave", lambda walk: walk.write(keep_leave.add_leave, ONE, "2027-03-01", "2027-03-03"), 2),
    ("no leave", lambda walk: walk.forget_leave(), 2),
    ("outside calendars", lambda walk: walk.attach(), 5),
    ("closed", lambda walk: walk.close(), 2),
    ("held", lambda walk: walk.hold(), 4),
    ("given back", lambda walk: walk.give_back(), 4),
    ("draft", lambda walk: walk.plan(title="Draft", draft=True, **TIMED), 1),
    ("another", lambda walk: walk.plan(title="Another", **TIMED), 12),
    ("withdraw", lambda walk: walk.act("withdraw"), 12),
]


def test_each_act_shows_at_the_next_poll_and_in_its_tags(bare_app, admin, public, still):
    walk = Walk(bare_app, admin)
    before = polled(walk, public)
    for name, act, at_least in ACTS:
        still.shift(timedelta(minutes=1))
        act(walk)
        still.shift(timedelta(minutes=1))
        now = polled(walk, public)
        changed = 0
        for index, address in enumerate(walk.addresses):
            what = name, THINGS[index // 3], list(Shows)[index % 3]
            assert now[index].body == fresh(walk, address), what
            same = now[index].body == before[index].body
            assert (now[index].etag == before[index].etag) is same, what
            assert same or now[index].modified > before[index].modified, what
            changed += not same
        assert changed >= at_least, (name, changed)
        before = now
    assert polled(walk, public) == before


def polled(walk: Walk, client: FlaskClient) -> list[Polled]:
    answers = [client.get(address.path) for address in walk.addresses]
    assert {answer.status_code for answer in answers} == {200}
    for address, answer in zip(walk.addresses, answers, strict=True):
        again = client.get(address.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, no-cache")
    return [Polled(answer.data, answer.headers["ETag"], answer.last_modified) for answer in answers]


def fresh(walk: Walk, address: doors.Address) -> bytes:
    """The calendar as nobody has kept it."""
    with walk.app.app_context():
        links = services().links
        feed = private_calendars.feed_of(private.get(address.id), links)
        begins, ends = writer.frame(entries.head_of(feed, links))
        return b"".join((begins, *feed.components_on(clock.now().astimezone(UTC).date()), ends))
