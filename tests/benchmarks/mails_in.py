"""Reading mail that came in: each in a fresh child with limits, as the tick does it. No database."""

from __future__ import annotations

import resource
from functools import partial
from itertools import cycle, islice
from time import perf_counter

from eventsvc.ical import confined
from eventsvc.ical.imip import read_mail
from tests.benchmarks.mail_child import read_and_measure
from tests.benchmarks.trials import Row, Say
from tests.ical.mails import NAMES, a_mail

LARGEST = b"From: a@x.org\n\n" + b"a line of words, as people write them\n" * 260_000


def reading(say: Say, *, times: int) -> list[Row]:
    """Our samples of all families, one after the other, `times` in all; then what a child needs at most."""
    mails = [a_mail(name) for name in NAMES]
    confined.read_mail_confined(mails[0])  # starts the server that the children come from
    say(f"reading {times} mails in children")
    begun = perf_counter()
    for raw in islice(cycle(mails), times):
        confined.read_mail_confined(raw)
    per_second = times / (perf_counter() - begun)
    used = _processor_seconds()
    for raw in islice(cycle(mails), times):
        read_mail(raw)
    bare_ms = (_processor_seconds() - used) / times * 1000
    usual, most = max(map(_megabytes, mails)), _megabytes(LARGEST)
    child = f"a child has {usual[0]:.0f} MiB, {usual[1]:.0f} of them its own; {most[1]:.0f} over a mail of 10 MB"
    figures = f"{per_second:.0f} a second; the reading alone {bare_ms:.1f} ms of processor; {child}"
    return [Row(f"mails read in confined children, {len(mails)} shapes", "none", figures)]


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _megabytes(raw: bytes) -> tuple[float, float]:
    measured = confined._in_a_room(partial(read_and_measure, raw), confined._LIMITS_OF_MAIL)
    assert isinstance(measured, tuple)
    return measured
