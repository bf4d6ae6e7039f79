"""What the pages' tests stand on: a small world, and short ways to put events into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations import asking
from eventsvc.interfaces.services import services
from eventsvc.workflows.plan_event import Plan, plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders, poured

PASADENA, HARBOR = "pasadena-city-college", "los-angeles-harbor-college"


@dataclass(frozen=True)
class World:
    """Two campuses 70 minutes apart, two rooms on the first and one on the other, three experts of the Port."""

    app: Flask

    def plan(self, when: When | None = None, *, published: bool = True, **more: object) -> str:
        """Plan an event at Pasadena, published unless said otherwise; returns its id."""
        wish: dict[str, object] = {"kind": EventKind.INFO_SESSION, "title": "Careers at the port", "campus": PASADENA}
        the_plan = Plan(when=when or builders.at("2027-02-10T14:00", 90), **{**wish, **more})
        with self.app.app_context(), transaction():
            event = plan_event(the_plan, actor=ADMINISTRATOR, now=clock.now())
            if published:
                publish_event(str(event.public_id), actor=ADMINISTRATOR, now=clock.now())
            return str(event.public_id)

    def run(self, story: object, event_id: str, **more: object) -> None:
        """Run a workflow on an event as the administrator."""
        with self.app.app_context(), transaction():
            story(event_id, actor=ADMINISTRATOR, now=clock.now(), **more)

    def room_answer_path(self, event_id: str) -> str:
        """The path of the page on which the office of the event's only such room answers."""
        with self.app.test_request_context():
            (approval,) = rooms.of_event(get_event(event_id).id)
            url = services().links.room_answer(str(approval.public_id), approval.turn, approval.event.ends_at)
        return "/room-answer/" + url.rpartition("/")[2]

    def season_path(self, expert: str = "expert-one") -> str:
        """The path of an expert's season."""
        with self.app.app_context():
            email = directory.get(Expert, expert).email
            url = services().links.season(expert, email, clock.now() + timedelta(days=90))
        return "/season/" + url.rpartition("/")[2]

    def answer_path(self, event_id: str, expert: str = "expert-one") -> str:
        """The path of an expert's answer page."""
        with self.app.app_context():
            event = get_event(event_id)
            mine = next(one for one in asking.of_event(event.id) if one.expert.slug == expert)
            return (
                services()
                .links.answer(str(mine.public_id), mine.turn, event.ends_at)
                .removeprefix("https://events.example")
            )


def make(app: Flask) -> World:
    """Put the world into the database."""
    with app.app_context():
        poured.told("the small world", _two_campuses)
    return World(app)


def _two_campuses() -> None:
    with transaction():
        pasadena = builders.a_campus(PASADENA)
        pasadena.address, pasadena.city, pasadena.postal_code = "1570 East Colorado Boulevard", "Pasadena", "91106"
        pasadena.parking = "Ask at the kiosk in lot 5."
        harbor = builders.a_campus(HARBOR)
        builders.a_way(pasadena, harbor, 70)
        port = builders.an_organization("port-of-los-angeles")
        office = builders.an_office("port-outreach", of=port)
        topics = [builders.a_topic("zero-emission"), builders.a_topic("stewardship")]
        builders.a_room("creveling-lounge", on=pasadena, setup=30, takedown=15, capacity=60)
        builders.a_room("harbor-hall", on=pasadena, capacity=20)
        builders.a_room("seahawk-center", on=harbor, capacity=200)
        for name, most in (("one", None), ("two", None), ("three", 1)):
            builders.an_expert(f"expert-{name}", of=port, office=office, topics=topics[:1], max_per_day=most)
