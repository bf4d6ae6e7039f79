"""What the plain run leaves to `--matrix`: the second engine of doors' tests, and whatever is marked `matrix`.

Doors (pages, JSON, commands) and the stories through them show what workflows and lookups found, and those are held on
both engines by tests of their own. So in the short form such a test runs on one engine. Which one is drawn from its
name: half of them run on each, and the same ones every time. Where one is about the database itself (locks, races,
versions, what is kept of a first sending, what a column takes, an order that goes on on the next page) it runs on both
in either form, and so does the story of the main job.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from tests.databases import ENGINES

TESTS = Path(__file__).parent
DOORS, STORIES = "interfaces/", "stories/"
_STORIES_ON_BOTH = (
    *("main_job", "at_one_moment", "races", "audience_races", "cascade_races", "desk_races", "hand_over_races"),
    *("offer_races", "sent_again_races", "cascade_walks", "changes_told_once", "holds", "mail_readers", "overrides"),
    *("polls_of_workers", "private_calendars_fresh", "schedulers", "backup", "webhooks"),
)
# Those about the database itself: a file, or the beginning of a test's name in it.
BOTH_ENGINES = (
    *(f"stories/test_{name}.py" for name in _STORIES_ON_BOTH),
    *("interfaces/test_busy.py", "interfaces/test_conditions.py", "interfaces/test_bad_input.py"),
    *("interfaces/test_sent_again.py", "interfaces/test_files_sent_again.py"),
    # A rehearsal and a row that is refused alone are another kind of transaction on each engine.
    "interfaces/test_importing.py::test_a_dry_run",
    "interfaces/test_importing.py::test_a_row_is_in_whole",
    "interfaces/test_importing.py::test_others_write",
    "interfaces/test_importing.py::test_in_a_rehearsal",
    "interfaces/test_pages_listing.py::test_the_order_and_the_cursor",
    "interfaces/test_accounts_api.py::test_the_list_goes_on_by_its_cursor",
    # Each engine has a search of its own, with signs that mean something to it.
    "interfaces/test_search.py::test_no_question_breaks_a_door",
    "interfaces/test_search.py::test_pages_of_json_join",
    "interfaces/test_search.py::test_past_events_come_after",
    "interfaces/test_search.py::test_reindexing",
)
# Their tests share one demo, so they all run where it is; one that people start is always on SQLite.
SHARE_A_DEMO = ("interfaces/test_demo_events.py", "stories/test_demo.py")
IN_SHORT = (
    "This was the short form: {} more tests are left to --matrix. It also runs the tests of doors (pages, JSON, "
    "commands) and the stories through them on the other engine, walks every combination of role, theme, scripts, "
    "language and width in the browser, shows Lighthouse all main pages and axe the API's page at a desk's width, "
    "starts a demo on one more difficult day, runs every race twenty times and fuzzes for long, on PostgreSQL too."
)
LEFT = pytest.StashKey[int]()
# A test of the long form may take so long; in the short form that is what pyproject.toml says.
LONG_SECONDS = 7200


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let the tests of the long form take their time, unless somebody has said how much."""
    if config.option.matrix and config.option.timeout is None:
        config.option.timeout = LONG_SECONDS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the short form does; whoever names a test by its parameters gets that one."""
    if config.option.matrix or any("[" in argument for argument in config.args):
        return
    every = {item.nodeid for item in items}
    kept = [item for item in items if not item.get_closest_marker("matrix") and not _has_twin(item, every)]
    config.stash[LEFT] = len(items) - len(kept)
    if hasattr(config, "workeroutput"):
        config.workeroutput["left to the matrix"] = config.stash[LEFT]
    items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: pytest.Item) -> None:
    """Workers of pytest-xdist look for tests, each for all of them; whoever started them says what was left."""
    told = getattr(node, "workeroutput", {})
    if "left to the matrix" in told:
        node.config.stash[LEFT] = told["left to the matrix"]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say that there is a longer form, and by how many tests."""
    if not config.option.matrix:
        terminalreporter.line(IN_SHORT.format(config.stash.get(LEFT, 0)))


def _has_twin(item: pytest.Item, every: set[str]) -> bool:
    """Whether this test is left out because the same one runs on the engine that was drawn."""
    told = item.callspec.params if hasattr(item, "callspec") else {}
    engines = [one for one in told.values() if one in ENGINES]
    name = f"{item.path.relative_to(TESTS).as_posix()}::{item.name}"
    if len(engines) != 1 or not runs_on_one(name):
        return False
    drawn = engine_of(SHARE_A_DEMO[0] if name.startswith(SHARE_A_DEMO) else name)
    return engines != [drawn] and item.nodeid.replace(engines[0], drawn) in every


def runs_on_one(name: str) -> bool:
    """Whether the short form runs the test of that name (`folder/file.py::test…`) on one engine only."""
    return name.startswith((DOORS, STORIES)) and not name.startswith(BOTH_ENGINES)


def engine_of(name: str) -> str:
    """The engine on which a test runs in the short form, the same for its name with either engine in it."""
    for engine in ENGINES:
        name = name.replace(engine, "")
    return ENGINES[crc32(name.encode()) % 2]
