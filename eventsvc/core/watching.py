"""One number of the database that is asked for at every poll, as cheaply as each database allows.

SQLite tells without reading any table whether somebody has committed since (`PRAGMA data_version`,
sqlite.org/pragma.html): while nobody has, the number is the one read last. PostgreSQL is asked each time, by a
statement that it keeps prepared: its NOTIFY would come a moment after the commit, and a poll in between be told wrong.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

from sqlalchemy import Engine, event


class Watched:
    """The number that a statement selects, as committed; 0 where it selects none.

    The statement runs on connections of its own, one for each thread that asks at the same moment: what is seen there
    is never part of a story.
    """

    def __init__(self, engine: Engine, statement: str) -> None:
        self._engine: Engine = weakref.proxy(engine)
        self._statement = statement
        self._idle: list[_Reader] = []
        self._disposals = 0
        self._guard = threading.Lock()
        event.listen(engine, "engine_disposed", self._close)

    def read(self) -> int:
        """The present number; raises what the driver raises when the database is away."""
        disposals = self._disposals
        reader = self._idle.pop() if self._idle else self._open()
        try:
            number = reader.read()
        except Exception:
            # Such as a server that was started anew: the next poll begins with a new connection.
            reader.close()
            raise
        with self._guard:
            if disposals == self._disposals:
                self._idle.append(reader)
                return number
        reader.close()
        return number

    def _open(self) -> _Reader:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self._engine.dialect.name == "sqlite":
            return _OfSqlite(connection, self._statement)
        connection.autocommit = True
        return _Reader(connection, self._statement)

    def _close(self, _engine: Engine) -> None:
        with self._guard:
            self._disposals += 1
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()


class _Reader:
    def __init__(self, connection: Any, statement: str) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._statement = statement

    def read(self) -> int:
        self._cursor.execute(self._statement)
        row = self._cursor.fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._connection.close()


class _OfSqlite(_Reader):
    _seen: int | None = None
    _number = 0

    def read(self) -> int:
        self._cursor.execute("PRAGMA data_version")
        seen = self._cursor.fetchone()[0]
        # What is committed between these two reads is seen now, and once more the next time.
        if seen != self._seen:
            self._number, self._seen = super().read(), seen
        return self._number
