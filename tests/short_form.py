"""What the plain run does in a short form, and `--matrix` whole: a page's test runs on one of the two engines.

A page shows what workflows and lookups found, and those are held on both engines by tests of their own. Which engine a
test meets is drawn from its name, so half of the pages are shown from each, and the same ones every time.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from tests.databases import ENGINES

INTERFACES = Path(__file__).parent / "interfaces"
PAGES = ("test_pages_", "test_untranslated", "test_demo_", "test_outbox_page", "test_problem_pages", "test_languages")
PAGES += ("test_privacy_notice", "test_design", "test_protection")
# Their tests share one demo, so they all run where it is.
SHARE_A_DEMO = "test_demo_events"
IN_SHORT = (
    "This was the short form. --matrix also shows each page from the other engine, walks every combination of role, "
    "theme, scripts, language and width in the browser, runs every race twenty times and fuzzes for long."
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep of each page's test the one on its engine; whoever names a test by its engine gets that one."""
    if not config.option.matrix and not any("[" in argument for argument in config.args):
        items[:] = [item for item in items if _is_kept(item)]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say that there is a longer form."""
    if not config.option.matrix:
        terminalreporter.line(IN_SHORT)


def _is_kept(item: pytest.Item) -> bool:
    if item.path.parent != INTERFACES or not item.path.name.startswith(PAGES):
        return True
    told = item.callspec.params if hasattr(item, "callspec") else {}
    engines = [engine for name, engine in told.items() if name in ("database_url", "demo") and engine in ENGINES]
    by_name = item.path.name if item.path.name.startswith(SHARE_A_DEMO) else item.nodeid
    return engines in ([], [engine_of(by_name)])


def engine_of(name: str) -> str:
    """The engine on which a test runs in the short form, the same for its name with either engine in it."""
    for engine in ENGINES:
        name = name.replace(engine, "")
    return ENGINES[crc32(name.encode()) % 2]
