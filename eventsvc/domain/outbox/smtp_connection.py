"""A connection to a mail server that is cut when its time is up, whatever the server does."""

from __future__ import annotations

import os
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from eventsvc.core.deadline import Deadline

# One answer of the server.
ANSWER_SECONDS = 30


class Conversation(smtplib.SMTP):
    """The library's, over a connection that was made before, so that it can be cut when the time is up."""

    def __init__(self, opened: socket.socket, host: str, port: int) -> None:
        self._opened = opened
        super().__init__(host, port, timeout=ANSWER_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._opened


@contextmanager
def cut_at(deadline: Deadline, connection: socket.socket) -> Iterator[None]:
    """Cut the connection when the time is up; a connection of TLS cannot be doubled but by its number."""
    with socket.socket(fileno=os.dup(connection.fileno())) as same, deadline.cutting(same):
        yield


@contextmanager
def closed_unless_kept(opened: socket.socket) -> Iterator[None]:
    """Close a connection that comes to nothing."""
    try:
        yield
    except BaseException:
        opened.close()
        raise
