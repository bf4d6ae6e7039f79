"""Look at the outside calendars that are due: claim, fetch, read, write.

A foreign server and a foreign text take as long as they like, within bounds: no transaction is open meanwhile, and what
a look brought is written only by whoever still holds its lease. Any number of processes may do this at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.core.fetch import Fetched, Fetcher
from eventsvc.domain.booking import outside
from eventsvc.domain.booking.outside import Claimed
from eventsvc.ical.confined import read_confined
from eventsvc.ical.reader import Reading
from eventsvc.workflows.outside_calendars import take_reading


@dataclass(frozen=True, slots=True)
class Look:
    """What became of one look: `error` says why it failed; without one, what is known is new, or was still true."""

    calendar_id: int
    error: str = ""
    is_changed: bool = False
    told: int = 0


def refresh_due(fetcher: Fetcher, clock: Callable[[], datetime]) -> Iterator[Look]:
    """Look at every calendar that is due, one after the other, longest due first; opens its own transactions.

    A look that fails leaves what was known as it is, is noted at the calendar, and comes again later each time.
    """
    while claimed := _claim(clock()):
        yield _look(claimed, fetcher, clock)


def _claim(now: datetime) -> Claimed | None:
    with transaction():
        return outside.claim_next(now)


def _look(claimed: Claimed, fetcher: Fetcher, clock: Callable[[], datetime]) -> Look:
    fetched: Fetched | None = None
    reading: Reading | None = None
    error = ""
    asked_at = clock()
    try:
        fetched = fetcher.fetch(claimed.url, etag=claimed.etag, last_modified=claimed.last_modified)
        if fetched is not None:
            reading = read_confined(fetched.body, outside.window(asked_at), claimed.zone)
    except Refusal as refusal:
        error = refusal.detail
    with transaction():
        return _write(claimed, fetched, reading, error, asked_at)


def _write(claimed: Claimed, fetched: Fetched | None, reading: Reading | None, error: str, now: datetime) -> Look:
    calendar = outside.claim_again(claimed)
    if calendar is None:  # replaced, removed, or taken over by somebody quicker
        return Look(claimed.calendar_id)
    if error:
        outside.note_failure(calendar, error, now)
        return Look(calendar.id, error=error)
    if fetched is None or reading is None:
        outside.note_success(calendar, now)
        return Look(calendar.id)
    calendar.etag, calendar.last_modified = fetched.etag, fetched.last_modified
    new, told = take_reading(calendar, reading, now)
    outside.note_success(calendar, now)
    return Look(calendar.id, is_changed=new > 0, told=told)
