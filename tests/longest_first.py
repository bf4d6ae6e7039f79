"""The tests that take longest come first, so that a run with several workers does not end with all waiting for one.

pytest-xdist deals the tests out in their order, in pieces, and whoever has nothing left takes over from the end of
another's piece: what stands at the beginning of one is begun at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# A file, or the beginning of a test's name in it: what took twenty seconds and more.
LONGEST = (
    "faults/test_kills.py",
    "e2e/test_from_wish_to_register.py",
    "e2e/test_first_run.py",
    "e2e/test_every_page.py::test_a_page_has_no_accessibility_faults[the API]",
    "interfaces/test_list_queries.py",
    "interfaces/test_demo_events.py",
    "interfaces/test_demo_command.py::test_a_newcomer_starts_it",
    "stories/test_cascade_walks.py",
    "stories/test_take_out.py::test_memory_does_not_grow",
    "test_house.py::test_a_machine_finds_nothing_to_complain_about[mypy]",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put them first; the others stay in their order."""
    items.sort(key=lambda item: _place(f"{item.path.relative_to(TESTS).as_posix()}::{item.name}"))


def _place(name: str) -> int:
    return next((place for place, longest in enumerate(LONGEST) if name.startswith(longest)), len(LONGEST))
