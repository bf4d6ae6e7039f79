"""Dates that a partner offers, on their page: published several at once, taken back, and who has claimed which."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.requests.offered import OfferedDate, OfferState
from eventsvc.workflows import offer_dates
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody
from tests.wishes import World, a_world

pytestmark = pytest.mark.usefixtures("still")
DATES = "/offices/outreach/dates"
TOUR = {"title": "A tour of the port", "expert": "expert-one", "topics": ["ships"]}


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        return a_world()


@pytest.fixture
def partner(port, bare_app) -> Browser:
    browser = somebody(bare_app, Role.PARTNER, "outreach")
    browser.get(DATES)
    return browser


def publish(browser: Browser, **more: str | list[str]) -> None:
    browser.submit("Offer these dates", values={**TOUR, **more})


def rows(browser: Browser) -> list[str]:
    return [words_of(row) for row in browser.page.select(".sessions > li")]


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(OfferedDate))


def test_an_empty_page_says_so_and_how_to_begin(partner):
    assert "No date of yours can be claimed now." in partner.text
    assert "Say below when somebody of yours could come." in partner.text


def test_several_dates_are_published_at_once(partner):
    publish(
        partner, starts_1="2027-03-02T14:00", starts_3="2027-03-04T10:00", closes_on="2027-02-20", note="Bring boots."
    )
    assert "2 dates are offered to every college." in partner.text
    first, second = rows(partner)
    assert "Tuesday, March 2, 2027, 2:00 PM – 3:00 PM" in first
    assert "A tour of the port · Information session · On campus · Expert One" in first
    assert "Can be claimed until Saturday, February 20, 2027 Bring boots. Take back" in first
    assert "Thursday, March 4, 2027, 10:00 AM – 11:00 AM" in second


def test_all_of_them_or_none_and_what_was_typed_stays(partner, bare_app):
    publish(partner, starts_1="2027-03-02T14:00", starts_2="2020-03-02T14:00", note="Bring boots.")
    assert (partner.status, stored(bare_app)) == (422, 0)
    assert words_of(partner.page.select_one("#e-starts_2")) == "The day and start lie in the past."
    assert partner.page.select_one("#f-starts_1")["value"] == "2027-03-02T14:00"
    assert partner.page.select_one("#f-note").get_text().strip() == "Bring boots."


def test_the_same_date_is_not_offered_twice_and_may_be_for_somebody_else(partner, bare_app):
    publish(partner, starts_1="2027-03-02T14:00")
    publish(partner, starts_1="2027-03-09T14:00", starts_2="2027-03-02T14:00")
    said = words_of(partner.page.select_one("#e-starts_2"))
    assert said == "You offer this date already, by that title and for the same person."
    assert stored(bare_app) == 1
    publish(partner, starts_1="2027-03-02T14:00", starts_2="", expert="")
    assert stored(bare_app) == 2


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": " ", "starts_1": "2027-03-02T14:00"}, "title", "The title is missing."),
        ({}, "starts_1", "Say on which day and at what time it starts."),
        ({"starts_1": "soon"}, "starts_1", "Say on which day and at what time it starts."),
        ({"starts_1": "2027-03-14T02:30"}, "starts_1", "That time does not exist"),
        ({"starts_1": "2027-03-02T14:00", "duration_minutes": "long"}, "duration_minutes", "must be a whole number"),
        ({"starts_1": "2027-03-02T14:00", "closes_on": "2026-01-01"}, "closes_on", "is in the past"),
        ({"starts_1": "2027-03-02T14:00", "expert": "nobody"}, "expert", "there is no expert"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(partner, bare_app, typed, field, words):
    publish(partner, **typed)
    assert (partner.status, stored(bare_app)) == (422, 0)
    assert words in words_of(partner.page.select_one(f"#refusal a[href='#f-{field}']"))


def test_an_hour_that_comes_twice_is_asked_for_and_then_taken(partner, bare_app):
    publish(partner, starts_1="2027-11-07T01:30")
    assert partner.status == 422
    assert "That time comes twice" in words_of(partner.page.select_one("#e-starts_1"))
    partner.submit("Offer these dates", values={"starts_side": "later"})
    assert "1 date is offered to every college." in partner.text
    with bare_app.app_context():
        assert db.session.scalars(select(OfferedDate.starts_at)).one().hour == 9


def test_a_date_is_taken_back_once(partner, bare_app):
    publish(partner, starts_1="2027-03-02T14:00")
    form = partner.page.select_one(".sessions form")
    sent = {field["name"]: field["value"] for field in form.select("input")} | {"act": "take_back"}
    partner.submit("Take back (A tour of the port, Tuesday, March 2, 2027, 2:00 PM – 3:00 PM (Pacific Standard Time))")
    assert "The date is offered no more." in partner.text
    assert "No date of yours can be claimed now." in partner.text
    partner.post(DATES, sent)
    assert partner.status == 412
    assert "It has changed since you read it." in partner.text
    partner.get(f"{DATES}?show=all")
    assert "Taken back" in rows(partner)[0]


def test_who_has_claimed_a_date_is_named_with_the_way_to_the_request(port, partner, bare_app):
    publish(partner, starts_1="2027-03-02T14:00")
    with bare_app.app_context(), transaction():
        offer = db.session.scalars(select(OfferedDate)).one()
        claim = offer_dates.Claim(campus="harbor", asker="careers")
        made = offer_dates.claim_date(str(offer.public_id), claim, actor=port.of_college, now=NOW)
        wish = str(made.request.public_id)
    assert rows_of(partner, "?show=all") == [f"/requests/{wish}"]
    assert "Claimed by A College" in rows(partner)[0]


def rows_of(browser: Browser, query: str) -> list[str]:
    browser.get(DATES + query)
    return [link["href"] for link in browser.page.select(".sessions a")]


def test_colleges_do_not_publish_for_a_partner(port, bare_app, visitor):
    visitor.get(DATES)
    assert visitor.path == f"/sign-in?next={DATES}"
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    college.get(DATES)
    assert college.status == 403


def test_a_page_costs_the_same_queries_with_1_and_with_100_dates(partner, bare_app):
    def more(first: int, last: int) -> int:
        with bare_app.app_context(), transaction():
            offer = db.session.scalars(select(OfferedDate).order_by(OfferedDate.id)).first()
            for _ in range(first, last):
                values = {name: getattr(offer, name) for name in ("office", "kind", "title", "format", "starts_at")}
                values |= {name: getattr(offer, name) for name in ("ends_at", "zone", "published_at", "expert")}
                db.session.add(OfferedDate(**values, state=OfferState.OPEN, topics=list(offer.topics)))
        with counted(bare_app) as statements:
            partner.get(DATES)
        return len(statements)

    publish(partner, starts_1="2027-03-02T14:00")
    assert more(0, 0) == more(1, 100)
    assert len(rows(partner)) == 25
