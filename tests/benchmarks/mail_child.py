"""What a child that reads a mail needs. A module of its own: the child loads it, and would count what else is here."""

from __future__ import annotations

from pathlib import Path

from eventsvc.ical.imip import read_mail


def read_and_measure(raw: bytes) -> tuple[float, float]:
    """In the child, in MiB: the most memory it had, and how much of it was not shared with the server it came from."""
    read_mail(raw)
    status = _kilobytes("/proc/self/status")
    own = _kilobytes("/proc/self/smaps_rollup")["Private_Dirty"]
    given_back = status["VmHWM"] - status["VmRSS"]
    return status["VmHWM"] / 1024, (own + given_back) / 1024


def _kilobytes(path: str) -> dict[str, int]:
    lines = (line.split() for line in Path(path).read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}
