"""Roles, light and dark, scripts on and off, languages and widths in pairs: every two of them meet on the main pages.

`--matrix` walks every combination over every page instead; that takes about half an hour.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import product

import pytest
from allpairspy import AllPairs

from tests.e2e import axe
from tests.e2e.places import PLACES, Place, place
from tests.e2e.wording import LANGUAGES

ROLES, THEMES, SCRIPTS = ("student", "planner", "expert"), ("light", "dark"), ("scripts", "no scripts")
WIDTHS = (320, 768, 1280)
AXES = [list(axis) for axis in (ROLES, THEMES, SCRIPTS, LANGUAGES, WIDTHS)]
MAIN = {
    "student": ("list", "month", "event, confirmed", "calendars", "search, found"),
    "planner": ("plan, refused", "event, requested, planner", "move"),
    "expert": ("answer, open", "letter"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """How somebody looks at the pages."""

    role: str
    theme: str
    scripts: str
    language: str
    width: int

    def __str__(self) -> str:
        return ", ".join(str(part) for part in astuple(self))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The short form in the plain run; the whole matrix when it is asked for."""
    if "setting" in metafunc.fixturenames:
        pairs = {Setting(*one) for one in AllPairs(AXES)}
        every = [Setting(*one) for one in product(*AXES)]
        chosen = [pytest.param(one, marks=() if one in pairs else pytest.mark.matrix) for one in every]
        metafunc.parametrize("setting", chosen, ids=str)


def test_the_pairs_cover_every_two_values():
    met = [tuple(one) for one in AllPairs(AXES)]
    for first in range(len(AXES)):
        for second in range(first + 1, len(AXES)):
            wanted = set(product(AXES[first], AXES[second]))
            assert {(one[first], one[second]) for one in met} == wanted


def test_the_pages_of_a_role_are_well(setting: Setting, new_person, world, request):
    person = new_person(
        setting.language,
        role=setting.role,
        width=setting.width,
        dark=setting.theme == "dark",
        javascript=setting.scripts == "scripts",
    )
    faults = {}
    for shown in _places(setting.role, whole=request.config.option.matrix):
        shown.way(person, world)
        # Without scripts axe cannot run either; then it is the looks of `Watch` that count.
        if setting.scripts == "scripts" and (found := axe.violations(person.page)):
            faults[shown.name] = found
    assert faults == {}


def _places(role: str, *, whole: bool) -> list[Place]:
    if not whole:
        return [place(name) for name in MAIN[role]]
    if role == "expert":
        return [one for one in PLACES if one.rule in ("/answer/<token>", "/outbox/<message_id>")]
    return [one for one in PLACES if one.role == role and not one.has_own_language]


@pytest.mark.parametrize("shown", [one for one in PLACES if not one.has_own_language], ids=str)
def test_a_page_fits_a_phone_in_the_longer_language(shown: Place, new_person, world):
    shown.way(new_person(LANGUAGES[-1], role=shown.role, width=320, dark=True), world)
