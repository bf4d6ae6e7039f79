"""Look at the subscribed calendars that are due: claim, fetch, read, take the entries, note what became of it.

A foreign server and a foreign text take as long as they like, within bounds: no transaction is open meanwhile. Entries
are taken one by one by whoever holds the lease, which is renewed as they go; who loses it stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Refusal
from eventsvc.core.fetch import Fetched, Fetcher
from eventsvc.core.kept_words import keep
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.accounts.roles import Role
from eventsvc.domain.events import imported, subscriptions
from eventsvc.domain.events.imported import ImportedEntry
from eventsvc.domain.events.subscriptions import Claimed, EventSubscription
from eventsvc.ical.occurrences import Entries
from eventsvc.workflows.import_calendar import Report, Taken, read_calendar, take_entries, window
from eventsvc.workflows.import_entry import Into, Outcome

_RENEW_EVERY = 25
# What a page shows of the last reading; every event has its own history in the log.
_MOST_SAID = 60
_QUIET = (Outcome.CREATED, Outcome.UNCHANGED, Outcome.UPDATED)


@dataclass(frozen=True, slots=True)
class Look:
    """What became of one look: why it failed, or how many entries became what; None: nothing had changed there."""

    subscription_id: int
    error: str = ""
    report: Report | None = None


def refresh_due(fetcher: Fetcher, clock: Callable[[], datetime]) -> Iterator[Look]:
    """Look at every subscription that is due, one after the other, longest due first; opens its own transactions.

    A look that fails changes no event, is noted at the subscription, and comes again later each time.
    """
    while claimed := _claim(clock()):
        yield _look(claimed, fetcher, clock)


def _claim(now: datetime) -> Claimed | None:
    with transaction():
        return subscriptions.claim_next(now)


def _look(claimed: Claimed, fetcher: Fetcher, clock: Callable[[], datetime]) -> Look:
    asked_at = clock()
    into = _into(claimed)
    fetched: Fetched | None = None
    entries: Entries | None = None
    error = ""
    try:
        fetched = fetcher.fetch(claimed.url, etag=claimed.etag, last_modified=claimed.last_modified)
        if fetched is not None:
            entries = read_calendar(fetched.body, into, window(asked_at))
    except Refusal as refusal:
        error = refusal.detail
    lease: Claimed | None = claimed
    report: Report | None = None
    if entries is not None:
        report, lease = _take(entries, into, claimed, asked_at, clock)
    with transaction():
        found = subscriptions.claim_again(lease) if lease is not None else None
        if found is None:  # changed, ended, or taken over by somebody quicker
            return Look(claimed.subscription_id, error=error, report=report)
        _write(found, fetched, report, error, asked_at)
    return Look(claimed.subscription_id, error=error, report=report)


def _into(claimed: Claimed) -> Into:
    found = db.session.get_one(EventSubscription, claimed.subscription_id)
    into = Into(
        office_id=found.office_id,
        campus=found.campus.slug if found.campus else None,
        kind=found.kind,
        is_published=found.is_published,
        subscription_id=found.id,
    )
    db.session.rollback()  # nothing stays open while the calendar is fetched
    return into


def _take(
    entries: Entries, into: Into, claimed: Claimed, now: datetime, clock: Callable[[], datetime]
) -> tuple[Report, Claimed | None]:
    """Take the entries as the office would, as long as the lease is ours."""
    # It plans what the office plans, and nothing of others.
    actor = Actor("subscription", (Held(Role.COORDINATOR, office_id=into.office_id),))
    report, lease = Report(warnings=entries.warnings), claimed
    for number, one in enumerate(take_entries(entries, into, window(now), actor=actor, now=now), start=1):
        report.taken.append(one)
        if number % _RENEW_EVERY == 0:
            with transaction():
                renewed = subscriptions.renew(lease, clock())
            if renewed is None:
                return report, None
            lease = renewed
    report.taken += _gone(entries, into, now)
    return report, lease


def _gone(entries: Entries, into: Into, now: datetime) -> list[Taken]:
    """What the calendar does not hold any more, ahead of us: marked for the office to decide, never called off."""
    if not entries.is_whole or into.subscription_id is None:
        return []
    known = imported.known_through(into.subscription_id)
    ahead = [one for one in known if one.is_on and now < one.starts_at < window(now).end]
    gone = [one for one in ahead if one.uid not in entries.uids]
    new = [one.event_id for one in gone if not one.is_gone]
    if new:
        with transaction():
            db.session.execute(update(ImportedEntry).where(ImportedEntry.event_id.in_(new)).values(gone_at=now))
    return [Taken(0, one.uid, one.title, one.starts_at, Outcome.GONE, event_id=one.public_id) for one in gone]


def _write(found: EventSubscription, fetched: Fetched | None, report: Report | None, error: str, now: datetime) -> None:
    if error:
        subscriptions.note_failure(found, error, now)
        return
    if fetched is not None and report is not None:
        found.etag, found.last_modified = fetched.etag, fetched.last_modified
        found.read_at = now
        found.report = _kept(report)
    subscriptions.note_success(found, now)


def _kept(report: Report) -> dict[str, Any]:
    """The counts, and what there is to say, in words that can be said in another language later."""
    worth = [one for one in report.taken if one.outcome not in _QUIET or one.reason or one.warnings]
    return {
        "counts": {str(outcome): report.counts[outcome] for outcome in Outcome},
        "said": [_entry(one) for one in worth[:_MOST_SAID]],
        "unsaid": max(0, len(worth) - _MOST_SAID),
        "warnings": [{"line": line, "detail": keep(words)} for line, words in report.warnings[:_MOST_SAID]],
    }


def _entry(one: Taken) -> dict[str, Any]:
    return {
        "line": one.line,
        "title": one.title,
        "starts": one.starts.isoformat() if one.starts else None,
        "outcome": str(one.outcome),
        "said": [keep(words) for words in ([one.reason] if one.reason else []) + list(one.warnings)],
        "event": str(one.event_id) if one.event_id else None,
    }
