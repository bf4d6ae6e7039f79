"""The page of a request: both offices read and act there, others find nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.requests import lookup
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW
from tests.databases import PUBLIC_URL
from tests.interfaces.browser import Browser
from tests.wishes import a_request, a_world

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def wish(still, bare_app: Flask) -> str:
    with bare_app.app_context(), transaction():
        world = a_world()
        return f"/requests/{a_request(world).public_id}"


def somebody(app: Flask, role: Role, office: str) -> Browser:
    with app.app_context(), transaction():
        email = f"{office}@example.edu"
        who = {"actor": ADMINISTRATOR, "now": NOW}
        account = keep_accounts.let_in(email, "Somebody", role=role, office=office, **who).account
        cookie = sessions.begin(account, device="", now=NOW)
    browser = Browser(app)
    browser.set_cookie(COOKIE, cookie)
    return browser


def state(app: Flask, wish: str) -> str:
    with app.app_context():
        return str(lookup.get_request(wish.rpartition("/")[2], ADMINISTRATOR).state)


def test_the_partner_reads_who_fits_and_makes_it_an_event(bare_app, wish):
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(wish)
    text = partner.text
    assert "A College asks Port" in text
    assert "Knows Ships" in text
    partner.submit("Make it an event", values={"expert": "expert-one"})
    assert "Planned. Both offices are told." in partner.text
    assert state(bare_app, wish) == "planned"


def test_another_date_is_offered_and_taken(bare_app, wish):
    partner, college = somebody(bare_app, Role.PARTNER, "outreach"), somebody(bare_app, Role.COORDINATOR, "careers")
    partner.get(wish)
    partner.submit("Offer this date", values={"other_local": "2027-03-02T14:00", "note": "In March?"})
    college.get(wish)
    assert "In March?" in college.text
    college.submit("Take this date")
    assert state(bare_app, wish) == "planned"


def test_a_decline_without_a_word_is_refused_beside_its_field(bare_app, wish):
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(wish)
    partner.submit("Decline", values={"reason": ""})
    assert partner.status == 422
    assert "the college should learn why" in partner.text
    assert state(bare_app, wish) == "open"


def test_strangers_sign_in_first_and_others_find_nothing(bare_app, wish):
    assert bare_app.test_client().get(wish, base_url=PUBLIC_URL).status_code == 303
    with bare_app.app_context(), transaction():
        builders.an_office("elsewhere")
    other = somebody(bare_app, Role.COORDINATOR, "elsewhere")
    other.get(wish)
    assert other.status == 404
