"""Commands of `eventsvc`, and its servers, in processes of their own, which begin to work at once.

They are forked from a process that has loaded everything: loading takes each of them two seconds of a core otherwise.
Each runs the command itself, with nothing but its arguments, environment, streams and, if wanted, its clock from us.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
# Who has not ended by then is taken to hang.
PATIENCE_SECONDS = 60.0


class Commands:
    """Where they come from."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.loaded"]
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        read: str = os.devnull,
        written: str = os.devnull,
        errors: str = os.devnull,
        now: datetime | None = None,
    ) -> Started:
        """Begin a command; its streams are files, `now` is where its clock begins to go on from."""
        asked = {"arguments": arguments, "environment": dict(environment), "streams": [read, written, errors]}
        number = self.ask({**asked, "now": now.isoformat() if now else None})
        assert number is not None
        return Started(self, number)

    def serve(self, *arguments: str, environment: Mapping[str, str], log: str) -> tuple[Started, int]:
        """Begin a gunicorn on a port of its own, and that port; PUBLIC_URL leads there, unless it is given."""
        number, port = self._ask({"serve": arguments, "environment": dict(environment), "log": log})
        return Started(self, number), port

    def run(self, *arguments: str, raw: bytes, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end, with that on its standard input."""
        with tempfile.TemporaryDirectory(prefix="eventsvc-command-") as folder:
            read, written, errors = (Path(folder) / name for name in ("read", "written", "errors"))
            read.write_bytes(raw)
            streams = {"read": str(read), "written": str(written), "errors": str(errors)}
            code = self.start(*arguments, environment=environment, **streams).wait()
            return subprocess.CompletedProcess(arguments, code, written.read_bytes(), errors.read_bytes())

    def ask(self, asked: dict[str, Any]) -> int | None:
        """Its answer to a line: a number or none."""
        answer: int | None = self._ask(asked)
        return answer

    def _ask(self, asked: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """No more of them."""
        self._process.communicate()


@dataclass(slots=True)
class Started:
    """One that was started."""

    commands: Commands
    number: int
    code: int | None = None
    was_killed: bool = False

    def kill(self) -> None:
        """SIGKILL, as a machine that loses its power; nothing where it has ended."""
        if self.code is None:
            self.was_killed = True
            with suppress(ProcessLookupError):
                os.kill(self.number, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """SIGTERM, as systemd does."""
        os.kill(self.number, signal.SIGTERM)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code, or minus the signal that ended it; one that does not end is killed, and its code says so."""
        if self.code is None:
            self.code = self.commands.ask({"wait": self.number, "seconds": seconds})
        if self.code is None:
            self.kill()
            return self.wait()
        return self.code


@cache
def shared() -> Commands:
    """Those of this process, for whoever needs some: loaded once."""
    made = Commands()
    atexit.register(made.end)
    return made


@contextmanager
def loaded_commands() -> Iterator[Commands]:
    """For the length of the block."""
    made = Commands()
    try:
        yield made
    finally:
        made.end()
