"""How the log is written: a line a record as text or JSON, and nothing in it that is secret or somebody's.

What an exception says may quote what was sent or stored: a bad number, a title, the address that a database holds
twice. So a traceback shows where it happened and of which kind it was, and the exception's own words only where these
speak of code and never of values.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sqlalchemy.exc import DBAPIError

_SPEAK_OF_CODE = (AttributeError, TypeError, NameError, ImportError, ArithmeticError, RecursionError)
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def register(style: str, level: str) -> None:
    """Write the service's log to standard error, as `text` or `json`."""
    logger = logging.getLogger("eventsvc")
    logger.setLevel(level)
    logger.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    text = _TextLines("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_JsonLines() if style == "json" else text)
    logger.handlers = [handler]


class _Discreet(logging.Formatter):
    def formatException(self, ei: _Raised) -> str:  # noqa: N802  # the library's name
        """The traceback of each exception of the chain, the first one first."""
        if ei[1] is None:
            return ""
        chain = list(_chain(ei[1]))
        return "\n\nThen, in answering that:\n\n".join(_traceback(error) for error in reversed(chain))


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _traceback(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{frames}{_in_a_line(error)}"


def _in_a_line(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, _SPEAK_OF_CODE):
        return f"{name}: {error}"
    if isinstance(error, DBAPIError):
        return f"{name}: {_of_database(error.orig)}"
    return name


def _of_database(error: Any) -> str:
    """Which error it was and which constraint said no; the words of PostgreSQL quote the values."""
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    found = [type(error).__name__, getattr(error, "sqlstate", None), constraint]
    return " ".join(str(word) for word in found if word)


class _JsonLines(_Discreet):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _TextLines(_Discreet):
    # Not `format`: a traceback comes after the line, and the id belongs to the line.
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        line = super().formatMessage(record)
        if hasattr(record, "ms"):
            line += f" {record.ms} ms"
        return f"{line} [{record.request_id}]" if hasattr(record, "request_id") else line
