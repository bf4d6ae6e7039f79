"""After any story: what feeds say is the same for every worker and encoding, and every change that shows is told.

Two workers are two apps on one database, each with copies of its own. Between acts ten seconds go by: what changes more
often than once in a second is told apart by the tag alone.
"""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.feeds import entries, stored
from eventsvc.domain.feeds.public import find
from eventsvc.ical import writer
from eventsvc.interfaces.services import services
from eventsvc.workflows import call_off_event, confirm_event, edit_event, move_event, plan_event, publish_event
from eventsvc.workflows.keep_places import RoomRow, save_room
from eventsvc.workflows.move_event import Destination
from tests import builders, databases
from tests.conftest import NOW

WHO = {"actor": ADMINISTRATOR}
ACTS = ("plan", "publish", "title", "topic", "hide", "show", "move", "confirm", "cancel", "postpone", "restore", "room")
ENCODINGS: tuple[dict[str, str], ...] = ({}, {"Accept-Encoding": "gzip"})


class Polled(NamedTuple):
    """What a poll was answered: the calendar unzipped, its tag and its time."""

    body: bytes
    etag: str
    modified: Any


class World:
    """Two workers, and acts that are told by a word and a number."""

    def __init__(self, url: str) -> None:
        self.workers = [create_app(databases.settings(url)) for _ in range(2)]
        self.clients = [worker.test_client() for worker in self.workers]
        self.now = NOW
        with self.workers[0].app_context(), transaction():
            campus = builders.a_campus("harbor-campus", of=builders.an_organization("harbor-college"))
            builders.a_room("hall-a", on=campus)
            builders.a_topic("cranes")
        self.addresses = [
            "all",
            "campus/harbor-campus",
            "kind/info_session",
            "topic/cranes",
            "organization/harbor-college",
        ]

    def tell(self, act: str, number: int) -> None:
        """Let one story happen, or be refused."""
        with self.workers[number % 2].app_context(), suppress(Refusal), transaction():
            self._act(act, number)

    def _act(self, act: str, number: int) -> None:
        by = {**WHO, "now": clock.now()}
        if act == "plan":
            when = builders.at(f"2027-0{2 + number % 6}-1{number % 9}T{8 + number % 9:02}:00")
            room = [] if number % 3 else ["hall-a"]
            plan = builders.a_plan(None, title=f"Event {number}; ñ", when=when)
            event = plan_event.plan_event(_with(plan, campus="harbor-campus", rooms=tuple(room)), **by)
            if number % 4:
                publish_event.publish_event(event.public_id, **by)
            return
        if act == "room":
            save_room(RoomRow(slug="hall-a", campus="harbor-campus", name=f"Hall {number}"), **by)
            return
        ids = db.session.scalars(select(Event.public_id).order_by(Event.id)).all()
        if not ids:
            return
        event_id = ids[number % len(ids)]
        edits = {
            "title": {"title": f"Title {number}"},
            "topic": {"topics": ["cranes"] if number % 2 else []},
            "hide": {"visibility": Visibility.PRIVATE},
            "show": {"visibility": Visibility.PUBLIC},
        }
        if act in edits:
            edit_event.edit_event(event_id, edits[act], **by)
        elif act == "publish":
            publish_event.publish_event(event_id, **by)
        elif act == "move":
            time = {"starts_local": builders.at(f"2027-0{2 + number % 7}-2{number % 8}T10:00").starts_local}
            move_event.move_event(event_id, Destination(time=time), **by)
        elif act == "confirm":
            confirm_event.confirm_as_host(event_id, **by)
        elif act == "cancel":
            call_off_event.cancel_event(event_id, **by)
        elif act == "postpone":
            call_off_event.postpone_event(event_id, **by)
        elif act == "restore":
            call_off_event.restore_event(event_id, **by)

    def polled(self, address: str) -> Polled:
        """The answer of both workers in both encodings, which is one; each knows the other's tag."""
        path, said = f"/feeds/{address}.ics", []
        for client in self.clients:
            for encoding in ENCODINGS:
                answer = client.get(path, headers=encoding)
                assert answer.status_code == 200
                body = gzip.decompress(answer.data) if encoding else answer.data
                said.append(Polled(body, answer.headers["ETag"].replace('-gzip"', '"'), answer.last_modified))
                for other in self.clients:
                    for another in ENCODINGS:
                        again = other.get(path, headers={**another, "If-None-Match": answer.headers["ETag"]})
                        assert (again.status_code, again.data) == (304, b"")
        assert len(set(said)) == 1
        return said[0]

    def rendered(self, address: str) -> bytes:
        """The calendar as it would be if nothing were kept anywhere."""
        with self.workers[0].app_context():
            links = services().links
            feed = entries.all_events() if address == "all" else find(*address.split("/"))
            places = stored.places(feed.wanted, clock.now().date(), links)
            events = {one.id: one for one in db.session.scalars(select(Event))}
            shown = [entries.entry_of(events[place.event_id], links) for place in places]
            return writer.write(entries.head_of(feed, links), shown)

    def end(self) -> None:
        for worker in self.workers:
            with worker.app_context():
                db.session.remove()
                db.engine.dispose()


def _with(plan: plan_event.Plan, **more: Any) -> plan_event.Plan:
    return plan_event.Plan(**{name: getattr(plan, name) for name in plan.__slots__} | more)


@pytest.fixture
def world(database_url):
    made = World(database_url)
    yield made
    made.end()


def test_polls_agree_after_any_story_and_a_change_that_shows_is_told(world, request):
    seen = Counter()

    @settings(
        max_examples=40 if request.config.option.matrix else 5, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), min_size=3, max_size=8))
    @example([("plan", 1), ("topic", 1), ("title", 2)])  # changes every feed, whatever the others happen to be
    def any_story(story):
        before: dict[str, Polled] = {}
        for act, number in story:
            world.now += timedelta(seconds=10)
            with time_machine.travel(world.now, tick=False):
                world.tell(act, number)
            with time_machine.travel(world.now + timedelta(seconds=5), tick=False):
                for address in world.addresses:
                    now, old = world.polled(address), before.get(address)
                    assert now.body == world.rendered(address)
                    assert world.polled(address) == now
                    if old is not None:
                        assert (now.body != old.body) == (now.etag != old.etag)
                        assert now.body == old.body or now.modified > old.modified
                        seen[address] += now.body != old.body
                    before[address] = now

    with time_machine.travel(NOW, tick=False):
        any_story()
    assert all(seen[address] for address in world.addresses), "the stories change every feed"
