"""Lighthouse gives the main pages everything for accessibility. (Its speed is measured in docs/benchmarks.md.)

It takes a quarter of a minute for each, and axe has looked at every page already: the short form shows it one page of
each kind of visitor, `--matrix` all of these.
"""

from __future__ import annotations

import pytest

from tests.e2e import lighthouse
from tests.e2e.places import place

ONE_OF_EACH_VISITOR = ("list", "plan, empty", "answer, open")
OTHERS = (
    *("event, confirmed", "calendars", "how many came", "two questions"),
    *("an expert’s season", "a week to release"),
)
PAGES = (*ONE_OF_EACH_VISITOR, *(pytest.param(name, marks=pytest.mark.matrix) for name in OTHERS))


@pytest.fixture(scope="session")
def program() -> str:
    """Where Lighthouse is; without it the test is left out."""
    found = lighthouse.program()
    if found is None:
        pytest.skip(lighthouse.ABSENT)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_lighthouse_finds_nothing_to_complain_about(name, program, new_person, world, chromium_path, tmp_path):
    shown = place(name)
    person = new_person(role=shown.role)
    shown.way(person, world)
    report = lighthouse.audit(
        person.page.url, ["accessibility"], token=world.token, chromium=chromium_path, report=tmp_path / "report.json"
    )
    assert (lighthouse.score(report, "accessibility"), lighthouse.lost(report, "accessibility")) == (100, [])
