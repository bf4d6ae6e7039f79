"""No page asks the database more often because there is more to show."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.fetch import Fetcher
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_webhooks
from eventsvc.workflows.outside_calendars import attach_by_address
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.counting import counted
from tests.interfaces import pages

PAGES = (
    "/",
    f"/?campus={pages.PASADENA}&kind=info_session",
    "/?q=careers",
    "/week/2027-02-02",
    "/month/2027-02",
    "/events/{event}",
    "/calendars",
    "/search",
    "/search?q=careers",
)
FOR_PLANNERS = (
    f"/plan?campus={pages.PASADENA}",
    "/events/{event}/move",
    "/events/{event}/edit",
    "/requests",
    "/outside-calendars",
    "/outbox",
    "/pairings",
    "/reminders?state=planned",
    "/webhooks",
    "/webhooks/{webhook}",
)


def more_events(first: int, last: int) -> None:
    """Each in a room of its own at Pasadena, with an expert, a topic and a co-host of its own; and webhooks of all."""
    for _ in range((last - first) // 6):
        a_webhook()
    campus = directory.get(Campus, pages.PASADENA)
    for number in range(first, last):
        topic = builders.a_topic()
        keep = {"fetcher": Fetcher(), "actor": ADMINISTRATOR, "now": clock.now()}
        attach_by_address("rooms", builders.a_room(on=campus).slug, "https://feeds.example/a.ics", **keep)
        attach_by_address("experts", builders.an_expert().slug, "https://feeds.example/b.ics", **keep)
        plan = builders.a_plan(
            campus,
            when=builders.at(f"2027-02-{1 + number // 2:02}T{9 + number % 2 * 6:02}:00"),
            rooms=[builders.a_room(on=campus)],
            experts=[builders.an_expert(topics=[topic])],
            topics=(topic.slug,),
            co_hosts=(builders.an_organization().slug,),
        )
        event = plan_event(plan, actor=ADMINISTRATOR, now=clock.now())
        publish_event(str(event.public_id), actor=ADMINISTRATOR, now=clock.now())


def a_webhook() -> str:
    """One that is told of everything; its id."""
    address = keep_webhooks.Checked("https://8.8.8.8/")
    told = {"links": services().links, "actor": ADMINISTRATOR, "now": clock.now()}
    return str(keep_webhooks.make(None, address, ["event.created"], **told).public_id)


@pytest.mark.parametrize("who", ["visitor", "planner"])
def test_a_page_costs_the_same_queries_with_few_events_and_with_many(bare_app, world, request, who):
    browser = request.getfixturevalue(who)
    event = world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",), experts=("expert-one",))

    with bare_app.app_context(), transaction():
        webhook = a_webhook()

    def queries() -> dict[str, int]:
        counts = {}
        for page in (*PAGES, *(FOR_PLANNERS if who == "planner" else ())):
            address = page.format(event=quote(event), webhook=webhook)
            browser.get(address)  # a form sends on to an address that numbers it
            with counted(bare_app) as run:
                browser.get(browser.path)
            assert browser.status == 200, address
            counts[page] = len(run)
        return counts

    with bare_app.app_context(), transaction():
        more_events(0, 2)
    with_few = queries()
    with bare_app.app_context(), transaction():
        more_events(2, 30)
    assert queries() == with_few
    # An event's page, for who plans: it shows line-ups and whom to put there, how many mails wait for a decision, and
    # asks whether it was changed late.
    # Every page of theirs asks whether delivery is paused.
    assert max(with_few.values()) <= 26
