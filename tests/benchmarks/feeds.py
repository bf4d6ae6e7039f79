"""Feeds: fetched warm, asked for again by clients that have them, and ten thousand entries stored, changed and anew."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from tests import databases, servers
from tests.benchmarks import measure, world
from tests.benchmarks.trials import Row, Say, a_database
from tests.servers import Server

PATH = "/feeds/all.ics"
_ZIPPED = {"Accept-Encoding": "gzip"}
_CHANGES = 7
_PUBLIC_URL = "http://127.0.0.1:8000"


def served(engine: str, say: Say, *, events: int, seconds: float) -> list[Row]:
    """A feed that stands ready, beside Flask's least answer and Flask answering with as many ready bytes."""
    with a_database(engine) as url:
        say(f"{engine}: publishing {events:,} events")
        world.fill_feed(url, events=events)
        _render(url)
        with _server(url) as server:
            say(f"{engine}: a feed of {events:,} events")
            etag, size, zipped = _validator(server)
            each = {"status": 200, "seconds": seconds}
            warm = measure.per_second(server.port, PATH, **each)
            gzip = measure.per_second(server.port, PATH, headers=_ZIPPED, **each)
            ready = measure.per_second(server.port, f"/bare/ready/{zipped}", **each)
            bare = measure.per_second(server.port, "/bare/", **each)
            asked = {"If-None-Match": etag, **_ZIPPED}
            conditional = measure.per_second(server.port, PATH, headers=asked, status=304, seconds=seconds)
            memory = _memory_mb(server)
    name = f"feed of {events:,} events"
    return [
        Row(
            f"{name}, conditional GETs (304)", engine, f"{conditional:,.0f} a second, {conditional / bare:.0%} of bare"
        ),
        Row(
            f"{name}, warm gzip GETs ({zipped:,} bytes)",
            engine,
            f"{gzip:,.0f} a second, {gzip / ready:.0%} of ready bytes; plain ({size:,} bytes) {warm:,.0f}",
        ),
        Row("Flask returning as many ready bytes; bare route", engine, f"{ready:,.0f}; {bare:,.0f} a second"),
        Row(f"{name}, memory of a process", engine, f"{memory} MB at most"),
    ]


def changed(engine: str, say: Say, *, events: int) -> list[Row]:
    """Entries rendered anew by the command, put together of stored ones, and put together after one change."""
    with a_database(engine) as url:
        say(f"{engine}: publishing {events:,} events")
        world.fill_feed(url, events=events)
        anew = _render(url)
        say(f"{engine}: changing one of {events:,} events")
        with _server(url) as server:
            first = min(_seconds(server.connection(), {}) for _ in range(2))
            plain = _after_changes(server, url, {})
            zipped = _after_changes(server, url, _ZIPPED)
            memory = _memory_mb(server)
    name = f"feed of {events:,} events"
    return [
        Row(f"{name}, all rendered anew by `eventsvc feeds render`", engine, f"{anew:.1f} s"),
        Row(f"{name}, put together of stored entries by a new process and sent", engine, f"{first * 1000:,.0f} ms"),
        Row(
            f"{name}, one changed, next GET, p50 / p95",
            engine,
            "; ".join(f"{how} {p50:.0f} / {p95:.0f} ms" for how, (p50, p95) in (("plain", plain), ("gzip", zipped))),
        ),
        Row(f"{name}, memory of a process", engine, f"{memory} MB at most"),
    ]


@contextmanager
def _server(url: str) -> Iterator[Server]:
    """As `trials.a_server`, at the address that the entries were rendered for."""
    environment = databases.environment(url, PUBLIC_URL=_PUBLIC_URL)
    with servers.serving(environment, application="tests.benchmarks.served:app") as server:
        yield server


def _render(url: str) -> float:
    """Seconds that the command says it took."""
    command = [str(Path(sys.executable).parent / "eventsvc"), "feeds", "render"]
    environment = {"PATH": "/usr/bin:/bin", **databases.environment(url, PUBLIC_URL=_PUBLIC_URL)}
    done = subprocess.run(command, cwd=servers.CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    said = re.search(r"written in ([\d.]+) s", done.stdout)
    if said is None:
        raise RuntimeError(f"the command said {done.stdout!r}")
    return float(said[1])


def _after_changes(server: Server, url: str, headers: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of the next GET after one event has changed, in a process that had the feed."""
    connection = server.connection()  # one connection stays with one process
    _seconds(connection, headers)
    times = []
    for number in range(_CHANGES):
        world.change_one(url, number)
        times.append(_seconds(connection, headers))
    connection.close()
    return measure.percentiles_ms(times)


def _seconds(connection: HTTPConnection, headers: dict[str, str]) -> float:
    begun = perf_counter()
    connection.request("GET", PATH, headers=headers)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"the feed was answered {response.status}")
    return perf_counter() - begun


def _validator(server: Server) -> tuple[str, int, int]:
    """The feed's ETag and its sizes, plain and zipped; every process has it ready afterwards."""
    sizes = {}
    etag = ""
    for encoding in ("identity", "gzip") * 8:
        connection = server.connection()
        connection.request("GET", PATH, headers={"Accept-Encoding": encoding})
        response = connection.getresponse()
        sizes[encoding] = len(response.read())
        etag = etag or response.headers["ETag"]
        connection.close()
    return etag, sizes["identity"], sizes["gzip"]


def _memory_mb(server: Server) -> int:
    """The most that a worker has resident, in millions of bytes."""
    kilobytes = []
    for pid in re.findall(r"Booting worker with pid: (\d+)", server.log()):
        said = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        kilobytes.append(int(said[1]) if said else 0)
    return max(kilobytes) * 1024 // 1_000_000
