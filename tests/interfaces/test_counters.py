"""Requests are counted by several threads at once, and none of them trips over another."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from limits.storage import memory, storage_from_string

from eventsvc.interfaces import counters


def test_timers_are_made_and_started_by_one_thread_at_a_time(monkeypatch):
    was_guarded = []

    class Timer:
        def __init__(self, *_: object) -> None:
            if found:
                was_guarded.append(found[0].guard.locked())

        def is_alive(self) -> bool:
            return False

        def start(self) -> None:
            if found:
                was_guarded.append(found[0].guard.locked())

    found: list[counters.ThreadedMemoryStorage] = []
    monkeypatch.setattr(memory, "threading", SimpleNamespace(**{**vars(threading), "Timer": Timer}))
    storage = storage_from_string(counters.URL)
    assert isinstance(storage, counters.ThreadedMemoryStorage)
    found.append(storage)
    assert [storage.incr("somebody", 60) for _ in range(3)] == [1, 2, 3]
    assert was_guarded == [True] * 6


def test_many_threads_count_every_request():
    storage, begin = storage_from_string(counters.URL), threading.Barrier(8)

    def count() -> None:
        begin.wait(timeout=30)
        for _ in range(200):
            storage.incr("somebody", 60)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert storage.get("somebody") == 8 * 200
