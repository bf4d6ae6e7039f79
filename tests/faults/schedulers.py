"""Real `eventsvc scheduler` processes whose clock may be ahead, to be killed whenever a test likes.

They are forked from a server that has loaded everything, so that one begins to work within half a second. Each runs the
command itself, with nothing but its environment and its clock from us.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.servers import CHECKOUT

_METHOD = multiprocessing.get_context("forkserver")
_METHOD.set_forkserver_preload(["tests.faults.loaded"])


def start(environment: Mapping[str, str], now: datetime, log: Path) -> BaseProcess:
    """A scheduler with these settings and this clock, which goes on from there; what it says stands in the log."""
    process = _METHOD.Process(target=_run, args=(dict(environment), now, str(log)))
    process.start()
    return process


def kill(processes: list[BaseProcess]) -> None:
    """SIGKILL for those that are alive, as a machine that loses its power."""
    for process in processes:
        process.kill()
        process.join()


@contextmanager
def running(environment: Mapping[str, str], now: datetime, log: Path, *, count: int) -> Iterator[list[BaseProcess]]:
    """So many of them at once; those that are left at the end are asked to stop, and must do so in good order."""
    processes = [start(environment, now, log) for _ in range(count)]
    try:
        yield processes
        left = [process for process in processes if process.is_alive()]
        for process in left:
            os.kill(process.pid, signal.SIGTERM)
        for process in left:
            process.join(30)
        assert [process.exitcode for process in left] == [0] * len(left), log.read_text()
    finally:
        kill(processes)


def _run(environment: Mapping[str, str], now: datetime, log: str) -> None:
    import time_machine

    from eventsvc.interfaces.cli import cli

    os.chdir(CHECKOUT)
    os.environ.update(environment)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    with time_machine.travel(now, tick=True):
        cli(["scheduler"], standalone_mode=True)
