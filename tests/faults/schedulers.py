"""Real `eventsvc scheduler` processes whose clock may be ahead, to be killed whenever a test likes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.commands import Commands, Started


class Schedulers:
    """Where schedulers with these settings come from; what they say stands in the log."""

    def __init__(self, commands: Commands, environment: Mapping[str, str], log: Path) -> None:
        self._commands, self._environment, self._log = commands, environment, str(log)
        self._running: list[Started] = []

    def start(self, now: datetime | None, count: int) -> list[Started]:
        """So many new ones, whose clocks begin then and go on; None where they are the machine's."""
        streams = {"written": self._log, "errors": self._log}
        told = {"environment": self._environment, "now": now, **streams}
        started = [self._commands.start("scheduler", **told) for _ in range(count)]
        self._running += started
        return started

    def said(self) -> str:
        """What all of them have said."""
        return Path(self._log).read_text()

    def end(self) -> None:
        """Kill those that still run."""
        kill(self._running)


@contextmanager
def open_schedulers(commands: Commands, environment: Mapping[str, str], log: Path) -> Iterator[Schedulers]:
    """For the length of the block; nobody outlives it."""
    made = Schedulers(commands, environment, log)
    try:
        yield made
    finally:
        made.end()


def kill(running: Sequence[Started]) -> list[int]:
    """Their exit codes."""
    for one in running:
        one.kill()
    return [one.wait() for one in running]


def stop(running: Sequence[Started]) -> list[int]:
    """Their exit codes; who does not stop in good order is killed at last, and its code says so."""
    for one in running:
        one.ask_to_stop()
    return [one.wait() for one in running]
