"""Each page once with axe, on a phone's and on a desk's width; nothing leaves the origin, nothing overflows.

In the short form axe looks at a page on one width, drawn from its name (a very long one on a phone's, where entries
that are drawn alike are asked once how they look);
`--matrix` on both.
"""

from __future__ import annotations

from zlib import crc32

import pytest

from eventsvc import create_app
from tests import databases
from tests.e2e import axe
from tests.e2e.person import is_page
from tests.e2e.places import PLACES, Place

# What answers programs, calendars and supervisors, not people.
NO_PAGES = ("/api/", "/feeds/", "/static/", "/healthz", "/readyz", "/metrics", "/robots.txt")


def test_every_page_has_a_place(tmp_path):
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/routes.sqlite3", DEMO=True))
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {rule for rule in rules if not rule.startswith(NO_PAGES) and not rule.endswith((".ics", ".csv", ".eml"))}
    assert {place.rule for place in PLACES} == pages


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_has_no_accessibility_faults(place: Place, new_person, world, request):
    person = new_person(role=place.role)
    answers = []
    person.page.on("response", lambda answer: answers.append(answer) if is_page(answer.request) else None)
    place.way(person, world)
    assert answers[-1].status == place.status
    assert place.says in person.page.inner_text("body")
    page = person.page
    if "sandbox" in answers[-1].headers["content-security-policy"]:
        # No script runs there, and axe is one: it looks at the same bytes in an empty page.
        page = person.context.new_page()
        page.set_content(answers[-1].text())
    is_long = place.is_very_long and not request.config.option.matrix
    ask_axe = axe.violations_of_a_long_page if is_long else axe.violations
    for_axe = (1280, 320) if request.config.option.matrix else (_drawn(place),)
    found = {}
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        person.watch.look_at(page, person.language)
        if width in for_axe:
            found[width] = ask_axe(page)
    assert found == {width: [] for width in for_axe}


def _drawn(place: Place) -> int:
    return 320 if place.is_very_long or crc32(str(place).encode()) % 2 else 1280
