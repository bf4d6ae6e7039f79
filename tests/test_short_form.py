"""The short form leaves no door's test out, runs each on one engine, and counts what it leaves; its lists are true."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from tests.databases import ENGINES
from tests.kept import kept
from tests.longest_first import LONGEST
from tests.short_form import BOTH_ENGINES, IN_SHORT, SHARE_A_DEMO, TESTS, engine_of, runs_on_one

# Of each kind: a page's, JSON's, one about the database itself, a walk, and a story.
SOME = (
    *("interfaces/test_pages_person.py", "interfaces/test_levels.py", "interfaces/test_files_sent_again.py"),
    *("stories/test_mail_scanner.py", "stories/test_at_one_moment.py"),
)


def test_a_test_runs_on_the_same_one_of_the_two_engines_whichever_is_in_its_name():
    names = [f"tests/interfaces/test_pages_plan.py::test_{number}[{{}}-phone]" for number in range(200)]
    drawn = Counter()
    for name in names:
        (engine,) = {engine_of(name.format(one)) for one in ENGINES}
        drawn[engine] += 1
    assert set(drawn) == set(ENGINES)
    assert min(drawn.values()) > 70


@pytest.mark.parametrize("name", [*BOTH_ENGINES, *SHARE_A_DEMO, *LONGEST])
def test_what_it_names_is_there(name):
    path, _, test = name.partition("::")
    assert f"def {test.partition('[')[0] or 'test_'}" in (TESTS / path).read_text()


def collected(*options: str) -> tuple[Counter[str], str]:
    """The tests of SOME that a run would have, without their engines; and its last words."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider"]
    ran = subprocess.run([*command, *options, *SOME], cwd=TESTS, capture_output=True, text=True, check=True)
    names = re.findall(r"^(\S+\.py::.*)$", ran.stdout, re.MULTILINE)
    return Counter(re.sub("|".join(ENGINES), "", name.removeprefix("tests/")) for name in names), ran.stdout


def test_each_test_runs_at_least_once_and_the_last_line_counts_what_is_left():
    whole, last_words = collected("--matrix")
    assert IN_SHORT[:20] not in last_words
    short, last_words = collected()
    assert set(short) == set(whole)
    left = whole - short
    assert {name for name in left if not runs_on_one(name)} == set()
    assert {name for name, times in short.items() if runs_on_one(name) and times > 1} == set()
    assert {name.partition("::")[0] for name in left} == {SOME[0], SOME[1], SOME[3]}
    assert IN_SHORT.format(left.total()) in last_words


def test_a_run_inside_a_run_leaves_what_the_outer_one_shares():
    kept("shared-by-all", lambda path: path.write_text(""))
    collected("--no-summary")
    assert kept("shared-by-all", lambda path: pytest.fail(f"{path} was made again")).exists()
