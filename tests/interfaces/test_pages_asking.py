"""How an organization's people are asked, on its page: every setting with its meaning, and errors beside the fields."""

from __future__ import annotations

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.invitations import settings
from eventsvc.workflows import keep_asking
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody
from tests.wishes import World, a_world

pytestmark = pytest.mark.usefixtures("still")
ASKING = "/organizations/port/asking"
TYPED = {
    "asks_automatically": ["yes"],
    "chase_after_working_days": "2, 4,5",
    "chase_before_days": "",
    "tell_after_working_days": "6",
    "pass_on_after_working_days": "9",
    "answer_by_working_days": "3",
    "changes_until_hours": "48",
    "works_from_minute": "07:30",
    "works_until_minute": "16:00",
}
KEPT = {
    "asks_automatically": True,
    "chase_after_working_days": [2, 4, 5],
    "chase_before_days": [],
    "tell_after_working_days": 6,
    "pass_on_after_working_days": 9,
    "answer_by_working_days": 3,
    "changes_until_hours": 48,
    "works_from_minute": 450,
    "works_until_minute": 960,
}
USUAL = {
    "asks_automatically": False,
    "chase_after_working_days": [3, 6],
    "chase_before_days": [14, 7, 3],
    "tell_after_working_days": 7,
    "pass_on_after_working_days": 8,
    "answer_by_working_days": 5,
    "changes_until_hours": 24,
    "works_from_minute": 480,
    "works_until_minute": 1020,
}


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        return a_world()


@pytest.fixture
def partner(port, bare_app) -> Browser:
    browser = somebody(bare_app, Role.PARTNER, "outreach")
    browser.get(ASKING)
    return browser


def stored(app: Flask) -> dict[str, object]:
    with app.app_context():
        own = settings.of_organization(lookup.get(Organization, "port").id)
        return {name: getattr(own, name) for name in keep_asking.FIELDS}


def test_every_setting_is_on_the_page_with_what_counts_without_it(partner, bare_app):
    fields = {field["name"] for field in partner.page.select("main form [name]")}
    assert fields >= set(keep_asking.FIELDS)
    assert stored(bare_app) == USUAL
    assert "Nothing was ever changed here" in partner.text
    for said in ("3, 6", "14, 7, 3", "08:00", "17:00", "24"):
        assert f"Without a word of yours: {said}." in partner.text
    assert partner.page.select_one("#f-chase_before_days")["value"] == "14, 7, 3"


def test_all_of_them_are_changed_and_go_back_to_what_is_usual(partner, bare_app):
    partner.submit("Save", values=TYPED)
    assert "Saved. It counts from the next letter on." in partner.text
    assert stored(bare_app) == KEPT
    assert partner.page.select_one("[name=asks_automatically]").has_attr("checked")
    assert partner.page.select_one("#f-works_from_minute")["value"] == "07:30"
    partner.submit("Back to what is usual")
    assert stored(bare_app) == USUAL


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"chase_after_working_days": "three"}, ["chase_after_working_days"]),
        ({"chase_after_working_days": "1,2,3,4,5,6,7"}, ["chase_after_working_days"]),
        (
            {"tell_after_working_days": "", "works_from_minute": "early"},
            ["tell_after_working_days", "works_from_minute"],
        ),
        ({"pass_on_after_working_days": "2"}, ["pass_on_after_working_days"]),
        ({"answer_by_working_days": "0"}, ["answer_by_working_days"]),
        ({"works_until_minute": "06:00"}, ["works_until_minute"]),
        ({"changes_until_hours": "9999"}, ["changes_until_hours"]),
    ],
)
def test_errors_stand_beside_their_fields_and_what_was_typed_stays(partner, bare_app, typed, fields):
    partner.submit("Save", values={**TYPED, **typed})
    assert (partner.status, stored(bare_app)) == (422, USUAL)
    assert [link["href"] for link in partner.page.select("#refusal a")] == [f"#f-{field}" for field in fields]
    for field, text in typed.items():
        assert partner.page.select_one(f"#f-{field}")["value"] == text
        assert words_of(partner.page.select_one(f"#e-{field}"))


def test_who_read_an_older_version_is_told(partner, bare_app):
    for version in ("", "9"):
        partner.get(ASKING)
        partner.submit("Save", values=TYPED | {"version": "0"})
        partner.get(ASKING)
        partner.submit("Save", values={**TYPED, "answer_by_working_days": "4", "version": version})
        assert partner.status == 412
    assert stored(bare_app) == KEPT


def test_only_those_who_keep_the_people_read_it(port, bare_app, visitor):
    visitor.get(ASKING)
    assert visitor.path == f"/sign-in?next={ASKING}"
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    college.get(ASKING)
    assert college.status == 403
