"""Run the benchmarks and print the table: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from tests import servers
from tests.benchmarks import (
    boards,
    cascade,
    delivery,
    desk,
    doctor,
    feeds,
    mail,
    mails_in,
    offers,
    reminders,
    tokens,
    trials,
    wishes,
)
from tests.benchmarks.trials import Row

PAGE = servers.CHECKOUT / "docs" / "benchmarks.md"
MARKS = ("<!-- measured: written by python -m tests.benchmarks --write -->", "<!-- end -->")
TRIALS = [
    "desk",
    "doctor",
    "booking",
    "offers",
    "feed",
    "tokens",
    "pages",
    "boards",
    "wishes",
    "cascade",
    "reminders",
    "mail",
    "reading",
    "delivery",
    "import",
]
Trial = Callable[[], list[Row]]


def planned(options: argparse.Namespace) -> Iterator[Trial]:
    """The trials asked for, in the order of the table."""
    engines = ("sqlite", "postgresql") if options.engine == "both" else (options.engine,)
    wanted = options.only or TRIALS
    bookings, seconds = (1000, 10.0) if options.long else (200, 3.0)
    if "reading" in wanted:
        yield lambda: mails_in.reading(say, times=1000 if options.long else 200)
    for engine in engines:
        if "desk" in wanted:
            for stored in (1_000, 100_000) if engine == "sqlite" else (1_000, 100_000, 1_000_000):
                yield lambda e=engine, n=stored: desk.taking(e, say, stored=n, times=5 * bookings)
        if "doctor" in wanted:
            yield lambda e=engine: doctor.examining(e, say, stored=100_000)
        if "booking" in wanted:
            for stored in (1_000, 100_000):
                yield lambda e=engine, n=stored: trials.booking(e, say, stored=n, bookings=bookings)
        if "offers" in wanted:
            for stored in (100_000,) if engine == "sqlite" else (100_000, 1_000_000):
                yield lambda e=engine, n=stored: offers.offers(e, say, stored=n, times=200 if options.long else 60)
        if "feed" in wanted:
            yield lambda e=engine: feeds.served(e, say, events=1_000, seconds=seconds)
            yield lambda e=engine: feeds.changed(e, say, events=10_000)
        if "tokens" in wanted:
            yield lambda e=engine: tokens.reads(e, say, events=10_000, times=1000 if options.long else 200)
        if "pages" in wanted:
            yield lambda e=engine: trials.pages(e, say, events=10_000, times=200 if options.long else 40)
        if "boards" in wanted:
            yield lambda e=engine: boards.boards(e, say, stored=100_000, times=200 if options.long else 40)
        if "wishes" in wanted:
            yield lambda e=engine: wishes.board(e, say, times=200 if options.long else 40)
            yield lambda e=engine: wishes.round_of(e, say)
        if "cascade" in wanted:
            yield lambda e=engine: cascade.ticking(e, say, invitations=5_000)
        if "reminders" in wanted:
            yield lambda e=engine: reminders.reminding(e, say, people=5_000, due=10_000)
        if "mail" in wanted:
            yield lambda e=engine: mail.answering(e, say, answers=1_000)
        if "delivery" in wanted:
            yield lambda e=engine: delivery.delivering(e, say, letters=10_000)
            yield lambda e=engine: delivery.late(e, say, seconds=300 if options.long else 60)
            if options.long:
                yield lambda e=engine: delivery.weighing(e, say, letters=100_000)
        if "import" in wanted:
            yield lambda e=engine: trials.sessions(e, say)


def say(words: str) -> None:
    """Progress, beside the table."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201  # a command speaks


def table(rows: list[Row]) -> str:
    """Rows as Markdown, with the machine they were measured on."""
    lines = ["| what | database | measured |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.engine} | {row.figures} |" for row in rows]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return "\n".join([f"Measured on {machine}.", "", *lines])


def write(text: str, page: Path) -> None:
    """Put the table between the marks of the page."""
    before, _, rest = page.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    page.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")


def main() -> None:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=TRIALS, help="may be given twice")
    parser.add_argument("--engine", default="both", choices=["sqlite", "postgresql", "both"])
    parser.add_argument("--long", action="store_true", help="more bookings, longer runs")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    begun, rows = perf_counter(), []
    if options.engine != "sqlite":
        servers.start_postgresql()
    try:
        for trial in planned(options):
            rows += trial()
    finally:
        servers.stop_postgresql()
    say(f"done in {perf_counter() - begun:.0f} s")
    print(table(rows))  # noqa: T201  # the result
    if options.write:
        write(table(rows), PAGE)


if __name__ == "__main__":
    main()
