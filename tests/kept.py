"""What one process of a test run makes and all of them use: files in a folder of the run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

VARIABLE = "EVENTSVC_TEST_FOLDER"
_begun: list[str] = []


def begin() -> None:
    """Make the folder; workers of pytest-xdist inherit the variable and so share it."""
    _begun.append(tempfile.mkdtemp(prefix="eventsvc-kept-"))
    os.environ[VARIABLE] = _begun[-1]


def end() -> None:
    """Remove what this process began; one that inherited its folder, as a test's own run does, leaves it alone."""
    while _begun:
        shutil.rmtree(_begun.pop(), ignore_errors=True)
        os.environ.pop(VARIABLE, None)


def name_of_the_run() -> str:
    """A word that no other run has, small letters, digits and underscores."""
    return "kept_" + _folder().name.rpartition("-")[2].lower()


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The file of that name; whoever asks first makes it, and the others wait for it."""
    path = _folder() / name
    with path.with_name(f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{name}")
            make(unfinished)
            unfinished.replace(path)
    return path


def _folder() -> Path:
    """The run's; benchmarks, which pytest does not begin, begin here."""
    if VARIABLE not in os.environ:
        begin()
        atexit.register(end)
    return Path(os.environ[VARIABLE])
