"""A time by which an exchange with somebody else's server is over, whatever that server does.

A timeout of a read is no such time: a server that sends a byte a second never meets one. So the connection itself is
cut. Both ways out, `fetch` and `openid`, are bounded by this.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class TimeIsUp(OSError):
    """The deadline has passed. An OSError, as other reasons are why a server cannot be talked to."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment `at`, by the machine's own clock, which nobody sets."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, more than none. Raises TimeIsUp."""
        if (left := self.at - time.monotonic()) <= 0:
            raise TimeIsUp
        return left

    def is_over(self) -> bool:
        """True once it has passed."""
        return self.at <= time.monotonic()

    def answer_of(self, ask: Callable[[], T]) -> T:
        """What a call that cannot be interrupted gives, or raises of OSError and UnicodeError.

        It is left behind when it takes too long. Raises TimeIsUp.
        """
        answers: queue.SimpleQueue[tuple[T] | OSError | UnicodeError] = queue.SimpleQueue()

        def asking() -> None:
            try:
                answers.put((ask(),))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=asking, daemon=True).start()
        try:
            answer = answers.get(timeout=self.left())
        except queue.Empty:
            raise TimeIsUp from None
        if isinstance(answer, tuple):
            return answer[0]
        raise answer

    def connected(self, addresses: Sequence[str], port: int) -> socket.socket:
        """A connection to the first of the addresses that takes one; raises OSError where none does."""
        for address in addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, port), timeout=self.left() / len(addresses))
        return socket.create_connection((addresses[-1], port), timeout=self.left())

    @contextmanager
    def cutting(self, connection: socket.socket) -> Iterator[None]:
        """Cut the connection should the time be up inside the block. What was read then may be half of it: ask `left`
        before it is believed.
        """
        # TLS takes the connection's number away from it; a second number for the same connection stays.
        with connection.dup() as same:
            watchdog = threading.Timer(self.left(), lambda: _cut(same))
            watchdog.daemon = True
            watchdog.start()
            try:
                yield
            finally:
                watchdog.cancel()
                watchdog.join()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
