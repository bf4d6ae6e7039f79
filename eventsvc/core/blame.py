"""What may be kept of an error: its kind and the line of ours that met it.

Its own words may quote what people wrote.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError

# The database is away, busy or full: no fault of whatever was being done.
DATABASE_AWAY = (OperationalError, InterfaceError)


def where(error: BaseException) -> str:
    """As in "KeyError in remind.py, line 40"."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "eventsvc" in frame.filename]
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
