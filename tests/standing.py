"""One real server for all races of a file on an engine: it starts once, and its database is emptied after each test.

A server of two processes takes five seconds of a core to start, most races less than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests import databases, servers
from tests.servers import Server


@dataclass(frozen=True, slots=True)
class Standing:
    """A server, and the database behind it."""

    made: Any
    url: str
    server: Server

    @contextmanager
    def watched(self) -> Iterator[Server]:
        """The server, for one test in which it shows no bug."""
        before = len(self.server.log())
        yield self.server
        assert "Traceback" not in self.server.log()[before:]


@pytest.fixture(scope="module", params=databases.ENGINES)
def standing(request: pytest.FixtureRequest) -> Iterator[Standing]:
    """Started for the first test of a file that needs it, with as many threads as the file says in `THREADS`."""
    made: Any = request.getfixturevalue(f"{request.param}_databases")
    url = made.fresh()
    with servers.serving(databases.environment(url), threads=getattr(request.module, "THREADS", 8)) as running:
        yield Standing(made, url, running)
    made.drop(url)


@pytest.fixture
def emptied(standing: Standing) -> Iterator[str]:
    """The address of its database, as the migrations leave one; what a test wrote is gone after it."""
    yield standing.url
    standing.made.empty(standing.url)
