"""Counters of requests in the memory of one process, for all its threads."""

from __future__ import annotations

from threading import Lock
from typing import Any

from limits.storage import MemoryStorage

URL = "threads://"


class ThreadedMemoryStorage(MemoryStorage):
    """The library's own counters, which two threads cannot count in at once.

    Up to limits 5.8.0 two that do may start one timer twice: a request goes uncounted, or a thread ends with a
    traceback in the log (https://github.com/alisaifee/limits/pull/352, merged and not released yet). Counters that
    stand in while a shared storage is away are the library's still.
    """

    STORAGE_SCHEME = ["threads"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        self.guard = Lock()
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count so much more; returns the count."""
        with self.guard:
            return super().incr(key, expiry, amount)
