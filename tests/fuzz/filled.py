"""A filled house for the machine that tries everything: something of every kind in every state, and what it is called.

It is filled once through the doors. `Copies` puts the database back as it was after every write, so that a request
depends on nothing that another one did.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.attendance import counting
from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.directory.models import Expert, Office, OrganizationKind
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import pause
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.domain.webhooks.models import DeliveryState, WebhookDelivery
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN
from tests.received import a_mail

WHO = {"actor": ADMINISTRATOR, "now": NOW}
COORDINATOR, COLLEAGUE = "lee@college.example", "kim@college.example"
PCC, LOUNGE, TOPIC = "pasadena-city-college", "creveling-lounge", "zero-emission"
ONE, TWO, THREE = "expert-one", "expert-two", "expert-three"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:1@elsewhere.example
DTSTAMP:20270101T000000Z
DTSTART:20270220T180000Z
DTEND:20270220T200000Z
SUMMARY:Painting
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@dataclass
class Names:
    """What the things of the house are called: by the name of a parameter, every value that leads somewhere."""

    values: dict[str, list[str]] = field(default_factory=dict)
    coordinator: str = ""  # the value of an API token

    def add(self, parameter: str, value: str) -> str:
        self.values.setdefault(parameter, []).append(value)
        return value


def fill(app: Flask) -> Names:
    """Put something of every kind in every state into an empty database; the clock must stand at NOW."""
    names = Names()
    with app.app_context(), transaction():
        _fill_directory(names)
    with app.app_context(), transaction():
        office = db.session.scalars(select(Office).order_by(Office.id)).first()
        names.add("owner", office.slug)
        names.add("audience", "expert")
        for email, name in ((COORDINATOR, "Lee Example"), (COLLEAGUE, "Kim Example")):
            names.add("account_id", str(keep_accounts.add_account(email, name, **WHO).public_id))
            keep_accounts.give_role(names.add("account", email), Role.COORDINATOR, office=office.slug, **WHO)
        _, names.coordinator = make_token(COORDINATOR, "a program", list(Scope), days=90, **WHO)
    admin = app.test_client()
    admin.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {ADMIN_TOKEN}"
    _fill_events(_Door(admin), names)
    _fill_requests(_Door(admin), names)
    _fill_answers(app, _Door(admin), names)
    for thing in (f"experts/{ONE}", f"rooms/{LOUNGE}", "offices/careers"):
        made = _Door(admin)(f"/{thing}/private-calendars", made_for="a telephone")
        names.add("calendar_id", made["id"])
    _fill_webhooks(app, _Door(admin), names)
    with app.app_context(), transaction():
        for event in db.session.scalars(select(Event).where(Event.status == Status.CONFIRMED)):
            counting.ask_for_feedback(event, None, NOW)
        over = db.session.scalars(select(Event).where(Event.title == "Over")).one()
        over.status, over.starts_at, over.ends_at = Status.COMPLETED, NOW - timedelta(days=1), NOW - timedelta(hours=23)
    with app.app_context(), transaction():
        for state in (MessageState.FAILED, MessageState.SET_ASIDE):
            letter = db.session.scalars(select(Message).where(Message.state == MessageState.QUEUED).limit(1)).one()
            letter.state, letter.error = state, "550 no such user"
            names.add("message_id", str(letter.public_id))
        pause.begin(PauseReason.BY_HAND, by="administrator", now=NOW)
    with app.app_context():
        _sign_links(names)
    return names


def _fill_directory(names: Names) -> None:
    harbor, valley = builders.a_campus(PCC), builders.a_campus("valley")
    builders.a_way(harbor, valley, 40)
    facilities = builders.an_office("rooms-office", of=harbor.organization)
    builders.a_room(LOUNGE, on=harbor, setup=15)
    builders.a_room("lab", on=harbor, capacity=None)
    granted = builders.a_room("theater", on=harbor)
    granted.office, granted.needs_approval = facilities, True
    builders.a_room("barn", on=valley)
    builders.a_pool("projectors", on=harbor)
    ships = builders.a_topic(TOPIC)
    port = builders.an_organization("port")
    for slug in (ONE, TWO):
        builders.an_expert(slug, of=port, office=builders.an_office(f"{slug}-office", of=port), topics=[ships])
    first = db.session.scalars(select(Expert).where(Expert.slug == ONE)).one()
    builders.an_expert(THREE, of=port, office=first.office, topics=[ships])
    for slug in (PCC, "valley"):
        names.add("campus", slug)
    for slug in (LOUNGE, "lab", "theater", "barn"):
        names.add("room", slug)
    for slug in (ONE, TWO):
        names.add("expert", slug)
    names.add("pool", "projectors")
    names.add("topic", TOPIC)
    builders.an_office("careers", of=harbor.organization)
    cranes = builders.an_organization("cranes-and-sons", kind=OrganizationKind.EMPLOYER)
    builders.an_office("cranes-office", of=cranes)
    names.add("employer", cranes.slug)
    names.add("organization", port.slug)
    names.add("organization", harbor.organization.slug)
    names.add("organization", builders.an_organization("harbor-high", kind=OrganizationKind.SCHOOL).slug)
    names.add("of", "campus")
    names.add("word", PCC)


class _Door:
    """The administrator at the API; whatever is not answered by a 2xx is a mistake of ours."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def __call__(self, path: str, method: str = "POST", **body: Any) -> Any:
        headers = {"DELETE": {"If-Match": "*"}, "PUT": {"If-None-Match": "*"}}.get(method)
        answer = self._client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json if answer.data else None


def _fill_events(door: Callable[..., Any], names: Names) -> None:
    def plan(day: int, **more: Any) -> str:
        wish = {
            "kind": "info_session",
            "title": "Careers",
            "campus": PCC,
            "topics": [TOPIC],
        }
        when = {"starts_local": f"2027-02-{day:02}T14:00", "duration_minutes": 60}
        return names.add("event_id", door("/events", **{**wish, **when, **more})["id"])

    plan(1, draft=True, rooms=[LOUNGE])
    plan(2, rooms=[LOUNGE], experts=[ONE], equipment=[{"slug": "projectors", "quantity": 2}])
    plan(3, rooms=["theater"], experts=[TWO])
    plan(26, title="Over", experts=[ONE], topics=[])
    shown = plan(4, rooms=[LOUNGE], expected_heads=30, audience=["Students"], description="*Soon*")
    door(f"/events/{shown}/confirm")
    door(f"/events/{shown}/publish")
    for day, verb in ((5, "cancel"), (6, "postpone")):
        off = plan(day, rooms=["lab"])
        door(f"/events/{off}/confirm")
        door(f"/events/{off}/publish")
        door(f"/events/{off}/{verb}", reason="The tide tables say no.")
    plan(7, campus=None, owner=names.values["owner"][0], online_url="https://meet.example/1", topics=[])
    door(f"/events/{plan(8, campus='valley', visibility='private', topics=[])}/withdraw")
    rule = {"kind": "dates", "dates": ["2027-02-02", "2027-02-15", "2027-02-16", "2027-02-17"]}
    in_the_way = plan(17, rooms=[LOUNGE])
    series = {
        "kind": "info_session",
        "title": "Weekly",
        "campus": PCC,
        "rooms": [LOUNGE],
        "rule": rule,
    }
    when = {"starts_local": "2027-02-02T14:30", "duration_minutes": 60}
    made = door("/series?on_conflict=skip", **series, **when)
    names.add("series_id", made["id"])
    names.add("If-Match", "*")
    for skipped in made["skipped"]:
        names.add("skipped_id", skipped["id"])
    door(f"/events/{in_the_way}/withdraw")
    for event in made["events"]:
        names.add("event_id", event["id"])
    sure = door("/series", **{**series, **when, "rooms": ["lab"], "rule": {"kind": "weekly", "count": 2}})
    door(f"/series/{names.add('series_id', sure['id'])}/confirm")
    held = door("/holds", campus=PCC, rooms=["lab"], starts_local="2027-02-20T10:00", duration_minutes=60)
    names.add("hold_id", held["id"])
    given_back = door("/holds", campus=PCC, rooms=["lab"], starts_local="2027-02-21T10:00", duration_minutes=60)
    names.add("hold_id", given_back["id"])
    elsewhere = "https://calendar.example.edu/events.ics"
    names.add("subscription_id", door("/offices/careers/subscriptions", url=elsewhere)["id"])
    door(f"/holds/{given_back['id']}", "DELETE")
    names.add("link_id", door(f"/events/{shown}/door-links", day="2027-02-04")["id"])
    ended = names.add("link_id", door(f"/events/{shown}/door-links", day="2027-02-04")["id"])
    door(f"/events/{shown}/door-links/{ended}", "DELETE")
    names.add("leave_id", door(f"/experts/{ONE}/leave", **{"from": "2027-04-05", "until": "2027-04-09"})["id"])
    door("/rooms/lab/calendar", "PUT", text=ICS)
    away = {"account": COLLEAGUE, "from": "2027-04-05", "until": "2027-04-09", "cover": COORDINATOR}
    names.add("absence_id", door("/absences", **away)["id"])


def _fill_requests(door: Callable[..., Any], names: Names) -> None:
    """A request in every state, a round, dates that can and cannot be claimed, an employer that waits."""

    def ask(**more: Any) -> str:
        windows = [{"first_on": "2027-03-01", "last_on": "2027-03-12"}]
        wish = {"partner": "port", "campus": PCC, "asker": "careers", "title": "Careers", "windows": windows}
        return names.add("request_id", door("/requests", **{**wish, "topics": [TOPIC], **more})["id"])

    ask()
    door(f"/requests/{ask()}/plan", starts_local="2027-03-02T10:00", experts=[ONE])
    offered = door(f"/requests/{ask()}/offer", starts_local="2027-04-06T14:00", expert=TWO)["offered"]
    names.add("offer_id", offered[0]["id"])
    for verb in ("not-this-term", "decline", "withdraw"):
        door(f"/requests/{ask()}/{verb}", reason="The tide tables say no.")
    office = {"office": "expert-one-office", "title": "A tour"}
    made = door("/rounds", **office, closes_on="2027-02-01")
    ask(round=names.add("round_id", made["id"]))
    for day in ("04", "05", "06"):
        when = {"starts_local": f"2027-05-{day}T10:00", "duration_minutes": 60}
        names.add("offer_id", door("/offered-dates", **office, **when, expert=ONE)["id"])
    door(f"/offered-dates/{names.values['offer_id'][-1]}/take-back")
    door(f"/offered-dates/{names.values['offer_id'][-2]}/claim", campus=PCC, asker="careers")
    door(f"/organizations/{names.values['organization'][1]}/approvals", employer=names.values["employer"][0])


def _fill_answers(app: Flask, door: Callable[..., Any], names: Names) -> None:
    """Somebody is expected today, somebody proposed another time, and somebody waits to be released."""
    wish = {"kind": "info_session", "title": "Tides", "campus": PCC, "owner": "careers", "duration_minutes": 30}
    today = door("/events", **wish, starts_local=f"{NOW:%Y-%m-%d}T15:00", experts=[ONE])["id"]
    door(f"/events/{names.add('event_id', today)}/move", starts_local=f"{NOW:%Y-%m-%d}T15:30")
    moved = names.add("event_id", door("/events", **wish, starts_local="2027-02-23T10:00", experts=[ONE])["id"])
    colleague = app.test_client()
    colleague.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {names.coordinator}"
    office = {"owner": names.values["owner"][0], "campus": None, "online_url": "https://meet.example/2"}
    asked = _Door(colleague)("/events", **{**wish, **office}, starts_local="2027-02-24T10:00", experts=[TWO])
    with app.app_context():
        by_event = {str(one.event.public_id): one for one in db.session.scalars(select(Invitation))}
        names.add("invitation_id", str(by_event[names.add("event_id", asked["id"])].public_id))
        one = by_event[moved]
        token = services().links.answer(str(one.public_id), one.turn, one.event.ends_at).rpartition("/")[2]
    times = [{"starts_local": "2027-02-23T15:00"}]
    door(f"/answers/{token}/times", times=times)
    with app.app_context(), transaction():
        invited = db.session.scalars(select(Invitation).where(Invitation.public_id == one.public_id)).one()
        for made in (a_mail(invited), a_mail()):
            names.add("mail_id", str(made.public_id))
    names.add("seat_id", door(f"/events/{moved}", "GET")["seats"][0]["id"])
    names.add("proposal_id", door(f"/events/{moved}/proposals", "GET")["items"][0]["id"])


def _fill_webhooks(app: Flask, door: Callable[..., Any], names: Names) -> None:
    """One of an office that took one thing and is owed another, and one that is told of everything."""
    for path in ("/offices/careers/webhooks", "/webhooks"):
        made = door(path, url="https://8.8.8.8/hooks", kinds=["event.moved"])
        names.add("webhook_id", made["id"])
    for _ in range(2):
        names.add("delivery_id", door(f"/webhooks/{names.values['webhook_id'][0]}/test")["id"])
    with app.app_context(), transaction():
        first = db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).first()
        first.state, first.ended_at = DeliveryState.DONE, NOW


def _sign_links(names: Names) -> None:
    """The tokens of the letters: one that leads to an invitation, one to a room's request, and one that has ended."""
    links = services().links
    for kind, link in ((Invitation, links.answer), (RoomApproval, links.room_answer)):
        for asked in db.session.scalars(select(kind)):
            ends_at = asked.event.ends_at
            names.add(kind.__name__, link(str(asked.public_id), asked.turn, ends_at).rpartition("/")[2])
        names.add(kind.__name__, link(str(asked.public_id), asked.turn, NOW.replace(year=2026)).rpartition("/")[2])
    for feedback in db.session.scalars(select(Feedback)):
        for ends_at in (NOW.replace(year=2028), NOW.replace(year=2026)):
            names.add("Feedback", links.feedback(str(feedback.public_id), ends_at).rpartition("/")[2])
            names.add("Event", links.count(str(feedback.event.public_id), ends_at).rpartition("/")[2])


class PostgresqlCopies:
    """One filled database, the template of the one in use."""

    is_slow = True

    def __init__(self, filled: str) -> None:
        parts = urlsplit(filled)
        self._template = parts.path.lstrip("/")
        self._copy = f"{self._template}_copy"
        self._server = urlunsplit(parts._replace(path="/postgres"))
        self.url = urlunsplit(parts._replace(path=f"/{self._copy}"))

    def restore(self) -> None:
        """Put everything back."""
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self._copy}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{self._copy}" TEMPLATE "{self._template}" STRATEGY FILE_COPY')


class SqliteCopies:
    """One filled file, copied over the one in use."""

    is_slow = False

    def __init__(self, filled: str, copy: Path) -> None:
        self._filled = filled.removeprefix("sqlite:///")
        self._copy = copy
        self.url = f"sqlite:///{copy}"

    def restore(self) -> None:
        """Put everything back; nobody may be connected."""
        for suffix in ("-wal", "-shm"):
            Path(f"{self._copy}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._filled, self._copy)
