"""When a delivery is tried again, when it is given up, and how long a server that fails is left in peace."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

GIVEN_UP_AFTER = timedelta(days=3)
_WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
)
_JITTER = 0.2
# Whatever Retry-After asks for, a delivery is tried this often.
_LONGEST_ASKED = timedelta(hours=12)
_FIRST_REST, _LONGEST_REST = timedelta(seconds=10), timedelta(minutes=15)


def next_try(key: str, tries: int, give_up_at: datetime, now: datetime, asked_seconds: int = 0) -> datetime | None:
    """When to try again after so many failures; None: no more. The last try is made when the time is over.

    Waits grow from 10 seconds to 12 hours and differ by up to a fifth, so that what failed together does not come back
    together; the same `key` and number always give the same wait. `asked_seconds`: what Retry-After says.
    """
    if now >= give_up_at:
        return None
    wait = _spread(_WAITS[min(tries, len(_WAITS)) - 1], f"{key} {tries}")
    asked = min(timedelta(seconds=asked_seconds), _LONGEST_ASKED)
    return min(now + max(wait, asked), give_up_at)


def rest_after(failures: int) -> timedelta:
    """How long nothing is sent to a server that has failed so often in a row."""
    return min(_FIRST_REST * (1 << min(failures - 1, 10)), _LONGEST_REST)


def _spread(wait: timedelta, seed: str) -> timedelta:
    part = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 0xFFFFFFFF
    return wait * (1 - _JITTER + 2 * _JITTER * part)
