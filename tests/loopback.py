"""No test reaches beyond this machine: connecting to anything but loopback or a Unix socket raises."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest


class ReachedOutside(AssertionError):
    """A test tried to talk to another machine."""


def is_here(address: Any) -> bool:
    """True for Unix sockets, loopback addresses and the name localhost."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Close every other way out for the whole run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(connect: Any) -> Any:
    def guarded(this: socket.socket, address: Any) -> Any:
        if not is_here(address):
            this.close()
            raise ReachedOutside(f"a test tried to connect to {address!r}")
        return connect(this, address)

    return guarded
