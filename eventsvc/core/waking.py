"""A thread that calls somebody soon after anybody has committed something new that may be due.

PostgreSQL says so itself (NOTIFY, by the trigger on letters); SQLite is asked ten times a second whether anybody has
committed, which reads no table. Both are comfort: who misses a word looks again within a second anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine

CHANNEL = "eventsvc_due"
_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 1.0


class Waker:
    """Calls `wake` until it is stopped; over a connection of its own, made anew whenever it is lost."""

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self._engine, self._wake = engine, wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                connection = self._open()
            except Exception:  # noqa: BLE001  # the database is away: whoever looks each second says so
                self._stopping.wait(_AGAIN_SECONDS)
                continue
            try:
                for _ in self._told(connection):
                    self._wake()
            except Exception:  # noqa: BLE001  # the connection was lost, in the words of either driver
                self._stopping.wait(_AGAIN_SECONDS)
            finally:
                connection.close()

    def _open(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        return connection

    def _told(self, connection: Any) -> Iterator[None]:
        return (self._commits if self._engine.dialect.name == "sqlite" else self._notes)(connection)

    def _notes(self, connection: Any) -> Iterator[None]:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=_AGAIN_SECONDS / 2, stop_after=1):
                yield

    def _commits(self, connection: Any) -> Iterator[None]:
        seen = None
        while not self._stopping.wait(_LOOK_SECONDS):
            number = connection.execute("PRAGMA data_version").fetchone()[0]
            if seen not in (None, number):
                yield
            seen = number
