"""A partner answers a request on its page: one press for whoever fits, several people, rooms, another date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.requests import lookup
from eventsvc.domain.requests.models import Request
from eventsvc.interfaces.web import request_page
from eventsvc.workflows import grant_rounds
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody
from tests.wishes import World, a_request, a_world, days

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        world = a_world()
        builders.a_room("hall", on=world.campus)
        return world


@pytest.fixture
def partner(port, bare_app) -> Browser:
    return somebody(bare_app, Role.PARTNER, "outreach")


def wish(app: Flask, world: World, **more: object) -> str:
    with app.app_context(), transaction():
        return f"/requests/{a_request(world, **more).public_id}"


def stored(path: str) -> Request:
    return lookup.get_request(path.rpartition("/")[2], ADMINISTRATOR)


def test_one_press_plans_it_with_whoever_fits(port, partner, bare_app):
    page = wish(bare_app, port)
    partner.get(page)
    assert [words_of(way) for way in partner.page.select("main ol form button")] == [
        "Plan it so (Expert One, Monday, February 1, 2027, 9:00 AM)",
        "Plan it so (Expert Two, Monday, February 1, 2027, 9:00 AM)",
    ]
    partner.submit("Plan it so (Expert Two, Monday, February 1, 2027, 9:00 AM)")
    assert "Planned. Both offices are told." in partner.text
    with bare_app.app_context():
        (event,) = stored(page).events
        assert ([one.slug for one in event.experts], f"{event.starts_local}") == (["expert-two"], "2027-02-01 09:00:00")


def test_several_people_from_afar_and_in_a_room(port, partner, bare_app):
    page = wish(bare_app, port)
    partner.get(page)
    more = {"experts": ["expert-two"], "online_experts": ["expert-two"], "rooms": ["hall"]}
    partner.submit("Make it an event", values={"expert": "expert-one", "starts_local": "2027-02-02T10:00", **more})
    assert "Planned. Both offices are told." in partner.text
    with bare_app.app_context():
        (event,) = stored(page).events
        assert [one.slug for one in event.experts] == ["expert-one", "expert-two"]
        assert [one.slug for one in event.online_experts] == ["expert-two"]
        assert [one.slug for one in event.rooms] == ["hall"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"starts_local": ""}, "starts_local", "Say on which day and at what time it starts."),
        ({"starts_local": "2027-03-01T10:00"}, "starts_local", "This lies in none of the wishes."),
        ({"expert": "nobody"}, "expert", "there is no expert"),
        ({"rooms": ["nowhere"]}, "rooms", "does not exist"),
    ],
)
def test_what_cannot_be_planned_is_said_beside_its_field(port, partner, bare_app, typed, field, words):
    partner.get(wish(bare_app, port))
    partner.submit("Make it an event", values=typed)
    assert partner.status == 422
    assert words in words_of(partner.page.select_one(f"#refusal a[href='#f-{field}']"))
    assert words in words_of(partner.page.select_one(f"#e-{field}"))


def test_who_is_taken_meanwhile_is_refused_with_what_stands_against_it(port, partner, bare_app):
    first, second = wish(bare_app, port), wish(bare_app, port)
    partner.get(first)
    partner.submit("Make it an event", values={"expert": "expert-one", "starts_local": "2027-02-02T10:00"})
    partner.get(second)
    partner.submit("Make it an event", values={"expert": "expert-one", "starts_local": "2027-02-02T10:30"})
    assert partner.status == 409
    assert "Nothing was reserved." in partner.text
    with bare_app.app_context():
        assert stored(second).state == "open"


def test_another_date_may_last_longer_and_an_hour_that_comes_twice_is_asked_for(port, partner, bare_app):
    page = wish(bare_app, port)
    partner.get(page)
    partner.submit("Offer this date", values={"other_local": "2027-11-07T01:30", "other_minutes": "long"})
    assert partner.status == 422
    assert "The length must be between" in words_of(partner.page.select_one("#e-other_minutes"))
    partner.submit("Offer this date", values={"other_minutes": "90", "other_side": ""})
    assert "That time comes twice" in words_of(partner.page.select_one("#e-other_local"))
    partner.submit("Offer this date", values={"other_side": "later"})
    assert "The other date is offered. Both offices are told." in partner.text
    with bare_app.app_context():
        (offer,) = lookup.offers_of([stored(page).id])[stored(page).id]
        assert (offer.starts_at.hour, offer.ends_at - offer.starts_at) == (9, timedelta(minutes=90))


def test_a_request_in_a_round_is_answered_in_words_or_by_the_round(port, partner, bare_app):
    with bare_app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": NOW}
        opened = grant_rounds.open_round("outreach", "Spring", NOW.date() + timedelta(days=3), **who)
        round_id = str(opened.public_id)
    partner.get(wish(bare_app, port, round=round_id, windows=(days(0, 4),)))
    acts = {button["value"] for button in partner.page.select("main button[name=act]")}
    assert acts.isdisjoint({"plan", "offer"})
    assert acts >= {"not_this_term", "decline"}
    assert partner.page.select_one(f"main .notice a[href='/offices/outreach/rounds/{round_id}']")


def test_every_answer_of_the_api_stands_on_the_page(bare_app):
    verbs = {
        rule.rule.rpartition("/")[2].replace("-", "_")
        for rule in bare_app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/requests/<request_id>/") and "POST" in rule.methods
    }
    # Remarks have a form of their own on the page; refusing an offer is shorter there, and taking it is a claim.
    known = {"refuse_offer": "refuse"}
    assert {known.get(verb, verb) for verb in verbs} - {"remarks"} == set(request_page._ACTS) - {"take"}
