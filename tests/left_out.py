"""What this run left out, and why: the last words of every test run.

With EVENTSVC_REQUIRE=all (so runs `.ci/run`) anything left out fails the run; only trials on `../shared/data` may be
missing, and only where that folder is absent.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"
_REPORTER = "terminalreporter"
MOST_LINES_A_REASON = 5


def shared(path: str) -> Path:
    """A file of `../shared/data`; skips the test where it is not there."""
    wanted = SHARED / path
    if not wanted.exists():
        pytest.skip(f"../shared/data is not here: {path}")
    return wanted


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that must be whole and is not; also one that found no test at all (pytest's exit code 5)."""
    if os.environ.get("EVENTSVC_REQUIRE") != "all" or hasattr(session.config, "workerinput"):
        return
    if session.exitstatus == pytest.ExitCode.OK and any(not _is_excused(why) for _, why in _left_out(session.config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List each test that was left out and why."""
    left_out = sorted(set(_left_out(config)))
    must_be_whole = os.environ.get("EVENTSVC_REQUIRE") == "all"
    terminalreporter.section("left out")
    for what, why in _grouped(left_out):
        fails = must_be_whole and not _is_excused(why)
        terminalreporter.line(f"{what}: {why}{'  <- EVENTSVC_REQUIRE=all does not allow this' if fails else ''}")
    if not left_out:
        terminalreporter.line("nothing")


def _grouped(left_out: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same list; what many tests were left out for is said once, with their files."""
    reasons = Counter(why for _, why in left_out)
    for name, why in left_out:
        if reasons[why] <= MOST_LINES_A_REASON:
            yield name, why
    for why, number in reasons.items():
        if number > MOST_LINES_A_REASON:
            files = sorted({name.partition("::")[0] for name, other in left_out if other == why})
            yield f"{number} tests in {', '.join(files)}", why


def _left_out(config: pytest.Config) -> Iterator[tuple[str, str]]:
    reporter = config.pluginmanager.get_plugin(_REPORTER)
    stats = reporter.stats if reporter else {}
    for report in stats.get("skipped", []):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        yield report.nodeid, why.removeprefix("Skipped: ")
    for report in stats.get("xfailed", []):
        yield report.nodeid, f"expected to fail: {report.wasxfail}"
    if unselected := len(stats.get("deselected", [])):
        yield f"{unselected} tests", "not selected by -k or -m"


def _is_excused(why: str) -> bool:
    return "shared/data" in why and not SHARED.exists()
