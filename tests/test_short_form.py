"""The short form leaves no page's test out: each runs on one engine, and half of them on each."""

from __future__ import annotations

from collections import Counter

from tests.databases import ENGINES
from tests.short_form import engine_of


def test_a_test_runs_on_the_same_one_of_the_two_engines_whichever_is_in_its_name():
    names = [f"tests/interfaces/test_pages_plan.py::test_{number}[{{}}-phone]" for number in range(200)]
    drawn = Counter()
    for name in names:
        (engine,) = {engine_of(name.format(one)) for one in ENGINES}
        drawn[engine] += 1
    assert set(drawn) == set(ENGINES)
    assert min(drawn.values()) > 70
