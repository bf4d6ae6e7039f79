"""Real `eventsvc scheduler` processes whose clock may be ahead, to be killed whenever a test likes.

They are forked from a process that has loaded everything, so that one begins to work at once. Each runs the command
itself, with nothing but its environment and its clock from us.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.servers import CHECKOUT

# Who is asked to stop has so long.
STOP_SECONDS = 60


class Nursery:
    """Where schedulers with these settings come from; what they say stands in the log."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = dict(environment), log
        command = [sys.executable, "-m", "tests.faults.loaded"]
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, now: datetime, count: int) -> list[Scheduler]:
        """So many new ones, whose clocks begin then and go on."""
        asked = {"environment": self._environment, "now": now.isoformat(), "log": str(self._log)}
        return [Scheduler(self, self.ask(asked)) for _ in range(count)]

    def ask(self, asked: dict[str, Any]) -> int:
        """Its answer to a line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def said(self) -> str:
        """What all of them have said."""
        return self._log.read_text()

    def end(self) -> None:
        """No more of them."""
        self._process.communicate()


@dataclass(frozen=True, slots=True)
class Scheduler:
    """One of them."""

    nursery: Nursery
    number: int

    def kill(self) -> None:
        """SIGKILL, as a machine that loses its power."""
        os.kill(self.number, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """SIGTERM, as systemd does."""
        os.kill(self.number, signal.SIGTERM)

    def exit_code(self) -> int:
        """Its exit code once it has ended; call it once."""
        return self.nursery.ask({"wait": self.number})


@contextmanager
def nursery(environment: Mapping[str, str], log: Path) -> Iterator[Nursery]:
    """A nursery for the length of the block."""
    made = Nursery(environment, log)
    try:
        yield made
    finally:
        made.end()


def kill(schedulers: Sequence[Scheduler]) -> list[int]:
    """Their exit codes."""
    for one in schedulers:
        one.kill()
    return [one.exit_code() for one in schedulers]


def stop(schedulers: Sequence[Scheduler]) -> list[int]:
    """Their exit codes; who does not stop in good order is killed, and its code says so."""
    for one in schedulers:
        one.ask_to_stop()
    last_resort = threading.Timer(STOP_SECONDS, _kill_who_is_left, [schedulers])
    last_resort.start()
    try:
        return [one.exit_code() for one in schedulers]
    finally:
        last_resort.cancel()


def _kill_who_is_left(schedulers: Sequence[Scheduler]) -> None:
    for one in schedulers:
        with suppress(ProcessLookupError):
            one.kill()
