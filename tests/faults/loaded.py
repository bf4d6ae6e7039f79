"""A process that has loaded everything and forks a scheduler for each line that it is given: see `schedulers`.

{"environment": …, "now": "2027-01-11T17:00:00+00:00", "log": PATH}    is answered by the process's number
{"wait": NUMBER}    is answered by its exit code, or minus the signal that ended it
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Any

import time_machine

import config
import eventsvc.interfaces.scheduler  # noqa: F401  # to have it loaded
from eventsvc import create_app
from eventsvc.interfaces.cli import cli


def main() -> None:
    """Serve until nobody asks any more."""
    # Makes what is loaded late come now; nothing is opened by it.
    create_app({**config.load({}), "SECRET_KEY": "never used", "DATABASE_URL": "sqlite:////nowhere/at.all"})
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            _answer(os.waitstatus_to_exitcode(status))
        elif (number := os.fork()) == 0:
            _run(asked)
        else:
            _answer(number)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(asked: dict[str, Any]) -> None:
    os.environ.update(asked["environment"])
    said = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream, ours in ((os.open(os.devnull, os.O_RDONLY), 0), (said, 1), (said, 2)):
        os.dup2(stream, ours)
    with time_machine.travel(datetime.fromisoformat(asked["now"]), tick=True):
        cli(["scheduler"])


if __name__ == "__main__":
    main()
