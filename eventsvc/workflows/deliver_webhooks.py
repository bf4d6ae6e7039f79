"""Deliver webhooks: claim under a lease, sign, post with no transaction open, mark.

A crash between the answer and its mark repeats the body with the same id and bytes, under a new time and signature; a
crash elsewhere loses and repeats nothing. Any number of processes may deliver at once. Nothing is promised about the
order in which happenings arrive; each body carries its event's version.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat

from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.core.fetch import Answered
from eventsvc.core.links import Links
from eventsvc.core.times import iso
from eventsvc.domain.outbox.pause import is_paused
from eventsvc.domain.webhooks import deliveries, signing, targets
from eventsvc.domain.webhooks.deliveries import Lease
from eventsvc.domain.webhooks.models import TEST, Off, WebhookDelivery, WebhookTarget
from eventsvc.workflows import reminders_too_late
from eventsvc.workflows.in_charge import to_mailbox

# Several at a time, since a server that hangs would hold up all others; few of one, which is spared.
BATCH, OF_ONE_TARGET = 8, 3
_GONE = 410
# These say that the server cannot take anything now, whatever it is sent.
_NOT_NOW = (408, 425, 429)
log = logging.getLogger(__name__)

Post = Callable[[str, bytes, Mapping[str, str]], Answered]


@dataclass(slots=True)
class Round:
    """What one round did: taken by their targets, and not."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Outgoing:
    lease: Lease
    url: str
    webhook_id: str
    body: bytes
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Try:
    """What one try brought: the status that was answered, or None and the reason."""

    status: int | None
    said: str
    asked_seconds: int = 0

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_of_server(self) -> bool:
        return self.status is None or self.status >= 500 or self.status in _NOT_NOW


def deliver_due(post: Post, links: Links, clock: Callable[[], datetime]) -> Round:
    """Send everything that is due, several at a time; opens and closes its own transactions."""
    done = Round()
    first_due = deliveries.next_due_at()  # a look that locks nothing: mostly there is nothing to do
    if first_due is None or first_due > clock():
        return done
    with ThreadPoolExecutor(BATCH) as threads:
        while batch := _claim(links, clock()):
            # The clock is read here: the threads have no database, and a demo's clock stands in one.
            brought = threads.map(_tried, batch, repeat(post), [clock() for _ in batch])
            for outgoing, tried in zip(batch, brought, strict=True):
                with transaction():
                    _mark(outgoing.lease, tried, clock())
                done.done += tried.is_taken
                done.failed += not tried.is_taken
    return done


def _claim(links: Links, now: datetime) -> list[_Outgoing]:
    with transaction():
        if is_paused():
            return []
        reminders_too_late.note(deliveries.drop_late(now), now)
        rows = deliveries.claim(now, limit=BATCH, of_one_target=OF_ONE_TARGET)
        return [_outgoing(row, links, now) for row in rows]


def _outgoing(row: WebhookDelivery, links: Links, now: datetime) -> _Outgoing:
    secrets = signing.secrets_of(row.target, links.addresses, now)
    return _Outgoing(Lease(row.id, row.attempts), row.target.url, row.webhook_id, row.body.encode(), tuple(secrets))


def _tried(one: _Outgoing, post: Post, now: datetime) -> _Try:
    try:
        answered = post(one.url, one.body, signing.headers_of(one.webhook_id, now, one.body, one.secrets))
    except Refusal as refusal:
        return _Try(None, refusal.detail)
    except Exception as error:  # noqa: BLE001  # one row that cannot be sent must not hold up all others
        log.error("%s could not be sent: %s", one.webhook_id, type(error).__name__)  # its words may name the address
        return _Try(None, type(error).__name__)
    return _Try(answered.status, answered.excerpt, answered.retry_after_seconds or 0)


def _mark(lease: Lease, tried: _Try, now: datetime) -> None:
    row = deliveries.claim_again(lease)
    if row is None:  # taken over, dropped or removed meanwhile
        return
    target = row.target
    deliveries.note_try(row, tried.status, tried.said, now)
    if tried.is_taken:
        deliveries.mark_done(row, now)
        targets.note_success(target, now)
        return
    if tried.status == _GONE and target.is_on:
        targets.switch_off(target, Off.GONE, now)
        tell_of_trouble(target, now)
    elif row.kind != TEST and targets.note_failure(target, now, is_of_server=tried.is_of_server):
        tell_of_trouble(target, now)
    deliveries.mark_failed(row, now, asked_seconds=tried.asked_seconds)


def tell_of_trouble(target: WebhookTarget, now: datetime) -> None:
    """A letter to its office, once: that it fails, or wants nothing any more. The address may be secret, its host not.

    Administrators read of theirs in the log and on the page.
    """
    log.warning("webhook %s %s", target.public_id, "is gone" if not target.is_on else "has failed for a day")
    if target.office is None:
        return
    since = target.failing_since or now
    facts = {
        "webhook": str(target.public_id),
        "host": target.host,
        "note": target.note,
        "is_gone": not target.is_on,
    }
    key = f"webhook:{target.public_id}:{'failing' if target.is_on else 'gone'}:{iso(since)}"
    to_mailbox(target.office, "webhook_trouble", key=key, about="", facts=facts, now=now)
