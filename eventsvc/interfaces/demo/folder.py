"""The demo's folder: what it may wipe, the key it keeps, and who is using it.

A folder is the demo's own when it carries the marker file; any other folder that holds something is left alone.
The marker is locked for as long as a demo runs, by SQLite, whose locks every system lets go when the process ends.
"""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from eventsvc.core.errors import Refusal, say

MARKER, KEY, DATABASE = "eventsvc-demo.lock", "SECRET_KEY", "demo.sqlite3"


class NotOurs(Refusal):
    """The folder is not a demo's, or another demo is using it."""

    slug = "not-our-folder"
    title = say("This folder cannot be used")


class DemoFolder:
    """A folder that a demo may use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None

    @property
    def database_url(self) -> str:
        """Where the demo's database stands."""
        return f"sqlite:///{(self.path / DATABASE).resolve()}"

    def take(self) -> None:
        """Make the folder this process's own until `close`, without the database of an earlier start.

        Only files that a demo made are removed.
        Refuses: NotOurs for a file, for a folder that holds something and has no marker, and while another demo runs
                 there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise NotOurs(say("%(path)s is a file. Name a folder with --data.", path=self.path))
        if self.path.exists() and any(self.path.iterdir()) and not (self.path / MARKER).exists():
            raise NotOurs(
                say(
                    "%(path)s holds files that are not a demo's, and a demo wipes its folder at each start. "
                    "Name another folder with --data.",
                    path=self.path,
                )
            )
        self._make()
        self._lock_marker()
        for suffix in ("", "-wal", "-shm"):
            (self.path / f"{DATABASE}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Let another demo have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def secret_key(self) -> str:
        """The key that signs this demo's links; made once and kept, so that a browser stays signed in."""
        file = self.path / KEY
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
        return file.read_text(encoding="utf-8").strip()

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / MARKER).touch()
        except OSError as error:
            raise NotOurs(
                say(
                    "%(path)s cannot be written to (%(error)s). Name another with --data.",
                    path=self.path,
                    error=error.strerror,
                )
            ) from None

    def _lock_marker(self) -> None:
        lock = sqlite3.connect(self.path / MARKER, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
            raise NotOurs(
                say(
                    "A demo is running in %(path)s already. Stop it with Ctrl+C, or name another folder with --data.",
                    path=self.path,
                )
            ) from None
        self._lock = lock
