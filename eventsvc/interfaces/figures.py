"""Figures as Prometheus reads them. Needs prometheus-client, which the extra `prod` brings: import it where it is used.

What stands in the database is read there at every look, so that any worker of any machine says the same. What a process
counts by itself is either added up over all workers (requests: files in PROMETHEUS_MULTIPROC_DIR, which
`eventsvc serve` makes) or of a process that is looked at alone (ticks: each scheduler has a port of its own).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, start_http_server
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from eventsvc.core import clock
from eventsvc.domain.outbox.deliver import Delivery
from eventsvc.domain.outbox.smtp import Transport
from eventsvc.workflows import delivery_standing
from eventsvc.workflows.keep_promises import Kept

if TYPE_CHECKING:
    from eventsvc.interfaces.heartbeat import Tick

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
_TICK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)
# Series that say when each other one began; nothing asks for them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library types most of itself


class _OfDatabase(Collector):
    """How delivery stands, read when it is asked for; call it in the app's context."""

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        stands = delivery_standing.figures(clock.now())
        yield _gauge("letters", "Letters by state.", "state", stands.letters)
        yield _gauge(
            "oldest_due_seconds",
            "For how long the oldest that is due has waited; 0 where nothing waits.",
            "kind",
            stands.oldest_due_seconds,
        )
        yield _gauge("set_aside", "What waits for a person.", "kind", stands.set_aside)
        yield GaugeMetricFamily("eventsvc_delivery_paused", "1 while nothing may leave.", value=stands.is_paused)


def _gauge(name: str, words: str, label: str, values: dict[str, float] | dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"eventsvc_{name}", words, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


class WebFigures:
    """What the web shows: how delivery stands, and how often each route was asked with what end."""

    def __init__(self) -> None:
        self._counted = CollectorRegistry()
        self._requests = Counter(
            "eventsvc_requests",
            "Requests by route; polls of calendars that were answered without Flask are not among them.",
            ["method", "route", "status"],
            registry=self._counted,
        )
        self._standing = CollectorRegistry()
        self._standing.register(_OfDatabase())

    def count(self, method: str, route: str, status: int) -> None:
        """One request more."""
        self._requests.labels(method, route, str(status)).inc()

    def text(self, *, is_one_of_several: bool) -> bytes:
        """All of it. One of several workers that share no folder leaves out requests: its own would tell a part."""
        shown = generate_latest(self._standing)
        if MULTIPROCESS in os.environ:
            of_all = CollectorRegistry()
            MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]  # as above
            return shown + generate_latest(of_all)
        return shown if is_one_of_several else shown + generate_latest(self._counted)


class SchedulerFigures:
    """What one scheduler counts: its ticks, how long they took, and the letters that it had in hand."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ticks = Counter("eventsvc_ticks", "Rounds of this scheduler.", ["outcome"], registry=self.registry)
        self._seconds = Histogram(
            "eventsvc_tick_seconds", "How long a round took.", buckets=_TICK_SECONDS, registry=self.registry
        )
        self._letters = Counter(
            "eventsvc_letters_tried", "Letters that this scheduler tried.", ["outcome"], registry=self.registry
        )
        for outcome in ("done", "failed"):  # from 0, so that also the first failure is seen as one more
            self._ticks.labels(outcome)
        self._last = Gauge(
            "eventsvc_last_tick_timestamp_seconds", "When a round last ended well.", registry=self.registry
        )

    def measured(self, tick: Tick) -> Tick:
        """The tick, counted."""

        def counted(app: Flask, transport: Transport | None, delivery: Delivery) -> Kept | None:
            begun = perf_counter()
            kept = tick(app, transport, delivery)
            self._seconds.observe(perf_counter() - begun)
            self._ticks.labels("failed" if kept is None else "done").inc()
            if kept is not None:
                self._last.set(clock.machine_seconds())
            if kept is not None and kept.delivered is not None:
                for outcome in ("sent", "put_off", "failed"):
                    self._letters.labels(outcome).inc(getattr(kept.delivered, outcome))
            return kept

        return counted

    def serve(self, port: int) -> int:
        """Answer on this machine alone; port 0: any that is free. Returns the port."""
        server, _ = start_http_server(port, addr="127.0.0.1", registry=self.registry)
        return int(server.server_port)
