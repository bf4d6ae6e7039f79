"""How long one entry of a foreign calendar may keep the processor, so that it cannot take the time of the others."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any


class TookTooLong(BaseException):
    """The time is over. No Exception, so that no library that survives anything goes on all the same."""


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise TookTooLong


@dataclass(slots=True)
class Patience:
    """A context manager: what is done within it may take so many seconds of the processor, and so many in all.

    Raises:  TookTooLong within the block.
    Where:   in a process's main thread, as in the children of `confined`; elsewhere it does not bound anything.
    """

    seconds_each: float
    seconds_in_all: float
    _given: float = 0.0
    _before: Any = None

    def __enter__(self) -> None:
        if self.seconds_in_all <= 0:
            raise TookTooLong
        if threading.current_thread() is threading.main_thread():
            self._given = min(self.seconds_each, self.seconds_in_all)
            self._before = signal.signal(signal.SIGVTALRM, _end)
            signal.setitimer(signal.ITIMER_VIRTUAL, self._given)

    def __exit__(self, *_: object) -> None:
        if self._given:
            left, _interval = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)
            self.seconds_in_all -= self._given - left
            self._given = 0.0
