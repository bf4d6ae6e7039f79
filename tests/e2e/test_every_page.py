"""Each page once with axe, on a phone's and on a desk's width; nothing leaves the origin, nothing overflows."""

from __future__ import annotations

import pytest

from eventsvc import create_app
from tests import databases
from tests.e2e import axe
from tests.e2e.places import PLACES, Place

# What answers programs, calendars and supervisors, not people.
NO_PAGES = ("/api/", "/feeds/", "/static/", "/healthz", "/readyz", "/robots.txt")
# A calendar; and the document in a letter's frame, in which no script may run, not even a test's.
NO_ENDINGS = (".ics", "/html")


def test_every_page_has_a_place(tmp_path):
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/routes.sqlite3", DEMO=True))
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {rule for rule in rules if not rule.startswith(NO_PAGES) and not rule.endswith(NO_ENDINGS)}
    assert {place.rule for place in PLACES} == pages


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_has_no_accessibility_faults(place: Place, new_person, world):
    person = new_person(role=place.role)
    statuses = []
    person.page.on(
        "response", lambda answer: statuses.append(answer.status) if answer.request.is_navigation_request() else None
    )
    place.way(person, world)
    assert statuses[-1] == place.status
    found = {}
    for width in (1280, 320):
        person.page.set_viewport_size({"width": width, "height": 900})
        person.look()
        found[width] = axe.violations(person.page)
    assert found == {1280: [], 320: []}
