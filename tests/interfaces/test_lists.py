"""The API's lists: the same number of queries whatever their length, and the same facts as one by one."""

from __future__ import annotations

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.models import EventKind
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW
from tests.counting import counted

LISTS = ("organizations", "offices", "campuses", "rooms", "experts", "topics", "events")
FOR_PLANNERS = {"offices"}


def one_more_of_everything(number: int) -> None:
    """A published event that shares nothing with any other."""
    campus = builders.a_campus()
    campus.organization.parent = builders.an_organization()
    topics = [builders.a_topic(), builders.a_topic()]
    expert = builders.an_expert(topics=topics)
    expert.home_campus = builders.a_campus()
    plan = builders.a_plan(
        campus,
        when=builders.at(f"2027-02-{1 + number // 2:02}T{9 + number % 2 * 6:02}:00"),
        rooms=[builders.a_room(on=campus)],
        experts=[expert, builders.an_expert(topics=topics[:1])],
        topics=(topics[0].slug,),
        co_hosts=(builders.an_organization().slug,),
    )
    event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
    publish_event(str(event.public_id), actor=ADMINISTRATOR, now=NOW)


@pytest.mark.parametrize("who", ["admin", "public"])
def test_a_list_costs_the_same_queries_with_1_and_with_30_rows(bare_app, still, request, who):
    asker = request.getfixturevalue(who)
    lists = [name for name in LISTS if who == "admin" or name not in FOR_PLANNERS]

    def queries(at_least: int) -> dict[str, int]:
        counts = {}
        for name in lists:
            with counted(bare_app) as run:
                answer = asker.get(f"/api/v1/{name}?limit=200")
            assert len(answer.json["items"]) >= at_least
            counts[name] = len(run)
        return counts

    with bare_app.app_context(), transaction():
        one_more_of_everything(0)
    with_one = queries(1)
    with bare_app.app_context(), transaction():
        for number in range(1, 30):
            one_more_of_everything(number)
    assert queries(30) == with_one


def test_a_list_of_events_says_of_each_what_the_event_alone_says(bare_app, still, admin, public):
    with bare_app.app_context(), transaction():
        for number in range(3):
            one_more_of_everything(number)
    for asker in (admin, public):
        listed = asker.get("/api/v1/events").json["items"]
        assert listed == [asker.get(f"/api/v1/events/{event['id']}").json for event in listed]
        assert [event["kind"] for event in listed] == [EventKind.INFO_SESSION] * 3
        assert [len(event.get("missing_yes", ())) for event in listed] == [3 if asker is admin else 0] * 3
