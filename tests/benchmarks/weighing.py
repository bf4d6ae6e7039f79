"""How much memory the process that reads one mail takes: `python -m tests.benchmarks.weighing < mail` prints kilobytes.

A program of its own: the room is forked from a server that loads what the program has, and that is to be the reader.
"""

from __future__ import annotations

import resource
import sys
from functools import partial

from eventsvc.ical import confined
from eventsvc.ical.imip import read_mail


def read_and_weigh(raw: bytes) -> int:
    """Read it, and say the most that was resident meanwhile, in kB."""
    read_mail(raw, authserv_id="mx.events.example")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    print(confined._in_a_room(partial(read_and_weigh, sys.stdin.buffer.read()), confined._LIMITS_OF_MAIL))  # noqa: T201  # the result
