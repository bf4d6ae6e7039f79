"""The database session, the column types and the one way to write: `transaction()`.

SQLite (WAL) is the default and PostgreSQL carries many machines; both are judges, so constraints come first.
A story opens exactly one `transaction()`, at the door, and reads what it needs inside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, DateTime, Engine, MetaData, String, event, true
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, SessionTransaction
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 15
# deadlock_detected, serialization_failure, lock_not_available (PostgreSQL's manual, appendix A)
_LOCK_FAILURES = frozenset({"40P01", "40001", "55P03"})


class Base(DeclarativeBase):
    """Base of every table; names constraints so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Objects stay readable after the commit: a door dumps what its story returned.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def database_url(text: str) -> str:
    """The address as SQLAlchemy wants it; hosting services still hand out postgres://."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    return text


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; naive or foreign-zone values are a bug and raise."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() != timedelta(0):
            raise ValueError(f"only aware UTC datetimes are stored, not {value!r}")
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """One call a value: a page and the desk read thousands."""
        return _utc_of_text if dialect.name == "sqlite" else _utc_of


def _utc_of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _utc_of(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """A StrEnum stored as its word, and read back as the enum's member."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words = words
        self._by_word = {word.value: word for word in words}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self._by_word[value]


@contextmanager
def transaction(*, keep: bool = True) -> Iterator[None]:
    """Run one story: all of it is committed at the end, or nothing is.

    Ends what the session has read first, so that the story reads inside its own transaction. On SQLite it begins
    IMMEDIATE (a deferred one that turns into a writer fails at once under load). With `keep=False` everything is
    rolled back at the end: that is a dry run. Inside `one_commit()` the commit waits for the end of that. What
    `at_the_end` was told is done before the commit, in a dry run too.
    """
    db.session.info.pop(_LAST_ACTS, None)
    joined: _Joined | None = db.session.info.get(_JOINED)
    if joined is None or not joined.is_open():
        db.session.rollback()
        db.session.connection(execution_options={"begin_immediate": True})
    try:
        yield
        for act in db.session.info.pop(_LAST_ACTS, {}).values():
            act()
        if keep and joined is None:
            db.session.commit()
        else:
            db.session.flush()
            _leave(joined, is_kept=keep)
    except BaseException:
        _leave(joined, is_kept=False)
        raise


@contextmanager
def look() -> Iterator[None]:
    """Read what is committed now, before a story that may have nothing to do: takes no lock, leaves nothing open."""
    db.session.rollback()
    try:
        yield
    finally:
        db.session.rollback()


_LAST_ACTS = "what is done at the end of the story"
Act = TypeVar("Act", bound=Callable[[], None])


def at_the_end(kind: Callable[[], Act]) -> Act:
    """The act of that kind that the running story ends with; the first who asks begins it.

    It is called once, in the story's transaction: for what many parts of a story add to and only its end can tell.
    """
    acts: dict[Callable[[], Any], Any] = db.session.info.setdefault(_LAST_ACTS, {})
    if kind not in acts:
        acts[kind] = kind()
    act: Act = acts[kind]
    return act


_JOINED = "stories of one commit"


class _Joined:
    """The transaction in which stories of `one_commit()` wait for their commit."""

    begun: SessionTransaction | None = None

    def is_open(self) -> bool:
        if self.begun is not None and self.begun is not db.session().get_transaction():
            raise RuntimeError("what a story wrote was rolled back before its commit")
        return self.begun is not None


def _leave(joined: _Joined | None, *, is_kept: bool) -> None:
    if joined is not None:
        joined.begun = db.session().get_transaction() if is_kept else None
    if not is_kept:
        db.session.rollback()


@contextmanager
def one_commit() -> Iterator[None]:
    """Let the stories told within be one transaction, which is committed when this ends.

    For what must not part from a story and is only known after it, such as the answer that a door makes of it. A story
    that refuses takes those before it back; a second one sees what the first has written.
    """
    joined = db.session.info[_JOINED] = _Joined()
    try:
        yield
        if joined.is_open():
            db.session.commit()
    finally:
        del db.session.info[_JOINED]
        db.session.rollback()


@contextmanager
def by_themselves() -> Iterator[None]:
    """Let the stories told within commit one by one also inside `one_commit()`; call it before any other story.

    For an act of many stories that may be repeated as it is: one of them that refuses takes none of the others back.
    """
    joined = db.session.info.pop(_JOINED, None)
    try:
        yield
    finally:
        if joined is not None:
            db.session.info[_JOINED] = joined


def connection_for_one_read() -> Connection:
    """A connection for one small read of what is committed, outside of any story and session.

    No transaction is begun for it, which spares two of three round trips; close it by `with`.
    """
    # SQLAlchemy's own AUTOCOMMIT would leave a SQLite connection beginning transactions by itself afterwards.
    options = {"isolation_level": "AUTOCOMMIT"} if is_postgresql() else {"begin_nothing": True}
    return db.engine.connect().execution_options(**options)


# Narrows what is found to what nobody else is at: a condition on the column of ids.
Free = Callable[[Any], ColumnElement[bool]]


def anything(_column: Any) -> ColumnElement[bool]:
    """Narrows nothing."""
    return true()


def is_busy(error: DBAPIError) -> bool:
    """True where a statement failed because of somebody else's lock: the same story may succeed in a moment."""
    if isinstance(error.orig, sqlite3.Error):
        # The low byte is the kind, the rest says more of it (sqlite.org/rescode.html).
        kind = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        return kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(error.orig, "sqlstate", None) in _LOCK_FAILURES


def is_postgresql() -> bool:
    """True when the running database is PostgreSQL."""
    return db.engine.dialect.name == "postgresql"


@event.listens_for(Engine, "connect")
def _on_connect(dbapi_connection: Any, _record: Any) -> None:
    if isinstance(dbapi_connection, sqlite3.Connection):
        # isolation_level None hands BEGIN to the listener below; the driver's own deferred BEGIN would come late.
        dbapi_connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if connection.dialect.name == "sqlite" and not options.get("begin_nothing"):
        immediate = options.get("begin_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
