"""From an empty database to a college that is ready, in a browser, within a quarter of an hour."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.first_run import TARGET_SECONDS, table, walked


def test_a_new_college_is_ready_in_fifteen_minutes(browser: Browser, tmp_path: Path) -> None:
    steps = walked(browser, tmp_path)
    assert len(steps) == 9, "signing in, and eight steps"
    print(table(steps))  # noqa: T201  # shown with -s, and beside a failure
    assert sum(step.waited_seconds for step in steps) < 120
    assert sum(step.person_seconds() for step in steps) < TARGET_SECONDS
