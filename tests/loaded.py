"""A process that has loaded everything and forks a command for each line that it is given: see `tests/commands.py`.

{"arguments": ["mail-in"], "environment": {…}, "streams": [IN, OUT, ERRORS], "now": null}    is answered by the
number of the command's process; `now` is the instant from which its clock goes on, null the machine's own
{"serve": [GUNICORN'S ARGUMENTS], "environment": {…}, "log": FILE}    is answered by the number of gunicorn's first
process and the port on which it listens
{"wait": NUMBER, "seconds": 30}    is answered by its exit code, minus the signal that ended it, or null if none did yet
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import gunicorn.app.wsgiapp
import gunicorn.workers.gthread  # to have it loaded
import time_machine

import config
import eventsvc.interfaces.scheduler  # noqa: F401  # to have it loaded
from eventsvc import create_app
from eventsvc.interfaces.cli import main as run_command

_LOOK_SECONDS = 0.01


def main() -> None:
    """Serve until nobody asks any more."""
    # Makes what is loaded late come now; nothing is opened by it.
    create_app({**config.load({}), "SECRET_KEY": "never used", "DATABASE_URL": "sqlite:////nowhere/at.all"})
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            _answer(_ended(asked["wait"], asked["seconds"]))
        elif "serve" in asked:
            _answer(_serve(asked))
        elif (number := os.fork()) == 0:
            _run(asked)
        else:
            _answer(number)


def _answer(said: int | tuple[int, int] | None) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _ended(number: int, seconds: float) -> int | None:
    last = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > last:
            return None
        time.sleep(_LOOK_SECONDS)


def _serve(asked: dict[str, Any]) -> tuple[int, int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        port = listener.getsockname()[1]
        if (number := os.fork()) == 0:
            os.environ.clear()
            os.environ.update({"PUBLIC_URL": f"http://127.0.0.1:{port}", **asked["environment"]})
            _write_to(os.devnull, asked["log"], asked["log"])
            sys.argv = ["gunicorn", *asked["serve"], "--bind", f"fd://{listener.detach()}"]
            gunicorn.app.wsgiapp.run()
    # From here on the server alone holds the socket: should it die, connections are refused instead of hanging.
    return number, port


def _run(asked: dict[str, Any]) -> None:
    os.environ.update(asked["environment"])
    _write_to(*asked["streams"])
    clock = time_machine.travel(datetime.fromisoformat(asked["now"]), tick=True) if asked["now"] else nullcontext()
    with clock:
        run_command(asked["arguments"])


def _write_to(read: str, *written: str) -> None:
    """Let the streams of this process be those files."""
    opened = [os.open(read, os.O_RDONLY)]
    opened += [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for path in written]
    for number, stream in enumerate(opened):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  # for as long as the process lives


if __name__ == "__main__":
    main()
