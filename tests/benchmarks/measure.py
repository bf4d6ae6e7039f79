"""Taking times: one request after another, or as many as several connections get through."""

from __future__ import annotations

import json
import socket
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from http.client import HTTPConnection
from multiprocessing import get_context
from time import perf_counter
from typing import Any

CLIENTS = 2  # processes
CONNECTIONS = 4  # of each


def percentiles_ms(seconds: Sequence[float]) -> tuple[float, float]:
    """The 50th and 95th percentile in milliseconds."""
    return statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000


def timed(connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> tuple[float, int]:
    """Seconds and status of one request on an open connection; a body that is no text yet is sent as JSON."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    begun = perf_counter()
    connection.request(method, path, text, {"Content-Type": "application/json", **sent} if text else sent)
    response = connection.getresponse()
    response.read()
    return perf_counter() - begun, response.status


def per_second(port: int, path: str, *, status: int, seconds: float, headers: Mapping[str, str] | None = None) -> float:
    """Requests a second over eight kept connections from two processes of this machine; each answer is checked."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(_hammer, port, request, status, seconds) for _ in range(CLIENTS)]
        return sum(run.result() for run in runs)


def _hammer(port: int, request: bytes, status: int, seconds: float) -> float:
    """Keep several connections busy from one thread: ask on all, then read from all."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answered, begun = 0, perf_counter()
    while (elapsed := perf_counter() - begun) < seconds:
        for each in sockets:
            each.sendall(request)
        for each in sockets:
            _read_answer(each, status)
        answered += len(sockets)
    for each in sockets:
        each.close()
    return answered / elapsed


def _read_answer(connection: socket.socket, status: int) -> None:
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(connection)
    head = bytes(received[:end])
    if not head.startswith(f"HTTP/1.1 {status} ".encode()):
        raise RuntimeError(f"expected {status}: {head[:200]!r}")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    rest = 0 if status == 304 else end + 4 + length - len(received)
    while rest > 0:
        rest -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    some = connection.recv(1 << 18)
    if not some:
        raise RuntimeError("the server hung up")
    return some
