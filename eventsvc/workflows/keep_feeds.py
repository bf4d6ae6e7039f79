"""Keep the entries of public feeds rendered, so that who asks for a feed waits for none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from eventsvc.core.db import transaction
from eventsvc.core.links import Links
from eventsvc.domain.feeds import stored


def render_behind(links: Links, clock: Callable[[], datetime]) -> Iterator[int]:
    """Render what is behind or missing, 500 entries a transaction; opens its own. Yields how many each one made."""
    while True:
        with transaction():
            made = stored.keep_up(clock().astimezone(UTC).date(), links)
        if not made:
            return
        yield made


def forget_old(clock: Callable[[], datetime]) -> int:
    """Drop the entries of events that no feed shows any more; opens its own transaction. Returns how many."""
    with transaction():
        return stored.forget(clock().astimezone(UTC).date())
