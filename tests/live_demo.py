"""`eventsvc demo` as a process of its own, as a newcomer starts it."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import kept
from tests.commands import CHECKOUT
from tests.databases import ROOMY

START_SECONDS, STOP_SECONDS = 300, 60
COMMAND = (sys.executable, "-m", "eventsvc.interfaces.cli", "demo")
# Its history is played once in a run, for all that start it.
BUILT_ONCE = (sys.executable, "-m", "tests.built_demo", "demo")
_KEPT = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", kept.VARIABLE)


class Demo:
    """A running demo, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def read_until(self, words: str) -> None:
        """Wait until it has said those words; fails when it ends or takes too long."""
        while words not in self.said:
            line = self._lines.get(timeout=START_SECONDS)
            assert line is not None, f"the demo ended:\n{self.said}"
            self.said += line

    def read_rest(self) -> None:
        """Wait until it has ended, and read what it said last."""
        while (line := self._lines.get(timeout=STOP_SECONDS)) is not None:
            self.said += line

    def address(self, name: str) -> str:
        """The address printed beside a name."""
        return re.search(rf"{name}\s+(\S+)", self.said)[1]

    def end(self) -> None:
        """Press Ctrl+C; fails when it does not end in its sentence, or showed a bug meanwhile."""
        self.process.send_signal(signal.SIGINT)
        self.read_until("The demo has ended.")
        self.read_rest()
        assert self.process.wait(timeout=STOP_SECONDS) == 0
        assert "Traceback" not in self.said, self.said


@contextmanager
def started(*arguments: str, cwd: Path, command: tuple[str, ...] = COMMAND, **environment: str) -> Iterator[Demo]:
    """The demo as a process of its own; gone at the end, whatever happened."""
    kept = {name: text for name, text in os.environ.items() if name in _KEPT}
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", **ROOMY, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Demo(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
