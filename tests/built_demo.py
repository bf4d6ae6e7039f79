"""`eventsvc demo`, whose history is played once in a run: whoever starts first plays it, the others copy its database.

Everything else is the command itself, in a process of its own. Playing takes twenty seconds of a core.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask

from eventsvc.interfaces.cli import main
from eventsvc.interfaces.demo import command
from eventsvc.interfaces.demo.folder import KEY, DemoFolder
from tests.kept import kept

# All of them share it: the database holds digests that it made.
SECRET_KEY = "the key of the demos of a test run, which share a history"

_play = command.fill


def _fill(app: Flask) -> None:
    path = Path(app.config["DATABASE_URL"].removeprefix("sqlite:///"))

    def make(made: Path) -> None:
        _play(app)
        with closing(sqlite3.connect(path)) as played, closing(sqlite3.connect(made)) as copy:
            played.backup(copy)

    made = kept("live_demo.sqlite3", make)
    if not path.exists():
        shutil.copyfile(made, path)


def _secret_key(folder: DemoFolder) -> str:
    (folder.path / KEY).write_text(SECRET_KEY)
    return SECRET_KEY


if __name__ == "__main__":
    command.fill = _fill
    DemoFolder.secret_key = _secret_key  # type: ignore[method-assign]  # the same promise, the same value for all
    main()
