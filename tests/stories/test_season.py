"""An expert's season by the link of a letter: all that is asked and agreed, and nothing that is not theirs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_leave
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces import pages
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.pages import HARBOR

pytestmark = pytest.mark.usefixtures("still")
ONE = "expert-one@port.example"


@pytest.fixture
def world(bare_app, still) -> pages.World:
    return pages.make(bare_app)


def link_of(world: pages.World, address: str = ONE) -> str:
    """The path of the season's link in the first letter to somebody."""
    with world.app.test_request_context():
        message = db.session.scalars(select(Message).where(Message.to_address == address)).first()
        _, text = letters.render_text(message, services().links)
    return re.search(r"(/season/\S+)", text)[1]


def headed(browser: Browser) -> dict[str, str]:
    return {words_of(one.h2): words_of(one) for one in browser.page.select("article section")}


@pytest.fixture
def visitor(bare_app) -> Browser:
    return Browser(bare_app)


def answer_of(world: pages.World, event_id: str, label: str) -> None:
    browser = Browser(world.app)
    browser.get(world.answer_path(event_id))
    browser.submit(label)


def test_everything_asked_stands_on_one_page_and_each_answer_is_one_press_away(world, visitor):
    first = world.plan(builders.at("2027-02-10T14:00", 90), title="Agreed", experts=("expert-one",))
    answer_of(world, first, "Yes, I come")
    world.plan(builders.at("2027-03-10T14:00"), title="Open", experts=("expert-one",))
    refused = world.plan(builders.at("2027-04-10T14:00"), title="Refused", experts=("expert-one",))
    answer_of(world, refused, "No, I cannot come")
    world.plan(builders.at("2027-03-11T14:00"), title="Somebody else’s", experts=("expert-two",))
    visitor.get(link_of(world))
    found = headed(visitor)
    assert visitor.status == 200
    assert "Open" in found["Waits for your answer"]
    assert "1 event, 1 hour 30 minutes" in found["You come"]
    assert "You said no." in found["You do not come"]
    assert "Somebody else’s" not in visitor.text
    visitor.get(visitor.page.select_one("#s-waiting ~ ul a")["href"].removeprefix("https://events.example"))
    assert visitor.path.startswith("/answer/")


def test_opening_it_says_nothing_however_often(world, visitor, bare_app):
    event_id = world.plan(experts=("expert-one",))
    path = link_of(world)

    def rows() -> list[object]:
        with bare_app.app_context():
            (mine,) = asking.of_event(get_event(event_id).id)
            return [mine.state, mine.turn, list(mine.answers), mine.event.version]

    before = rows()
    client = bare_app.test_client()
    for _ in range(2):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert client.get(path.replace("/season/", "/api/v1/seasons/")).status_code == 200
    assert client.post(path).status_code == 405
    assert rows() == before


def test_ways_and_leave_stand_there(world, visitor):
    with world.app.app_context(), transaction():
        expert = lookup.get(Expert, "expert-one")
        expert.home_campus_id = lookup.get(Campus, HARBOR).id
        keep_leave.add_leave("expert-one", "2027-04-01", "2027-04-03", actor=ADMINISTRATOR, now=clock.now())
    event_id = world.plan(experts=("expert-one",))
    answer_of(world, event_id, "Yes, I come")
    visitor.get(link_of(world))
    assert (
        "On the way from Los Angeles Harbor College (home) to Pasadena City College: 1 hour 10 minutes"
        in (headed(visitor)["On the way"])
    )
    assert "Thursday, April 1, 2027 to Saturday, April 3, 2027" in headed(visitor)["Away, now and later"]
    facts = world.app.test_client().get(link_of(world).replace("/season/", "/api/v1/seasons/")).json
    assert [(leg["kind"], leg["minutes"]) for leg in facts["ways"]] == [("from_home", 70), ("to_home", 70)]
    assert (facts["agreed_minutes"], len(facts["leave"])) == (90, 1)


def test_what_the_office_has_not_released_is_not_shown(world, visitor):
    event_id = world.plan(title="Not yet", experts=("expert-one",))
    path = link_of(world)
    with world.app.app_context(), transaction():
        (mine,) = asking.of_event(get_event(event_id).id)
        mine.state = InvitationState.AWAITS_RELEASE
    visitor.get(path)
    assert (visitor.status, "Not yet" in visitor.text) == (200, False)
    assert "Nothing waits for your answer." in visitor.text


def test_a_link_to_another_address_opens_nothing_and_neither_does_an_old_one(world, visitor, still):
    world.plan(experts=("expert-one",))
    path = link_of(world)
    still.shift(timedelta(days=200))
    visitor.get(path)
    assert visitor.status == 410
    still.shift(-timedelta(days=200))
    with world.app.app_context(), transaction():
        lookup.get(Expert, "expert-one").email = "new@port.example"
    visitor.get(path)
    assert visitor.status == 404


def test_it_costs_the_same_queries_with_1_and_with_30_askings(world, bare_app, visitor):
    counts, path = [], ""
    for number in range(30):
        when = builders.at(f"{NOW.date() + timedelta(days=20 + number)}T14:00")
        world.plan(when, title=f"Asked {number}", experts=("expert-one",))
        path = path or link_of(world)
        if number in (0, 29):
            visitor.get(path)
            with counted(bare_app) as run:
                visitor.get(path)
            counts.append(len(run))
    assert len(visitor.page.select("#s-waiting ~ ul > li")) == 30
    assert counts[0] == counts[1]
